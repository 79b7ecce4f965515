"""Writing the schema of projects: rows in, rows out. Reading it is `records.storage.workspaces`."""

from typing import Any

from sqlalchemy import Table, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from records.domain.options import without_options
from records.domain.schema import Field, List, Project, Schema, Tag
from records.domain.workspace import StillNeeded
from records.storage import numbers
from records.storage.tables.records import record
from records.storage.tables.schemas import field, list_, project, tag


async def add_project(connection: AsyncConnection, schema: Schema) -> None:
    await connection.execute(insert(project).values(vars(schema.project)))
    for table, parts in ((list_, schema.lists), (field, schema.fields), (tag, schema.tags)):
        if parts:
            rows = [_row(part) | {"project_id": schema.project.id} for part in parts]
            await connection.execute(insert(table), rows)
    for part in schema.fields:
        await _begin(connection, schema.project.id, part)


async def change_project(connection: AsyncConnection, changed: Project, **others: Any) -> None:
    values = {name: value for name, value in vars(changed).items() if name not in ("id", "key", "created_at")} | others
    await connection.execute(update(project).where(project.c.id == changed.id).values(values))


async def add_part(connection: AsyncConnection, project_id: str, part: List | Field | Tag) -> None:
    await connection.execute(insert(_table(part)).values(_row(part) | {"project_id": project_id}))
    await _begin(connection, project_id, part)


async def change_part(connection: AsyncConnection, project_id: str, part: List | Field | Tag) -> None:
    table = _table(part)
    await connection.execute(update(table).where(*_this(table, project_id, part.key)).values(_row(part)))


async def remove_list(connection: AsyncConnection, project_id: str, key: str) -> None:
    """Raises `StillNeeded` while records stand in it, those in the trash included."""
    try:
        await connection.execute(delete(list_).where(*_this(list_, project_id, key)))
    except IntegrityError as error:
        raise StillNeeded(f"Records stand in the list '{key}', perhaps in the trash; move them first.") from error


async def remove_tag(connection: AsyncConnection, project_id: str, key: str) -> None:
    await connection.execute(delete(tag).where(*_this(tag, project_id, key)))


async def bury_field(connection: AsyncConnection, project_id: str, key: str) -> None:
    """The field is gone, its key taken for ever."""
    await connection.execute(update(field).where(*_this(field, project_id, key)).values(deleted_at=func.app_now()))


async def is_buried(connection: AsyncConnection, project_id: str, key: str) -> bool:
    found = select(field.c.key).where(*_this(field, project_id, key), field.c.deleted_at.is_not(None))
    return (await connection.execute(found)).first() is not None


async def records_with_tag(connection: AsyncConnection, project_id: str, key: str) -> bool:
    found = select(record.c.id).where(record.c.project_id == project_id, record.c.tags.contains([key])).limit(1)
    return (await connection.execute(found)).first() is not None


async def _begin(connection: AsyncConnection, project_id: str, part: List | Field | Tag) -> None:
    """What a field keeps beside the records: the numbers it gives out, the values that tell records apart."""
    if not isinstance(part, Field):
        return
    if part.type == "unique_id" and part.config["sequential"]:
        await numbers.begin(connection, project_id, part.key, part.config["start"])


def _row(part: List | Field | Tag) -> dict[str, Any]:
    return vars(part) | ({"config": without_options(part.config)} if isinstance(part, Field) else {})


def _table(part: List | Field | Tag) -> Table:
    match part:
        case List():
            return list_
        case Field():
            return field
        case Tag():
            return tag


def _this(table: Table, project_id: str, key: str) -> tuple[Any, ...]:
    return table.c.project_id == project_id, table.c.key == key
