"""Selections, their members, and what was called of a call list."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from records.domain.identifiers import is_identifier
from records.domain.selection import Selection, SelectionNotFound
from records.storage.tables.selections import call_mark, selection, selection_member
from shared.database.driver import execute

_ADD_MEMBERS = """INSERT INTO selection_member (selection_id, record_id)
    SELECT $1::uuid, unnest($2::uuid[]) ON CONFLICT DO NOTHING"""


async def add(connection: AsyncConnection, new: Selection) -> None:
    await connection.execute(insert(selection).values(vars(new)))


async def change(connection: AsyncConnection, changed: Selection) -> None:
    await connection.execute(update(selection).where(selection.c.id == changed.id).values(vars(changed)))


async def remove(connection: AsyncConnection, selection_id: str) -> None:
    await connection.execute(delete(selection).where(selection.c.id == selection_id))


async def get(connection: AsyncConnection, selection_id: str) -> Selection:
    """Raises `SelectionNotFound`."""
    found = await find(connection, [selection_id]) if is_identifier(selection_id) else {}
    if selection_id not in found:
        raise SelectionNotFound(f"There is no selection '{selection_id}'.")
    return found[selection_id]


async def find(connection: AsyncConnection, ids: Collection[str]) -> dict[str, Selection]:
    rows = await connection.execute(select(selection).where(selection.c.id.in_(ids)))
    return {row.id: _selection(row) for row in rows}


async def page(connection: AsyncConnection, project_id: str | None, after: str | None, limit: int) -> list[Selection]:
    statement = select(selection).order_by(selection.c.id).limit(limit)
    if project_id is not None:
        statement = statement.where(selection.c.project_id == project_id)
    rows = await connection.execute(statement.where(selection.c.id > after) if after else statement)
    return [_selection(row) for row in rows]


async def keyed(connection: AsyncConnection, project_id: str) -> list[Selection]:
    """Those that a configuration made, in the order they were made."""
    mine = (selection.c.project_id == project_id, selection.c.key.is_not(None))
    return [
        _selection(row) for row in await connection.execute(select(selection).where(*mine).order_by(selection.c.id))
    ]


async def made_of(connection: AsyncConnection, selection_id: str) -> Sequence[str]:
    """The names of the combined ones that are made of it."""
    found = select(selection.c.name).where(selection.c.parts.contains([selection_id]))
    return list((await connection.execute(found)).scalars())


async def add_members(connection: AsyncConnection, selection_id: str, ids: Sequence[str]) -> None:
    """Those that are members already stay."""
    await execute(connection, _ADD_MEMBERS, selection_id, list(ids))


async def remove_members(connection: AsyncConnection, selection_id: str, ids: Sequence[str]) -> None:
    mine = selection_member.c.selection_id == selection_id
    await connection.execute(delete(selection_member).where(mine, selection_member.c.record_id.in_(ids)))


async def mark(connection: AsyncConnection, selection_id: str, record_id: str, state: str, actor: str | None) -> None:
    """What became of the record on the call list; the newest mark counts."""
    values = {"selection_id": selection_id, "record_id": record_id, "state": state, "actor": actor}
    statement = upsert(call_mark).values(values)
    news = {"state": state, "actor": actor, "at": func.app_now()}
    await connection.execute(statement.on_conflict_do_update(index_elements=["selection_id", "record_id"], set_=news))


def _selection(row: Row[Any]) -> Selection:
    return Selection(**row._mapping)  # noqa: SLF001 — SQLAlchemy's public name for it
