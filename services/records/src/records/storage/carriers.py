"""The records that carry an option or a tag."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from records.storage.tables.records import record


async def count(connection: AsyncConnection, project_id: str, field: str, key: str) -> int:
    """Those in the trash included: they may come back."""
    found = select(func.count()).select_from(record).where(record.c.project_id == project_id, _has(field, key))
    return int((await connection.execute(found)).scalar_one())


async def following(
    connection: AsyncConnection, project_id: str, field: str | None, key: str, after: str, limit: int
) -> Sequence[str]:
    """The ids of live records behind ``after`` that have the option of the field or, without one, the tag."""
    found = select(record.c.id).where(record.c.project_id == project_id, record.c.deleted_at.is_(None))
    found = found.where(_has(field, key) if field else record.c.tags.contains([key]))
    found = found.where(record.c.id > after) if after else found
    return [row.id for row in await connection.execute(found.order_by(record.c.id).limit(limit))]


def _has(field: str, key: str) -> ColumnElement[Any]:
    """Of a text it asks whether it is the key, of a list whether the key is in it."""
    return func.jsonb_exists(record.c["values"][field], key)
