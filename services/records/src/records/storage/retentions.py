"""How long things are kept, and the rows whose time is over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime

from sqlalchemy import delete, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from records.domain.retention import Retention, RetentionNotFound, What
from records.domain.workspace import Workspace
from records.storage.queries import query_of
from records.storage.tables.privacy import retention
from shared.expressions import Filter

_NAMES = [retention.c[each.name] for each in fields(Retention)]


@dataclass(frozen=True)
class Store:
    """Rows that are no records. ``old`` says which are due; ``blank`` empties one, where that can be."""

    table: str
    old: str
    blank: str | None = None


_OF_JOBS = "job_id IN (SELECT id FROM job WHERE finished_at < :before)"
_UNUSED = "NOT EXISTS (SELECT FROM job WHERE state IN ('waiting', 'running') AND input ->> 'upload' = upload.id::text)"
STORES: Mapping[What, Store] = {
    "submissions": Store("submission", "at < :before", "answers = '{}', visitor = NULL"),
    "uploads": Store("upload", f"created_at < :before AND {_UNUSED}"),
    "rejected_rows": Store("rejected_row", _OF_JOBS),
    "exports": Store("export_part", _OF_JOBS),
}


async def every(connection: AsyncConnection) -> list[Retention]:
    rows = await connection.execute(select(*_NAMES).order_by(retention.c.key))
    return [Retention(**row._mapping) for row in rows]  # noqa: SLF001 — SQLAlchemy's public name for it


async def get(connection: AsyncConnection, key: str) -> Retention:
    """Raises `RetentionNotFound`."""
    for each in await every(connection):
        if each.key == key:
            return each
    raise RetentionNotFound(f"There is no retention '{key}'.")


async def put(connection: AsyncConnection, given: Retention) -> None:
    values = insert(retention).values(vars(given))
    await connection.execute(values.on_conflict_do_update(index_elements=["key"], set_=vars(given)))


async def remove(connection: AsyncConnection, key: str) -> None:
    await connection.execute(delete(retention).where(retention.c.key == key))


async def begin(connection: AsyncConnection, today: date) -> Sequence[str]:
    """The keys of those that were not looked at today, which now they are."""
    waiting = or_(retention.c.begun_on.is_(None), retention.c.begun_on < today)
    begun = update(retention).where(retention.c.enabled, waiting).values(begun_on=today).returning(retention.c.key)
    return list((await connection.execute(begun)).scalars())


async def due_records(
    connection: AsyncConnection, workspace: Workspace, project: str, due: Filter, now: datetime, after: str, limit: int
) -> list[tuple[str, datetime]]:
    """A batch of them in the order of their ids, with when each was made."""
    query = query_of(workspace, project, now)
    condition = query.condition(due)
    statement = (
        select(query.record.c.id, query.record.c.created_at).select_from(query.source).where(query.scope, condition)
    )
    if after:
        statement = statement.where(query.record.c.id > after)
    rows = await connection.execute(statement.order_by(query.record.c.id).limit(limit))
    return [(row.id, row.created_at) for row in rows]


async def count_rows(connection: AsyncConnection, given: Retention, before: datetime) -> int:
    store = STORES[given.what]
    counted = f"SELECT count(*) FROM {store.table} WHERE {_old(store, given)}"  # noqa: S608 — names of our own
    return int((await connection.execute(text(counted), {"before": before})).scalar_one())


async def treat_rows(connection: AsyncConnection, given: Retention, before: datetime, limit: int) -> int:
    """Erase or empty a batch of rows; how many."""
    store = STORES[given.what]
    these = f"ctid = ANY(ARRAY(SELECT ctid FROM {store.table} WHERE {_old(store, given)} LIMIT :limit))"  # noqa: S608 — as above
    emptied = f"UPDATE {store.table} SET {store.blank} WHERE {these}"  # noqa: S608 — as above
    gone = f"DELETE FROM {store.table} WHERE {these}"  # noqa: S608 — as above
    statement = text(emptied if given.action == "anonymise" else gone)
    return (await connection.execute(statement, {"before": before, "limit": limit})).rowcount


def _old(store: Store, given: Retention) -> str:
    return f"{store.old} AND answers <> '{{}}'" if given.action == "anonymise" else store.old
