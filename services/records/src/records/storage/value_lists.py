"""Writing value lists: rows in, rows out. Reading them is `records.storage.workspaces`."""

from typing import Any

from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from records.domain.value_list import Item, ValueList
from records.storage.tables.schemas import field, project, value_list, value_list_item


async def add(connection: AsyncConnection, new: ValueList) -> None:
    await connection.execute(insert(value_list).values(_row(new)))
    await add_items(connection, new.key, new.items)


async def change(connection: AsyncConnection, changed: ValueList) -> None:
    await connection.execute(update(value_list).where(value_list.c.key == changed.key).values(_row(changed)))


async def remove(connection: AsyncConnection, key: str) -> None:
    await connection.execute(delete(value_list).where(value_list.c.key == key))


async def add_items(connection: AsyncConnection, key: str, items: tuple[Item, ...]) -> None:
    if items:
        await connection.execute(insert(value_list_item), [vars(item) | {"value_list": key} for item in items])


async def change_item(connection: AsyncConnection, key: str, changed: Item) -> None:
    this = (value_list_item.c.value_list == key, value_list_item.c.key == changed.key)
    await connection.execute(update(value_list_item).where(*this).values(vars(changed)))


async def users_of(connection: AsyncConnection, key: str) -> list[tuple[str, str]]:
    """The fields that take their options from the list: their projects' keys and their own, in the trash too."""
    found = (
        select(project.c.key.label("project"), field.c.key.label("field"))
        .join(project, project.c.id == field.c.project_id)
        .where(text("config ->> 'value_list' = :key").bindparams(key=key), field.c.deleted_at.is_(None))
    )
    rows = await connection.execute(found.order_by(project.c.key, field.c.key))
    return [(row.project, row.field) for row in rows]


def _row(each: ValueList) -> dict[str, Any]:
    return {name: getattr(each, name) for name in value_list.c.keys()}  # noqa: SIM118 — a collection of columns
