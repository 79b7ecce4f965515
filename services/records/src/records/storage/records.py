"""Reading records: whole, with their links, and on request with their stays in lists."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import TextClause, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.selectable import NamedFromClause

from records.domain.record import Record, RecordNotFound, StageEntry
from records.domain.workspace import Workspace
from records.storage.tables.records import link, record, stage_entry
from shared.database.driver import execute, fetch

Key = TypeVar("Key")
_OWN = [str(column.name) for column in record.c if column.name != "position"]
_IDS = ("id", "project_id")
_PARTS = (*_OWN, "links")


def columns(table: NamedFromClause) -> TextClause:
    """What `record_of` wants to find first in a row: the columns of ``table`` (`record` or an alias of it), and links.

    A text, or SQLAlchemy would look at each column of each row, which costs more than to read them.
    """
    return text(_columns(table.name))


def _columns(alias: str) -> str:
    own = ", ".join(f'{alias}."{name}"{"::text" if name in _IDS else ""}' for name in _OWN)
    return f"""{own}, (
        SELECT array_agg(link.field || ' ' || link.target_id ORDER BY link.field, link.position)
        FROM link WHERE link.record_id = {alias}.id) AS links"""  # noqa: S608 — names of our own columns


def record_of(row: Iterable[Any], stages: Sequence[StageEntry] = ()) -> Record:
    """Of a row as the driver gives it."""
    parts = dict(zip(_PARTS, row, strict=False))
    return Record.of({**parts, "links": _links(parts["links"]), "stages": stages})


def _links(words: Sequence[str] | None) -> dict[str, list[str]]:
    links: dict[str, list[str]] = {}
    for word in words or ():
        key, _, target = word.partition(" ")
        links.setdefault(key, []).append(target)
    return links


async def get(connection: AsyncConnection, record_id: str) -> Record:
    """The record, unless it is in the trash. Raises `RecordNotFound`."""
    found = await find(connection, [record_id])
    if record_id not in found:
        raise RecordNotFound(record_id)
    return found[record_id]


async def find(connection: AsyncConnection, ids: Collection[str]) -> dict[str, Record]:
    """Those of the records that exist and are not in the trash, by id."""
    return _by_id(record_of(row) for row in await fetch(connection, _FIND, list(ids)))


async def among_seen(
    connection: AsyncConnection, workspace: Workspace, found: Mapping[Key, list[str]]
) -> dict[Key, list[str]]:
    """What was found by its contents, without the records that are not there for whoever sees the workspace."""
    if workspace.policy is None:
        return dict(found)
    seen = workspace.shown(await find(connection, {each for ids in found.values() for each in ids}))
    kept = {key: [each for each in ids if each in seen] for key, ids in found.items()}
    return {key: ids for key, ids in kept.items() if ids}


async def projects_of(connection: AsyncConnection, ids: Collection[str]) -> dict[str, str]:
    """The ids of the projects of those records that exist and are not in the trash, by id."""
    return {str(row["id"]): str(row["project_id"]) for row in await fetch(connection, _PROJECTS, list(ids))}


async def lock(connection: AsyncConnection, ids: Collection[str]) -> dict[str, Record]:
    """The records, those in the trash included, with their stages, locked until the commit.

    Locked first and read after, so that links and stages are of the same moment as the row; in the order of their
    ids, so that two who lock the same never wait for each other.
    """
    await execute(connection, _LOCK, list(ids))
    return await _with_stages(connection, ids)


async def with_stages(connection: AsyncConnection, ids: Collection[str]) -> dict[str, Record]:
    """The records that are not in the trash, with their stages, without locking."""
    found = await _with_stages(connection, ids)
    return {key: each for key, each in found.items() if each.deleted_at is None}


async def _with_stages(connection: AsyncConnection, ids: Collection[str]) -> dict[str, Record]:
    rows = await fetch(connection, _READ, list(ids))
    return _by_id(record_of(row, _stays(row["lists"], row["entered"], row["left"])) for row in rows)


def _stays(lists: Sequence[str] | None, *times: Sequence[datetime | None]) -> tuple[StageEntry, ...]:
    return tuple(map(StageEntry, lists, *times)) if lists else ()


async def referring(connection: AsyncConnection, record_id: str) -> list[tuple[str, str, int]]:
    """Through which references live records lead to it: their project's id, the field's key, and how many."""
    found = (
        select(record.c.project_id, link.c.field, func.count())
        .join(link, record.c.id == link.c.record_id)
        .where(link.c.target_id == record_id, record.c.deleted_at.is_(None))
        .group_by(record.c.project_id, link.c.field)
    )
    return [(project, field, count) for project, field, count in await connection.execute(found)]


async def and_stages(connection: AsyncConnection, known: Mapping[str, Record]) -> dict[str, Record]:
    """The same records with their stages."""
    stages = await _stages(connection, known)
    return {key: replace(record, stages=stages.get(key, ())) for key, record in known.items()}


async def _stages(connection: AsyncConnection, ids: Collection[str]) -> dict[str, list[StageEntry]]:
    statement = (
        select(stage_entry.c.record_id, stage_entry.c.list, stage_entry.c.entered_at, stage_entry.c.left_at)
        .where(stage_entry.c.record_id.in_(ids))
        .order_by(stage_entry.c.record_id, stage_entry.c.number)
    )
    found: dict[str, list[StageEntry]] = {}
    entered: datetime
    for record_id, list_, entered, left in await connection.execute(statement):
        found.setdefault(record_id, []).append(StageEntry(list_, entered, left))
    return found


def _by_id(found: Iterable[Record]) -> dict[str, Record]:
    return {each.id: each for each in found}


_PROJECTS = "SELECT id, project_id FROM record WHERE id = ANY($1::uuid[]) AND deleted_at IS NULL"
_FIND = f"SELECT {_columns('record')} FROM record WHERE id = ANY($1::uuid[]) AND deleted_at IS NULL"  # noqa: S608 — as above
_LOCK = "SELECT FROM record WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE"
_READ = f"""
    SELECT {_columns("record")}, stays.* FROM record, LATERAL (
        SELECT array_agg(list ORDER BY number) AS lists, array_agg(entered_at ORDER BY number) AS entered,
            array_agg(left_at ORDER BY number) AS left
        FROM stage_entry WHERE record_id = record.id) AS stays
    WHERE id = ANY($1::uuid[])
    """  # noqa: S608 — as above
