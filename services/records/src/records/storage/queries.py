"""Finding records by a filter, in an order, a page at a time."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Numeric, Row, Select, Text, cast, func, literal, select, true, tuple_
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.ext.asyncio import AsyncConnection

from records.domain.identifiers import is_identifier
from records.domain.record import Record
from records.domain.workspace import Workspace
from records.storage import field_indexes, records, selected
from records.storage.selected import Chosen
from records.storage.tables.records import link, record, stage_entry
from records.storage.tables.schemas import rate
from records.storage.tables.selections import call_mark
from shared.database import Transaction
from shared.errors import Invalid
from shared.expressions import Filter, Sort, parse_filter, postgres
from shared.expressions.postgres_indexes import FieldIndex, for_filter, for_sort

_POSITION = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,2000})?", re.ASCII)
WITHOUT_RATES = postgres.Layout(record=record, link=link, stage=stage_entry)
WITH_RATES = replace(WITHOUT_RATES, rate=rate)


@dataclass(frozen=True)
class Found:
    """A page. ``cursor`` leads to the next, None on the last; ``count`` is of all pages, where it was asked for."""

    records: Sequence[Record]
    cursor: list[Any] | None
    count: int | None


@dataclass(frozen=True)
class Wanted:
    """A checked question for records of one project. Without ``sorts`` they come in the order of the board.

    ``chosen`` narrows them to those of a selection.
    """

    project: str
    condition: Filter
    sorts: tuple[Sort, ...] = ()
    limit: int = 50
    cursor: list[Any] | None = None
    count: bool = False
    chosen: Chosen | None = None


def query_of(workspace: Workspace, project: str, now: datetime) -> postgres.Query:
    return postgres.Query(workspace.expressions, project, layout_of(workspace), now=now)


def layout_of(workspace: Workspace) -> postgres.Layout:
    """Without rates there is nothing to look up, and indexes can hold amounts in the base currency."""
    return WITH_RATES if workspace.has_rates else WITHOUT_RATES


async def find_page(connection: AsyncConnection, workspace: Workspace, wanted: Wanted, now: datetime) -> Found:
    query = query_of(workspace, wanted.project, now)
    await field_indexes.ask_for(connection, workspace, wanted.project, _serving(workspace, wanted))
    rows: list[Row[Any]] = []
    for statement in statements(query, workspace, wanted, now):
        rows += (await connection.execute(statement.limit(wanted.limit + 1 - len(rows)))).all()
        if len(rows) > wanted.limit:
            break
    page = rows[: wanted.limit]
    more = len(rows) > wanted.limit
    cursor = _cursor(query, wanted, page[-1]) if more else None
    count = await _count(connection, workspace, wanted, now) if wanted.count else None
    return Found([records.record_of(row) for row in page], cursor, count)


def statements(query: postgres.Query, workspace: Workspace, wanted: Wanted, now: datetime) -> list[Select[Any]]:
    """What the page is read with: one after the other, until it is full."""
    condition, chosen = query.condition(wanted.condition), _chosen(query, wanted, now)
    order, keys, stretches = _sorted(query, workspace, wanted) if wanted.sorts else _by_board(query, wanted)
    whole = select(records.columns(query.record), *keys).select_from(query.source).order_by(*order)
    return [whole.where(query.scope, condition, *chosen, stretch) for stretch in stretches]


def _serving(workspace: Workspace, wanted: Wanted) -> list[FieldIndex]:
    """The indexes that would help to find and to sort these."""
    layout = layout_of(workspace)
    first = (for_sort(each, workspace.expressions, layout) for each in wanted.sorts[:1])
    return [*filter(None, first), *for_filter(wanted.condition, workspace.expressions, layout)]


async def matching(
    transaction: Transaction, workspace: Workspace, project: str, condition: Any, ids: Collection[str]
) -> set[str]:
    """Those of the ids that are live records of the project and fit the filter."""
    query = query_of(workspace, project, transaction.now)
    where = query.condition(parse_filter(condition, project, workspace.expressions))
    chosen = query.record.c.id.in_(ids)
    statement = select(query.record.c.id).select_from(query.source).where(query.scope, where, chosen)
    return set((await transaction.execute(statement)).scalars())


async def chosen_ids(transaction: Transaction, workspace: Workspace, project: str, chosen: Chosen) -> list[str]:
    """All that a selection holds, in the order in which they were made."""
    query = query_of(workspace, project, transaction.now)
    held = selected.condition(chosen, query, transaction.now)
    statement = select(query.record.c.id).select_from(query.source).where(query.scope, held).order_by(query.record.c.id)
    return list((await transaction.execute(statement)).scalars())


async def marks_of(transaction: Transaction, workspace: Workspace, project: str, selection_id: str) -> dict[str, int]:
    """How many records of a call list have each mark, of those that are there."""
    query = query_of(workspace, project, transaction.now)
    there = select(query.record.c.id).select_from(query.source).where(query.scope)
    mine = (call_mark.c.selection_id == selection_id) & call_mark.c.record_id.in_(there)
    found = select(call_mark.c.state, func.count().label("marked")).where(mine).group_by(call_mark.c.state)
    return {row.state: row.marked for row in await transaction.execute(found)}


async def _count(connection: AsyncConnection, workspace: Workspace, wanted: Wanted, now: datetime) -> int:
    query = query_of(workspace, wanted.project, now)
    condition, chosen = query.condition(wanted.condition), _chosen(query, wanted, now)
    statement = select(func.count()).select_from(query.source).where(query.scope, condition, *chosen)
    return int((await connection.execute(statement)).scalar_one())


def _chosen(query: postgres.Query, wanted: Wanted, now: datetime) -> list[ColumnElement[bool]]:
    return [selected.condition(wanted.chosen, query, now)] if wanted.chosen else []


_Parts = tuple[Sequence[ColumnElement[Any]], Sequence[ColumnElement[Any]], Sequence[ColumnElement[bool]]]


def _sorted(query: postgres.Query, workspace: Workspace, wanted: Wanted) -> _Parts:
    cursor = _plain(wanted.cursor) if wanted.cursor is not None else None
    index = for_sort(wanted.sorts[0], workspace.expressions, query.layout)
    if index and index.name in workspace.indexes:
        stretches = query.stretches(wanted.sorts, cursor)
    else:
        stretches = [query.after(wanted.sorts, cursor) if cursor else true()]
    return query.order(wanted.sorts), query.keys(wanted.sorts), stretches


def _plain(cursor: list[Any]) -> list[Any]:
    """Raises `Invalid` for keys that were never ours: each is a text, true, false or null, the last an id."""
    keys_are_plain = all(isinstance(key, str | bool | None) and "\0" not in str(key) for key in cursor)
    if not (cursor and keys_are_plain and is_identifier(str(cursor[-1]))):
        raise Invalid.at("/cursor", "The cursor does not belong to this query.")
    return cursor


def _by_board(query: postgres.Query, wanted: Wanted) -> _Parts:
    """Positions are exact decimals, so the cursor carries them as text."""
    place = query.record.c.position, query.record.c.id
    after = tuple_(*place) > _place(wanted.cursor) if wanted.cursor is not None else true()
    return place, [cast(query.record.c.position, Text).label("place")], [after]


def _place(cursor: list[Any]) -> ColumnElement[Any]:
    """Raises `Invalid` for a cursor of another order."""
    match cursor:
        case [str(position), str(record_id)] if _POSITION.fullmatch(position) and is_identifier(record_id):
            return tuple_(literal(Decimal(position), Numeric()), literal(record_id, UUID(as_uuid=False)))
    raise Invalid.at("/cursor", "The cursor does not belong to this query.")


def _cursor(query: postgres.Query, wanted: Wanted, last: Row[Any]) -> list[Any]:
    return query.cursor(wanted.sorts, dict(last._mapping)) if wanted.sorts else [last.place, last.id]  # noqa: SLF001 — public
