"""Runs, one for each rule and event, and what became of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal, NamedTuple

import orjson
from sqlalchemy import Row, bindparam, delete, func, select, text, update
from uuid_utils.compat import uuid7

from automations.domain.decide import Decision
from automations.domain.names import Facts
from automations.domain.rules import Rule
from automations.storage import steps
from automations.storage.matching import one_of
from automations.storage.tables import run
from shared import telemetry
from shared.contracts.automations import RunFinished
from shared.database import Transaction

Ended = Literal["done", "skipped", "failed", "loop_stopped"]


@dataclass(frozen=True)
class NewRun:
    """A run to be written; without a ``decision`` it waits for what is missing. ``actions`` are their types."""

    rule: Rule
    actions: Sequence[str]
    event_id: str
    record_id: str | None
    decision: Decision | None
    facts: Facts = field(default_factory=Facts)
    depth: int = 0
    origin: tuple[str, ...] = ()
    timer_id: str | None = None
    traceparent: str | None = None
    id: str = field(default_factory=lambda: str(uuid7()))

    @property
    def state(self) -> str:
        return self.decision.state if self.decision else "waiting"


async def add(transaction: Transaction, new: Sequence[NewRun]) -> None:
    """Write the runs with their steps and tell of those that are over already. A rule runs once on an event."""
    if not new:
        return
    rows = [_row(transaction, each) for each in new]
    following = [each for one in new if one.state == "running" for each in steps.rows(one.id, one.actions)]
    parameters = {"runs": orjson.dumps(rows).decode(), "steps": orjson.dumps(following).decode()}
    written = {str(each) for each in (await transaction.execute(_ADD, parameters)).scalars()}
    fresh = [each for each in new if each.id in written]
    for each in fresh:
        if each.decision and each.decision.state != "running":
            told = _Ending(each.id, each.rule.id, each.rule.version, each.record_id)
            _tell(transaction, told, each.decision.state, each.decision.reason)


async def decide(transaction: Transaction, waiting: Row[Any], decided: NewRun) -> None:
    """Give a waiting run its decision, or let it wait on."""
    decision = decided.decision
    if decision is None:
        return
    values = _decision(transaction, decision) | {"record_id": decided.record_id}
    await transaction.execute(update(run).where(run.c.id == waiting.id).values(values))
    if decision.state == "running":
        await steps.add(transaction, waiting.id, decided.actions)
    else:
        told = _Ending(waiting.id, waiting.rule_id, waiting.rule_version, decided.record_id)
        _tell(transaction, told, decision.state, decision.reason)


async def wait_again(transaction: Transaction, run_id: str, pause: timedelta) -> None:
    values = {"tries": run.c.tries + 1, "decide_at": func.clock_timestamp() + pause}
    await transaction.execute(update(run).where(run.c.id == run_id).values(values))


ANY_WAITING = "SELECT EXISTS (SELECT FROM run WHERE state = 'waiting' AND decide_at <= clock_timestamp())"


async def claim_waiting(transaction: Transaction, limit: int) -> list[Row[Any]]:
    due = select(run).where(run.c.state == "waiting", run.c.decide_at <= func.clock_timestamp())
    statement = due.order_by(run.c.decide_at).limit(limit).with_for_update(skip_locked=True)
    return list((await transaction.execute(statement)).all())


async def get(transaction: Transaction, run_id: str, *, lock: bool = False) -> Row[Any] | None:
    statement = select(run).where(run.c.id == run_id)
    return (await transaction.execute(statement.with_for_update() if lock else statement)).one_or_none()


async def get_many(transaction: Transaction, ids: Iterable[str]) -> dict[str, Row[Any]]:
    return {row.id: row for row in await transaction.execute(select(run).where(one_of(run.c.id, ids)))}


async def finish(transaction: Transaction, ended: Sequence[tuple[Row[Any], Ended, str | None]]) -> None:
    """End (run, state, reason) and tell of it, in the trace of the run."""
    if not ended:
        return
    rows = [{"run": each.id, "ended": state, "because": reason} for each, state, reason in ended]
    values = {"state": bindparam("ended"), "reason": bindparam("because"), "finished_at": transaction.now}
    await transaction.execute(update(run).where(run.c.id == bindparam("run")).values(values), rows)
    for each, state, reason in ended:
        transaction.causation, transaction.actor = each.event_id, f"rule:{each.rule_id}"
        with telemetry.continue_from(each.traceparent):
            told = _Ending(each.id, each.rule_id, each.rule_version, each.record_id)
            _tell(transaction, told, state, reason)


async def reopen(transaction: Transaction, run_id: str) -> None:
    values = {"state": "running", "reason": None, "finished_at": None}
    await transaction.execute(update(run).where(run.c.id == run_id).values(values))


async def page(transaction: Transaction, wanted: dict[str, str], before: str | None, limit: int) -> list[Row[Any]]:
    """The newest first; ``wanted`` by column."""
    statement = select(run).order_by(run.c.id.desc()).limit(limit)
    for column, value in wanted.items():
        statement = statement.where(run.c[column] == value)
    if before:
        statement = statement.where(run.c.id < before)
    return list((await transaction.execute(statement)).all())


async def forget(transaction: Transaction, kept: timedelta, skipped_kept: timedelta) -> int:
    """Delete runs that ended longer ago, skipped ones sooner; how many."""
    old = run.c.finished_at < transaction.now - kept
    skipped = (run.c.finished_at < transaction.now - skipped_kept) & (run.c.state == "skipped")
    return (await transaction.execute(delete(run).where(old | skipped))).rowcount


class _Ending(NamedTuple):
    run_id: str
    rule_id: str
    version: int
    record_id: str | None


def _tell(transaction: Transaction, each: _Ending, state: Ended, reason: str | None) -> None:
    transaction.publish(
        RunFinished(
            id=each.run_id,
            rule=each.rule_id,
            rule_version=each.version,
            record=each.record_id,
            state=state,
            reason=reason,
            finished_at=transaction.now,
        )
    )


def _decision(transaction: Transaction, decision: Decision | None) -> dict[str, Any]:
    if decision is None:
        return {"state": "waiting", "reason": None, "why": [], "finished_at": None}
    return {
        "state": decision.state,
        "reason": decision.reason,
        "why": decision.shown_why,
        "finished_at": None if decision.state == "running" else transaction.now,
    }


def _row(transaction: Transaction, each: NewRun) -> dict[str, Any]:
    return _decision(transaction, each.decision) | {
        "id": each.id,
        "rule_id": each.rule.id,
        "rule_version": each.rule.version,
        "event_id": each.event_id,
        "record_id": each.record_id,
        "facts": vars(each.facts),
        "depth": each.depth,
        "origin": list(each.origin),
        "traceparent": each.traceparent or telemetry.traceparent(),
        "timer_id": each.timer_id,
        "tries": 0,
        "created_at": transaction.now,
    }


_ADD = text("""
WITH new AS (
    INSERT INTO run (id, rule_id, rule_version, event_id, record_id, state, reason, why, facts, depth, origin,
                     traceparent, timer_id, tries, created_at, finished_at)
    SELECT id, rule_id, rule_version, event_id, record_id, state, reason, why, facts, depth, origin,
           traceparent, timer_id, tries, created_at, finished_at
    FROM jsonb_to_recordset(CAST(:runs AS jsonb)) AS told (
        id uuid, rule_id uuid, rule_version integer, event_id text, record_id text, state text, reason text, why jsonb,
        facts jsonb, depth integer, origin text[], traceparent text, timer_id uuid, tries integer,
        created_at timestamptz, finished_at timestamptz)
    ON CONFLICT (rule_id, event_id) DO NOTHING
    RETURNING id
),
first_steps AS (
    INSERT INTO step (run_id, step_no, action, state, attempts)
    SELECT run_id, step_no, action, state, 0
    FROM jsonb_to_recordset(CAST(:steps AS jsonb)) AS told (run_id uuid, step_no integer, action text, state text)
    JOIN new ON new.id = told.run_id
)
SELECT id FROM new
""")
