"""Running a service inside a test: its whole life, with an HTTP client in front of it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus

import httpx
from fastapi import FastAPI
from sqlalchemy import delete, func, select, text

from shared.database import Database
from shared.database.tables import api_key
from shared.errors import Unavailable
from shared.http.keys import key_hash, key_id, new_key

PATIENCE_SECONDS = 60.0
ATTEMPTS = 5
ALL_SCOPES = ["read", "write", "admin", "backdate", "delegate"]

# All but what migrations write. Without foreign keys in the way, the order does not matter.
EMPTY = """
DO $$
DECLARE name text; names text[] := ARRAY(
    SELECT format('%I', tablename) FROM pg_tables WHERE schemaname = 'public'
    AND tablename NOT IN ('alembic_version', 'app_clock', 'api_key', 'tombstone_key')
    AND tablename <> ALL (string_to_array(current_setting('tests.but'), ',')) ORDER BY tablename
);
BEGIN
    EXECUTE 'LOCK TABLE ' || array_to_string(names, ', ') || ' IN EXCLUSIVE MODE';
    FOREACH name IN ARRAY names LOOP
        EXECUTE 'DELETE FROM ' || name;
    END LOOP;
END $$
"""


@asynccontextmanager
async def running(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Start the service, wait until it is ready, and stop it after the block."""
    async with app.router.lifespan_context(app), client_of(app) as client:
        await _ready(client)
        yield client


def client_of(app: FastAPI, key: str | None = None) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    headers = {"authorization": f"Bearer {key}"} if key else {}
    return httpx.AsyncClient(transport=transport, base_url="http://service", headers=headers)


async def give_key(database: Database, scopes: list[str] | None = None, user: str | None = None) -> str:
    """A key the service knows without having heard of it from records: a machine's, or a user's."""
    key = new_key()
    row = {"id": key_id(key), "name": "test", "hash": key_hash(key), "scopes": scopes or ALL_SCOPES, "version": 1}
    row |= {"user": user}
    async with database.transaction() as transaction:
        await transaction.execute(api_key.insert().values(row))
    return key


async def empty(database: Database, *, key: str = "test", but: Sequence[str] = ()) -> None:
    """Delete every row ``but`` those of these tables and the key of this name; the clock is right again.

    Who is still writing is waited for: a test may leave work behind. Deleting a few rows is quicker than truncating.
    """
    for _ in range(ATTEMPTS):
        with suppress(Unavailable):
            async with database.begin() as connection:
                await connection.execute(text("SET LOCAL session_replication_role = replica"))
                await connection.execute(select(func.set_config("tests.but", ",".join(but), True)))
                await connection.execute(text(EMPTY))
                await connection.execute(delete(api_key).where(api_key.c.name != key))
                await connection.execute(text("""UPDATE app_clock SET "offset" = '0'"""))
                return
    raise AssertionError("the service's work and the emptying of its tables stand in each other's way")


async def _ready(client: httpx.AsyncClient) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (await client.get("/readyz")).status_code != HTTPStatus.OK:
            await asyncio.sleep(0.02)
