"""Which records a selection holds now: one condition for a query, whatever it is made of."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, false, func, not_, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from records.domain.criteria import Counter, Criteria, Group, read_criteria
from records.domain.selection import LONGEST_CHAIN, Selection, SelectionCycle, SelectionNotFound
from records.domain.workspace import Workspace
from records.storage import selections
from records.storage.tables.activities import activity
from records.storage.tables.selections import call_mark, selection_member
from shared.errors import Invalid
from shared.expressions import Filter, postgres

_COMPARE: Mapping[str, Callable[[Any, Any], ColumnElement[bool]]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
}
SECONDS_A_DAY = 86_400


@dataclass(frozen=True)
class Chosen:
    """A selection with all that it is made of.

    ``uncalled``: without what was marked on its call list. ``may_call`` narrows it to those who may be called.
    """

    selection: Selection
    criteria: Criteria | None = None
    parts: "Sequence[Chosen]" = ()
    uncalled: bool = False
    may_call: Filter | None = None


async def load(
    connection: AsyncConnection, workspace: Workspace, chosen: Selection, now: datetime, above: Sequence[str] = ()
) -> Chosen:
    """As it is now, parts of parts included. Raises `SelectionCycle`, also where it goes on for too long."""
    if chosen.id in above or len(above) >= LONGEST_CHAIN:
        raise SelectionCycle(f"'{chosen.name}' would be made of itself, or of a chain of more than {LONGEST_CHAIN}.")
    criteria = None
    if chosen.kind == "dynamic":
        key = workspace.schema(chosen.project_id).project.key
        criteria = read_criteria(chosen.criteria, key, workspace, now)
    found = await selections.find(connection, chosen.parts) if chosen.parts else {}
    parts = [
        await load(connection, workspace, found[each], now, (*above, chosen.id))
        for each in chosen.parts
        if each in found
    ]
    return Chosen(chosen, criteria, parts)


async def get_seen(connection: AsyncConnection, workspace: Workspace, selection_id: str, now: datetime) -> Selection:
    """Raises `SelectionNotFound`, also for one that `is_seen` keeps."""
    found = await selections.get(connection, selection_id)
    if not await is_seen(connection, workspace, found, now):
        raise SelectionNotFound(f"There is no selection '{selection_id}'.")
    return found


async def is_seen(connection: AsyncConnection, workspace: Workspace, chosen: Selection, now: datetime) -> bool:
    """One that is made by what somebody may not see would tell them of it: for them it is not there."""
    if chosen.project_id not in workspace.schemas:
        return False
    if workspace.policy is None:
        return True
    try:
        await load(connection, workspace, chosen, now)
    except Invalid:
        return False
    return True


def condition(chosen: Chosen, query: postgres.Query, now: datetime) -> ColumnElement[bool]:
    """True of the records it holds, false of all others, never null."""
    held = _held(chosen, query, now)
    if chosen.may_call is not None:
        held = and_(held, func.coalesce(query.condition(chosen.may_call), false()))
    if not chosen.uncalled:
        return held
    marked = select(call_mark.c.record_id).where(
        call_mark.c.selection_id == chosen.selection.id, call_mark.c.state != "open"
    )
    return and_(held, query.record.c.id.not_in(marked))


def _held(chosen: Chosen, query: postgres.Query, now: datetime) -> ColumnElement[bool]:
    if chosen.criteria is not None:
        return _criteria(chosen.criteria, query, now)
    if chosen.selection.kind == "static":
        members = select(selection_member.c.record_id).where(selection_member.c.selection_id == chosen.selection.id)
        return query.record.c.id.in_(members)
    first, *others = [condition(part, query, now) for part in chosen.parts] or [false()]
    match chosen.selection.compare:
        case "intersection":
            return and_(first, *others)
        case "difference":
            return and_(first, not_(or_(false(), *others)))
    return or_(first, *others)


def _criteria(criteria: Criteria, query: postgres.Query, now: datetime) -> ColumnElement[bool]:
    if isinstance(criteria, Counter):
        return _COMPARE[criteria.op](_count(criteria, query, now), criteria.value)
    if not isinstance(criteria, Group):
        return func.coalesce(query.condition(criteria), false())
    parts = [_criteria(part, query, now) for part in criteria.parts]
    if criteria.group == "all":
        return and_(true(), *parts)
    either = or_(false(), *parts)
    return either if criteria.group == "any" else not_(either)


def _count(counter: Counter, query: postgres.Query, now: datetime) -> ColumnElement[Any]:
    if counter.counter == "last_activity_age_days":
        return func.floor(func.extract("epoch", now - query.record.c.last_activity_at) / SECONDS_A_DAY)
    counted = [activity.c.record_id == query.record.c.id, activity.c.deleted_at.is_(None)]
    if counter.since is not None:
        counted.append(activity.c.at >= counter.since)
    if counter.types:
        counted.append(activity.c.type.in_(counter.types))
    if counter.direction is not None:
        counted.append(_direction(counter.direction))
    return select(func.count()).select_from(activity).where(*counted).scalar_subquery()


def _direction(direction: str) -> ColumnElement[bool]:
    """Of calls as the provider said; an e-mail that is written down here was sent from here."""
    called = activity.c.call["direction"].astext.cast(Text) == direction
    return or_(called, activity.c.type == "email") if direction == "outbound" else called
