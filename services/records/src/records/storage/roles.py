"""Roles. This service owns them; the table is the one that every service has as a copy."""

from collections.abc import Sequence

from sqlalchemy import insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.policy import Role
from shared.policy.tables import role


async def lock(connection: AsyncConnection) -> None:
    """Nobody else changes roles until the commit."""
    await connection.execute(text("LOCK TABLE role IN SHARE ROW EXCLUSIVE MODE"))


async def add(connection: AsyncConnection, new: Role) -> None:
    await connection.execute(insert(role).values(new.model_dump()))


async def change(connection: AsyncConnection, changed: Role) -> None:
    await connection.execute(update(role).where(role.c.id == changed.id).values(changed.model_dump()))


async def of_project(connection: AsyncConnection, project_id: str) -> Sequence[Role]:
    """Those that are not deleted, in the order they were made."""
    return await _read(connection, role.c.project == project_id, role.c.deleted.is_(False))


async def everything(connection: AsyncConnection) -> Sequence[Role]:
    """All there were: deleted ones are told, too."""
    return await _read(connection)


async def _read(connection: AsyncConnection, *conditions: object) -> Sequence[Role]:
    found = await connection.execute(select(role).where(*conditions).order_by(role.c.id))  # type: ignore[arg-type]
    return [Role.model_validate(dict(row)) for row in found.mappings()]
