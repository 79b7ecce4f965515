"""How many records a change of the schema touches: those that live, not those in the trash."""

from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from records.storage.tables.records import link, record


async def by_list(connection: AsyncConnection, project_id: str, key: str) -> int:
    return await _count(connection, project_id, record.c.list == key)


async def by_field(connection: AsyncConnection, project_id: str, key: str) -> int:
    """Those with a value of it, or a link."""
    linked = select(link.c.record_id).where(link.c.record_id == record.c.id, link.c.field == key).exists()
    return await _count(connection, project_id, or_(record.c["values"].has_key(key), linked))


async def by_tag(connection: AsyncConnection, project_id: str, key: str) -> int:
    return await _count(connection, project_id, record.c.tags.contains([key]))


async def by_project(connection: AsyncConnection, project_id: str) -> int:
    return await _count(connection, project_id)


async def _count(connection: AsyncConnection, project_id: str, *conditions: ColumnElement[Any]) -> int:
    mine = (record.c.project_id == project_id, record.c.deleted_at.is_(None), *conditions)
    return int((await connection.execute(select(func.count()).where(*mine))).scalar_one())
