"""Saved ways of importing into a project."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from records.storage.tables.transfers import import_profile


async def of_project(connection: AsyncConnection, project_id: str) -> dict[str, Mapping[str, Any]]:
    """What they ask for, by key."""
    found = select(import_profile).where(import_profile.c.project_id == project_id).order_by(import_profile.c.key)
    return {row.key: row.definition for row in await connection.execute(found)}


async def keep(connection: AsyncConnection, project_id: str, key: str, definition: Mapping[str, Any]) -> None:
    new = insert(import_profile).values(project_id=project_id, key=key, definition=dict(definition))
    again = new.on_conflict_do_update(index_elements=["project_id", "key"], set_={"definition": dict(definition)})
    await connection.execute(again)


async def remove(connection: AsyncConnection, project_id: str, key: str) -> None:
    this = (import_profile.c.project_id == project_id, import_profile.c.key == key)
    await connection.execute(delete(import_profile).where(*this))
