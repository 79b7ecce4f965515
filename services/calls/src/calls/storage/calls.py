"""Calls as rows: the fields of `Call`, with tags and segments as JSON."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, Text, bindparam, cast, func, literal, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from uuid_utils.compat import uuid7

from calls.domain.call import Call, Segment
from calls.storage.among import among, pairs_among
from calls.storage.tables.calls import BEGAN, call, call_alias, call_record, recording_access, survey
from shared.database import Transaction

CallRow = dict[str, Any]
FIELDS = tuple(Call.__dataclass_fields__)
SEGMENT_FIELDS = tuple(Segment.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Heard:
    """A call by its provider's id, and when it was first heard of."""

    connection: str
    provider_call_id: str
    provider: str
    first_seen_at: datetime

    @property
    def name(self) -> tuple[str, str]:
        return (self.connection, self.provider_call_id)


def row_of(folded: Call) -> CallRow:
    """Everything about the call that is derived from facts, as it is stored."""
    row = {name: getattr(folded, name) for name in FIELDS}
    segments = [{name: _json(getattr(each, name)) for name in SEGMENT_FIELDS} for each in folded.segments]
    return row | {"tags": list(folded.tags), "segments": segments, "flags": list(folded.flags)}


def _json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


async def open_calls(transaction: Transaction, heard: Collection[Heard]) -> dict[tuple[str, str], str]:
    """The ids of these calls by (connection, provider's id); those never heard of before are made."""
    if not heard:
        return {}
    rows = [asdict(each) | {"id": str(uuid7()), "version": 0} for each in heard]
    await transaction.execute(insert(call).on_conflict_do_nothing(), rows)
    names = [each.name for each in heard]
    known = select(call.c.id, call.c.connection, call.c.provider_call_id).where(
        pairs_among((call.c.connection, call.c.provider_call_id), names)
    )
    return {(row.connection, row.provider_call_id): row.id for row in await transaction.execute(known)}


async def also_called(transaction: Transaction, connection_id: str, call_id: str, names: Collection[str]) -> set[str]:
    """Other calls that were heard of by one of these names."""
    others = select(call.c.id).where(
        call.c.connection == connection_id, among(call.c.provider_call_id, names), call.c.id != call_id
    )
    return set((await transaction.execute(others)).scalars())


async def talked_with(
    transaction: Transaction, connection_id: str, contact: str, moment: datetime, after: timedelta
) -> str | None:
    """The last answered call with this number that had begun then, and ended not longer ago than that."""
    c = call.c
    theirs = or_(c.from_number == contact, c.to_number == contact), c.external_number == contact
    then = c.started_at <= moment, or_(c.ended_at.is_(None), c.ended_at >= moment - after)
    answered = select(c.id).where(c.connection == connection_id, *theirs, *then, c.talk_s > 0)
    return (await transaction.execute(answered.order_by(c.started_at.desc(), c.id).limit(1))).scalar_one_or_none()


async def locked(transaction: Transaction, ids: Collection[str]) -> dict[str, CallRow]:
    """These calls, which nobody else changes until the commit; always taken in one order."""
    if not ids:
        return {}
    statement = select(call).where(among(call.c.id, ids)).order_by(call.c.id).with_for_update()
    return {row["id"]: dict(row) for row in (await transaction.execute(statement)).mappings()}


async def save(transaction: Transaction, rows: Sequence[CallRow]) -> None:
    if rows:
        names = [name for name in rows[0] if name != "id"]
        statement = update(call).where(call.c.id == bindparam("_id")).values({n: bindparam(f"_{n}") for n in names})
        await transaction.execute(statement, [{f"_{name}": value for name, value in row.items()} for row in rows])


async def find(transaction: Transaction, call_id: str) -> CallRow | None:
    """The call, or the one it turned out to be part of; None also for what is gone."""
    same = select(call.c.merged_into).where(call.c.id == call_id, call.c.merged_into.is_not(None)).scalar_subquery()
    found = select(call).where(call.c.id == func.coalesce(same, literal(call_id, call.c.id.type)), ~call.c.gone)
    row = (await transaction.execute(found)).mappings().one_or_none()
    return dict(row) if row else None


