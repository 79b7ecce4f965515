"""Reading records: whole, with their links, and on request with their stays in lists."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Row, Select, Text, cast, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncConnection

from records.domain.record import Record, RecordNotFound, StageEntry
from records.storage.driver import fetch
from records.storage.tables import link, record, stage_entry

_OWN = [str(column.name) for column in record.c if column.name != "position"]


def columns(table: FromClause) -> list[ColumnElement[Any]]:
    """What `record_of` wants to find in a row: the columns of ``table`` (`record` or an alias of it) and its links."""
    words = link.c.field + " " + cast(link.c.target_id, Text)
    ordered = aggregate_order_by(words, link.c.field, link.c.position)
    links = select(func.array_agg(ordered)).where(link.c.record_id == table.c.id).scalar_subquery()
    return [*(table.c[name] for name in _OWN), links.label("links")]


def record_of(row: Row[Any], stages: Sequence[StageEntry] = ()) -> Record:
    parts = row._mapping  # noqa: SLF001 — SQLAlchemy's public name for it
    return Record(**{name: parts[name] for name in _OWN}, links=_links(parts["links"]), stages=stages)


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
    found = [_record(row) for row in await fetch(connection, _FIND, list(ids))]
    return {record.id: record for record in found}


async def projects_of(connection: AsyncConnection, ids: Collection[str]) -> dict[str, str]:
    """The ids of the projects of those records that exist and are not in the trash, by id."""
    return {str(row["id"]): str(row["project_id"]) for row in await fetch(connection, _PROJECTS, list(ids))}


async def lock(connection: AsyncConnection, ids: Collection[str]) -> dict[str, Record]:
    """The records, those in the trash included, with their stages, locked until the commit.

    Locked first and read after, so that links and stages are of the same moment as the row; in the order of their
    ids, so that two who lock the same never wait for each other.
    """
    locking = select(record.c.id).where(record.c.id.in_(ids)).order_by(record.c.id).with_for_update(key_share=True)
    await connection.execute(locking)
    rows = (await connection.execute(_READ.where(record.c.id.in_(ids)))).all()
    stages = await _stages(connection, ids)
    return {row.id: record_of(row, stages.get(row.id, ())) for row in rows}


async def with_stages(connection: AsyncConnection, ids: Collection[str]) -> dict[str, Record]:
    """The records that are not in the trash, with their stages, without locking."""
    rows = (await connection.execute(_READ.where(record.c.id.in_(ids), record.c.deleted_at.is_(None)))).all()
    stages = await _stages(connection, ids)
    return {row.id: record_of(row, stages.get(row.id, ())) for row in rows}


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


def _record(row: Mapping[str, Any]) -> Record:
    """As `record_of`, of a row of the driver, where ids are objects."""
    parts = {name: row[name] for name in _OWN}
    own = {"id": str(row["id"]), "project_id": str(row["project_id"])}
    return Record(**parts | own, links=_links(row["links"]))


_PROJECTS = "SELECT id, project_id FROM record WHERE id = ANY($1::uuid[]) AND deleted_at IS NULL"
_READ: Select[Any] = select(*columns(record))
_NAMES = ", ".join(f'"{name}"' for name in _OWN)
_FIND = f"""
    SELECT {_NAMES}, (
        SELECT array_agg(link.field || ' ' || link.target_id ORDER BY link.field, link.position)
        FROM link WHERE link.record_id = record.id) AS links
    FROM record WHERE id = ANY($1::uuid[]) AND deleted_at IS NULL
    """  # noqa: S608 — names of our own columns
