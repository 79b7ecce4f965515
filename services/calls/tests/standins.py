"""Providers' APIs, as far as we ask them: on this machine, speaking as their documents say."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import uvicorn
from fastapi import FastAPI
from services.calls.tests.running import Running

from calls.gateways.api import Clock
from shared.engines import ports
from shared.testing.service import PATIENCE_SECONDS


@dataclass
class FastClock:
    """Sleeping takes no time, and is noted."""

    time: float = 1_000_000.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds
        await asyncio.sleep(0)


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    (port,) = ports.free_ports(1)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", ws="none"))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task


def quicken(service: Running, clock: Clock) -> None:
    service.app.state.parts["clock"] = clock


async def backfill(service: Running, start: str = "2025-11-18T00:00:00Z", end: str = "2025-11-19T00:00:00Z") -> Any:
    """Ask for the history and wait for the job's end, and for what it brought to be understood."""
    asked = {"from": datetime.fromisoformat(start).isoformat(), "to": end}
    answer = await service.client.post(f"/v1/connections/{service.connection}/backfill", json=asked)
    assert answer.status_code == 202, answer.text
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (job := await service.get(f"/v1/jobs/calls/{answer.json()['id']}"))["state"] in ("waiting", "running"):
            await asyncio.sleep(0.02)
    await service.settled()
    return job
