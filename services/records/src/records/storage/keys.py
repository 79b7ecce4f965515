"""API keys. This service owns them; the table is the one that every service has as a copy."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contracts.records import KeyChanged
from shared.database.tables import api_key


async def add(connection: AsyncConnection, key: KeyChanged) -> bool:
    """False where there is a key of that id already."""
    statement = insert(api_key).values(key.model_dump()).on_conflict_do_nothing()
    return (await connection.execute(statement)).rowcount == 1


async def change(connection: AsyncConnection, key: KeyChanged) -> None:
    await connection.execute(update(api_key).where(api_key.c.id == key.id).values(key.model_dump()))


async def find(connection: AsyncConnection, key_id: str) -> KeyChanged | None:
    """The key, locked until the commit."""
    statement = select(api_key).where(api_key.c.id == key_id).with_for_update()
    row = (await connection.execute(statement)).one_or_none()
    return _key(row) if row else None


async def page(connection: AsyncConnection, after: str | None, limit: int) -> Sequence[KeyChanged]:
    statement = select(api_key).order_by(api_key.c.id).limit(limit)
    rows = await connection.execute(statement.where(api_key.c.id > after) if after else statement)
    return [_key(row) for row in rows]


async def all_changed(connection: AsyncConnection) -> Sequence[KeyChanged]:
    return [_key(row) for row in await connection.execute(select(api_key).order_by(api_key.c.id))]


def _key(row: Row[Any]) -> KeyChanged:
    return KeyChanged(**row._mapping)  # noqa: SLF001 — SQLAlchemy's public name for it
