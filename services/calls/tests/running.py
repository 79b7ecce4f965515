"""What tests do with a running service."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

import httpx
from fastapi import FastAPI
from services.calls.tests.stories import TOKEN
from sqlalchemy import Executable, func, select, text

from calls.domain.hook import HookRequest
from calls.storage.tables.deliveries import delivery
from shared.database import Database
from shared.database.tables import outbox
from shared.testing.service import PATIENCE_SECONDS

_HTTPX = {"body": "content"}


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
        await self.connect_to("aircall", {"token": token}, **more)

    async def connect_to(self, provider: str, secrets: Mapping[str, Any], **more: Any) -> None:
        asked = {"provider": provider, "name": "Sales", "secrets": dict(secrets)} | more
        answer = await self.client.post("/v1/connections", json=asked)
        assert answer.status_code == HTTPStatus.CREATED, answer.text
        self.hook, self.connection = answer.json()["hook_path"], answer.json()["id"]

    async def post(self, body: bytes, path: str | None = None, **headers: str) -> httpx.Response:
        return await self.client.post(path or self.hook, content=body, headers=headers)

    async def post_as(self, request: HookRequest, **other: Any) -> httpx.Response:
        """As this request was sent, to our hook's address, with something else of it changed."""
        below = (
            self.hook + (f"/{request.path}" if request.path else "") + (f"?{request.query}" if request.query else "")
        )
        sent = {"content": request.body, "headers": dict(request.headers)}
        return await self.client.post(below, **sent | {_HTTPX.get(name, name): value for name, value in other.items()})

    async def send(self, request: HookRequest) -> httpx.Response:
        """At the moment it was received, with a test clock."""
        await self.set_clock(request.received_at)
        return await self.post_as(request)

    async def set_clock(self, moment: datetime) -> None:
        async with self.database.transaction() as transaction:
            move = 'UPDATE app_clock SET "offset" = :moment - clock_timestamp()'
            await transaction.execute(text(move), {"moment": moment})

    async def deliver(self, bodies: list[bytes]) -> None:
        """Post these, one after the other, and wait until all are settled."""
        for body in bodies:
            answer = await self.post(body, traceparent=trace_of(body))
            assert answer.is_success, answer.text
        await self.settled()

    async def refreshed(self) -> None:
        """Until the hooks know every change to a connection."""
        await self.app.state.parts["intake"].refresh()

    async def settled(self, patience: float = PATIENCE_SECONDS) -> None:
        waiting = select(func.count()).select_from(delivery).where(delivery.c.state == "received")
        async with asyncio.timeout(patience):
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