async def merged_into(transaction: Transaction, ids: Collection[str]) -> set[str]:
    """The calls that turned out to be parts of these."""
    if not ids:
        return set()
    parts = select(call.c.id).where(call.c.merged_into.in_(list(ids)))
    return set((await transaction.execute(parts)).scalars())


async def hand_over(transaction: Transaction, ids: Collection[str], call_id: str) -> None:
    """What hangs on these calls hangs on another one from now on."""
    if ids:
        for table in (survey, recording_access):
            await transaction.execute(update(table).where(table.c.call.in_(list(ids))).values(call=call_id))


async def records_of(transaction: Transaction, call_id: str) -> list[str]:
    """The records the call was logged on, in the order of logging."""
    parts = select(cast(call.c.id, Text)).where(call.c.merged_into == call_id)
    logged = (
        select(call_record.c.record)
        .where(or_(call_record.c.call == call_id, call_record.c.call.in_(parts)))
        .order_by(call_record.c.logged_at, call_record.c.activity)
    )
    return list(dict.fromkeys((await transaction.execute(logged)).scalars()))


async def names_of(transaction: Transaction, row: CallRow) -> list[str]:
    """What the provider calls it: its id, then its other names."""
    others = select(call_alias.c.alias).where(
        call_alias.c.call == row["id"], call_alias.c.connection == row["connection"]
    )
    return [row["provider_call_id"], *(await transaction.execute(others.order_by(call_alias.c.alias))).scalars()]


async def note_access(transaction: Transaction, call_id: str, key: str) -> None:
    """Somebody is given the call's recording."""
    row = {"id": str(uuid7()), "call": call_id, "actor": transaction.actor, "key": key, "at": transaction.now}
    await transaction.execute(insert(recording_access).values(row))


async def accesses(transaction: Transaction, call_id: str) -> list[dict[str, Any]]:
    """Newest first."""
    told = select(recording_access).where(recording_access.c.call == call_id).order_by(recording_access.c.at.desc())
    return [dict(row) for row in (await transaction.execute(told.limit(1_000))).mappings()]


async def log_record(transaction: Transaction, row: Mapping[str, Any]) -> None:
    await transaction.execute(insert(call_record).values(row).on_conflict_do_nothing())


@dataclass(frozen=True, slots=True)
class CallFilter:
    """What a list of calls is narrowed to; None does not narrow. ``name`` is one of those its provider has for it."""

    start: datetime | None = None
    end: datetime | None = None
    equals: Mapping[str, str] | None = None
    name: str | None = None
    number: str | None = None


async def page(
    transaction: Transaction, wanted: CallFilter, limit: int, after: tuple[datetime, str] | None
) -> list[CallRow]:
    """Newest first, after the given (began, id)."""
    statement = _narrowed(select(call, BEGAN.label("began")).where(~call.c.gone), wanted)
    if after:
        statement = statement.where(tuple_(BEGAN, call.c.id) < after)
    statement = statement.order_by(BEGAN.desc(), call.c.id.desc()).limit(limit)
    return [dict(row) for row in (await transaction.execute(statement)).mappings()]


def _narrowed(statement: Select[Any], wanted: CallFilter) -> Select[Any]:
    for name, value in (wanted.equals or {}).items():
        statement = statement.where(call.c[name] == value)
    if wanted.name:
        also = select(call_alias.c.call).where(call_alias.c.alias == wanted.name)
        statement = statement.where(or_(call.c.provider_call_id == wanted.name, call.c.id.in_(also)))
    if wanted.start:
        statement = statement.where(wanted.start <= BEGAN)
    if wanted.end:
        statement = statement.where(wanted.end > BEGAN)
    if wanted.number:
        statement = statement.where(or_(call.c.from_number == wanted.number, call.c.to_number == wanted.number))
    return statement
