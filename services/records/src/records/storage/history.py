"""The versions a record has had."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from records.storage.tables import change


async def page(connection: AsyncConnection, record_id: str, before: int | None, limit: int) -> list[dict[str, Any]]:
    """The newest first, from below the version ``before``."""
    statement = (
        select(change.c.version, change.c.at, change.c.actor, change.c.kind, change.c.changes)
        .where(change.c.record_id == record_id)
        .order_by(change.c.version.desc())
        .limit(limit)
    )
    rows = await connection.execute(statement.where(change.c.version < before) if before is not None else statement)
    return [{str(name): value for name, value in row.items()} for row in rows.mappings()]
