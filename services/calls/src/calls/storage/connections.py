"""Connections as rows."""

from collections.abc import Mapping
from typing import Any

import asyncpg
from orjson import loads
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from calls.domain.connection import Connection
from calls.storage.tables.deliveries import connection
from shared.database import Transaction

FIELDS = [connection.c[name] for name in Connection.__dataclass_fields__]


async def add(transaction: Transaction, new: Connection) -> None:
    row = {name: getattr(new, name) for name in Connection.__dataclass_fields__}
    await transaction.execute(insert(connection).values(**row, created_at=transaction.now, changed_at=transaction.now))


async def change(
    transaction: Transaction, connection_id: str, values: Mapping[str, Any], *, quietly: bool = False
) -> None:
    """Set these fields and raise the version; quietly, it stays for who reads it then."""
    statement = (
        update(connection)
        .where(connection.c.id == connection_id)
        .values(**values, version=connection.c.version + int(not quietly), changed_at=transaction.now)
    )
    await transaction.execute(statement)


async def find(transaction: Transaction, connection_id: str, *, lock: bool = False) -> Connection | None:
    statement = select(*FIELDS).where(connection.c.id == connection_id)
    row = (await transaction.execute(statement.with_for_update() if lock else statement)).mappings().one_or_none()
    return Connection(**row) if row else None


async def every(transaction: Transaction) -> list[Connection]:
    rows = (await transaction.execute(select(*FIELDS).order_by(connection.c.id))).mappings()
    return [Connection(**row) for row in rows]


async def page(transaction: Transaction, limit: int, after: str | None) -> list[Connection]:
    statement = select(*FIELDS).order_by(connection.c.id).limit(limit)
    if after:
        statement = statement.where(connection.c.id > after)
    return [Connection(**row) for row in (await transaction.execute(statement)).mappings()]


async def known(database: asyncpg.Connection, token: str | None = None) -> list[Connection]:
    """All connections, or the one with the token, for the hot path's memory."""
    rows = await database.fetch(_KNOWN, token)
    return [Connection(**{**row, **_decoded(row)}) for row in rows]


_KNOWN = f"SELECT {', '.join(Connection.__dataclass_fields__)} FROM connection WHERE $1::text IS NULL OR token = $1"  # noqa: S608 — our own names


def _decoded(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": str(row["id"]), "secrets": loads(row["secrets"]), "settings": loads(row["settings"])}
