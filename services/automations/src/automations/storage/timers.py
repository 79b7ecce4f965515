"""Moments in the future. Every change of them is made inside the transaction of what caused it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, case, cast, delete, func, literal, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from uuid_utils.compat import uuid7

from automations.domain.occurrences import Occurrence
from automations.storage.matching import one_of
from automations.storage.tables import record, timer
from shared import telemetry
from shared.database import Transaction

_pending = timer.c.state == "pending"


async def arm(transaction: Transaction, wanted: Iterable[tuple[str, str, Occurrence]]) -> None:
    """Set timers for (rule, record, occurrence), unless that occurrence has one or the pair has one pending."""
    rows = [_row(transaction, *each) for each in wanted]
    if rows:
        await transaction.execute(insert(timer).on_conflict_do_nothing(), rows)


async def cancel(transaction: Transaction, pairs: Iterable[tuple[str, str]]) -> None:
    """Delete the pending timers of (rule, record)."""
    for rule_id, record_id in pairs:
        which = (timer.c.rule_id == rule_id, timer.c.record_id == record_id, _pending)
        await transaction.execute(delete(timer).where(*which))


async def cancel_record(transaction: Transaction, record_id: str) -> None:
    await transaction.execute(delete(timer).where(timer.c.record_id == record_id, _pending))


async def cancel_rule(transaction: Transaction, rule_id: str) -> None:
    await transaction.execute(delete(timer).where(timer.c.rule_id == rule_id, _pending))


async def look_at_all(transaction: Transaction, rule_id: str, project: str | None) -> None:
    """Have the claimer look at every record of the project: what is to be armed then, it arms. One statement.

    A pending first firing is looked at again, since the rule may now wait longer or shorter; repetitions stay.
    """
    look = f"look/{transaction.now.isoformat()}"
    source = select(
        func.gen_random_uuid(), cast(literal(rule_id), timer.c.rule_id.type), record.c.id, literal(look),
        func.app_now(), literal(0), func.app_now(), literal("pending"), literal(0), func.app_now(),
    ).where(record.c.deleted.is_(False))  # fmt: skip
    if project is not None:
        source = source.where(record.c.project == project)
    names = [
        "id",
        "rule_id",
        "record_id",
        "occurrence_key",
        "epoch",
        "number",
        "due_at",
        "state",
        "attempts",
        "created_at",
    ]
    statement = insert(timer).from_select(names, source)
    again = statement.on_conflict_do_update(
        index_elements=["rule_id", "record_id"],
        index_where=text("state = 'pending'"),
        set_={"due_at": func.app_now()},
        where=timer.c.number <= 1,
    )
    await transaction.execute(again)


async def claim(transaction: Transaction, limit: int, only: Sequence[str] = ()) -> list[Row[Any]]:
    """The longest due timers, locked until the transaction ends; nobody else is given them."""
    due = select(timer).where(_pending, timer.c.due_at <= transaction.now)
    if only:
        due = due.where(one_of(timer.c.id, only))
    statement = due.order_by(timer.c.due_at).limit(limit).with_for_update(skip_locked=True)
    return list((await transaction.execute(statement)).all())


# In how many seconds the next timer is due.
UNTIL_EARLIEST = "SELECT extract(epoch FROM min(due_at) - app_now()) FROM timer WHERE state = 'pending'"


async def finish(transaction: Transaction, ids: Iterable[str]) -> None:
    """These fired."""
    fired = {"state": "done", "fired_at": transaction.now}
    await transaction.execute(update(timer).where(one_of(timer.c.id, ids)).values(fired))


async def drop(transaction: Transaction, ids: Iterable[str]) -> None:
    await transaction.execute(delete(timer).where(one_of(timer.c.id, ids)))


async def postpone(transaction: Transaction, until: dict[str, datetime]) -> None:
    """Look again later, by timer."""
    if until:
        rows = [{"timer": each, "until": moment} for each, moment in until.items()]
        statement = update(timer).where(timer.c.id == bindparam("timer")).values(due_at=bindparam("until"))
        await transaction.connection.execute(statement, rows)


async def fail(transaction: Transaction, timer_id: str, due_at: datetime, attempts: int) -> None:
    """The firing itself broke: try later; after so many ``attempts`` it is ``dead``."""
    state = case((timer.c.attempts + 1 >= attempts, "dead"), else_="pending")
    values = {"attempts": timer.c.attempts + 1, "due_at": due_at, "state": state}
    await transaction.execute(update(timer).where(timer.c.id == timer_id).values(values))


async def page(
    transaction: Transaction, wanted: dict[str, str], after: tuple[datetime, str] | None, limit: int
) -> list[Row[Any]]:
    """By due time, then id; ``wanted`` by column."""
    statement = select(timer).order_by(timer.c.due_at, timer.c.id).limit(limit)
    for column, value in wanted.items():
        statement = statement.where(timer.c[column] == value)
    if after:
        place = tuple_(literal(after[0], timer.c.due_at.type), literal(after[1], timer.c.id.type))
        statement = statement.where(tuple_(timer.c.due_at, timer.c.id) > place)
    return list((await transaction.execute(statement)).all())


def _row(transaction: Transaction, rule_id: str, record_id: str, occurrence: Occurrence) -> dict[str, Any]:
    return {
        "id": str(uuid7()),
        "rule_id": rule_id,
        "record_id": record_id,
        "occurrence_key": occurrence.key,
        "epoch": occurrence.epoch,
        "number": occurrence.number,
        "due_at": occurrence.due_at,
        "state": "pending",
        "attempts": 0,
        "traceparent": telemetry.traceparent(),
        "created_at": transaction.now,
    }
