"""Running a service inside a test: its whole life, with an HTTP client in front of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

import httpx
from fastapi import FastAPI

from shared.database import Database
from shared.database.tables import api_key
from shared.http.keys import key_hash, key_id, new_key

PATIENCE_SECONDS = 20.0
ALL_SCOPES = ["read", "write", "admin", "backdate", "delegate"]


@asynccontextmanager
async def running(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Start the service, wait until it is ready, and stop it after the block."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://service") as client,
    ):
        await _ready(client)
        yield client


async def give_key(database: Database, scopes: list[str] | None = None, user: str | None = None) -> str:
    """A key the service knows without having heard of it from records: a machine's, or a user's."""
    key = new_key()
    row = {"id": key_id(key), "name": "test", "hash": key_hash(key), "scopes": scopes or ALL_SCOPES, "version": 1}
    row |= {"user": user}
    async with database.transaction() as transaction:
        await transaction.execute(api_key.insert().values(row))
    return key


async def _ready(client: httpx.AsyncClient) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (await client.get("/readyz")).status_code != HTTPStatus.OK:
            await asyncio.sleep(0.02)
