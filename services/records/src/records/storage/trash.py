"""Records in the trash, and out of it for ever."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, literal, select, text, tuple_
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.ext.asyncio import AsyncConnection

from records.domain.record import Record
from records.storage.records import columns, record_of
from records.storage.tables.records import record

# What is too old, a batch at a time; whoever restores one at this moment wins.
_EXPIRED = text(
    """
    SELECT record.id FROM record LEFT JOIN work_setting USING (project_id)
    WHERE deleted_at < app_now() - make_interval(days => coalesce(purge_after_days, :days))
    ORDER BY deleted_at LIMIT :limit FOR UPDATE OF record SKIP LOCKED
    """
)
_UNLINK = text("DELETE FROM link WHERE target_id = ANY(CAST(:ids AS uuid[]))")
_REMOVE = text("DELETE FROM record WHERE id = ANY(CAST(:ids AS uuid[]))")


async def page(
    connection: AsyncConnection, project_id: str, before: tuple[datetime, str] | None, limit: int
) -> Sequence[Record]:
    """The last thrown away first."""
    statement = (
        select(columns(record))
        .select_from(record)
        .where(record.c.project_id == project_id, record.c.deleted_at.is_not(None))
        .order_by(record.c.deleted_at.desc(), record.c.id.desc())
        .limit(limit)
    )
    if before:
        at, last = literal(before[0], DateTime(timezone=True)), literal(before[1], UUID(as_uuid=False))
        statement = statement.where(tuple_(record.c.deleted_at, record.c.id) < tuple_(at, last))
    return [record_of(row) for row in await connection.execute(statement)]


async def expired(connection: AsyncConnection, days: int, limit: int) -> list[str]:
    """The ids of records that lay there longer than their project keeps them (``days``, where it does not say)."""
    rows: Any = await connection.execute(_EXPIRED, {"days": days, "limit": limit})
    return [str(row.id) for row in rows]


async def purge(connection: AsyncConnection, ids: Sequence[str]) -> None:
    """All that was on them goes with them, and so do the links that led there."""
    await connection.execute(_UNLINK, {"ids": list(ids)})
    await connection.execute(_REMOVE, {"ids": list(ids)})
