"""What tests do with a running service."""

import asyncio
import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import httpx
from fastapi import FastAPI
from services.calls.tests.stories import TOKEN
from sqlalchemy import Executable, func, select

from calls.storage.tables import delivery
from shared.database import Database
from shared.database.tables import outbox

PATIENCE_SECONDS = 20.0


@dataclass
class Running:
    app: FastAPI
    client: httpx.AsyncClient
    hook: str = ""
    connection: str = ""

    @property
    def database(self) -> Database:
        found: Database = self.app.state.database
        return found

    async def connect(self, token: str | list[str] = TOKEN, **more: Any) -> None:
        """Make a connection to Aircall; deliveries go to it from now on."""
        asked = {"provider": "aircall", "name": "Sales", "secrets": {"token": token}} | more
        answer = await self.client.post("/v1/connections", json=asked)
        assert answer.status_code == HTTPStatus.CREATED, answer.text
        self.hook, self.connection = answer.json()["hook_path"], answer.json()["id"]

    async def post(self, body: bytes, path: str | None = None, **headers: str) -> httpx.Response:
        return await self.client.post(path or self.hook, content=body, headers=headers)

    async def deliver(self, bodies: list[bytes]) -> None:
        """Post these, one after the other, and wait until all are settled."""
        for body in bodies:
            answer = await self.post(body, traceparent=trace_of(body))
            assert answer.is_success, answer.text
        await self.settled()

    async def settled(self) -> None:
        waiting = select(func.count()).select_from(delivery).where(delivery.c.state == "received")
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await self.one(waiting):
                await asyncio.sleep(0.02)

    async def get(self, path: str, **parameters: Any) -> Any:
        answer = await self.client.get(path, params=parameters)
        assert answer.is_success, answer.text
        return answer.json()

    async def call(self, provider_call_id: str) -> dict[str, Any]:
        """The whole call by its provider's id."""
        (found,) = (await self.get("/v1/calls", provider_call_id=provider_call_id))["items"]
        whole: dict[str, Any] = await self.get(f"/v1/calls/{found['id']}")
        return whole

    async def one(self, statement: Executable) -> Any:
        async with self.database.transaction() as transaction:
            return (await transaction.execute(statement)).scalar_one()

    async def events(self, kind: str | None = None) -> list[dict[str, Any]]:
        """Every envelope written to the outbox, in order."""
        statement = select(outbox.c.envelope).order_by(outbox.c.position)
        async with self.database.transaction() as transaction:
            envelopes = [json.loads(each) for each in (await transaction.execute(statement)).scalars()]
        return [each for each in envelopes if kind in (None, each["type"])]


def trace_of(body: bytes) -> str:
    """A trace of its own for each delivery."""
    return f"00-{abs(hash(body)) + 1:032x}-00f067aa0ba902b7-01"
