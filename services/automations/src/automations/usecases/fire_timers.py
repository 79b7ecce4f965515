"""Timers come due. Firing is one transaction: look again, write the run, mark the timer, tell the bus.

No effect happens here: the run's steps have their own keys.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from automations.domain import hops
from automations.domain.decide import SKIP_WHEN, Decision, Sight, judge
from automations.domain.hops import Looks
from automations.domain.names import Facts
from automations.domain.occurrences import Occurrence, Watched, first, following, is_outdated
from automations.domain.reading import ReadRule, condition
from automations.domain.skips import until
from automations.domain.trigger import TimerTrigger
from automations.domain.workspace import Workspace
from automations.settings import Settings
from automations.storage import records, rules, runs, timers
from automations.storage.runs import NewRun
from automations.usecases.see import see, see_workspace
from shared import telemetry
from shared.contracts.automations import TimerFired
from shared.database import Transaction
from shared.expressions import Filter

Timer = Row[Any]
PAUSE = timedelta(minutes=1)
ATTEMPTS = 10


@dataclass
class _Outcome:
    """What becomes of a batch, written all at once at its end."""

    dropped: list[str] = field(default_factory=list)
    fired: list[str] = field(default_factory=list)
    postponed: dict[str, datetime] = field(default_factory=dict)
    armed: list[tuple[str, str, Occurrence]] = field(default_factory=list)
    runs: list[NewRun] = field(default_factory=list)


async def fire_timers(
    transaction: Transaction, settings: Settings, limit: int, only: Sequence[str] = ()
) -> tuple[timedelta, ...]:
    """Deal with the longest due timers, or with ``only`` these; how late each was."""
    due = await timers.claim(transaction, limit, only)
    if not due:
        return ()
    outcome = await _deal_with(transaction, due, settings)
    await timers.drop(transaction, outcome.dropped)
    await timers.finish(transaction, outcome.fired)
    await timers.postpone(transaction, outcome.postponed)
    await timers.arm(transaction, outcome.armed)
    await runs.add(transaction, outcome.runs)
    return tuple(transaction.now - each.due_at for each in due)


async def give_pause(transaction: Transaction, timer_id: str) -> None:
    """This one cannot be fired just now: the others go on, and in the end without it."""
    await timers.fail(transaction, timer_id, transaction.now + PAUSE, ATTEMPTS)


async def _deal_with(transaction: Transaction, due: Sequence[Timer], settings: Settings) -> _Outcome:
    enabled = await rules.enabled_of(transaction, {each.rule_id for each in due})
    watched = await records.watched(transaction, {each.record_id for each in due})
    workspace = await see_workspace(transaction, settings)
    outcome = _Outcome()
    ready = _sort_out(due, enabled, watched, workspace, transaction.now, outcome)
    sight = await _see(transaction, workspace, ready)
    for each in ready:
        timer = each[0]
        # A new trace, linked to the one in which the timer was set: days may lie between them.
        with (
            telemetry.continue_from(None),
            telemetry.span("fire timer", links=[timer.traceparent] if timer.traceparent else []),
        ):
            _fire(transaction, each, sight, outcome)
    return outcome


Ready = tuple[Timer, ReadRule, Watched]


def _sort_out(
    due: Sequence[Timer],
    enabled: Mapping[str, ReadRule],
    watched: Mapping[str, Watched],
    workspace: Workspace,
    now: datetime,
    outcome: _Outcome,
) -> list[Ready]:
    """Those that fire now. The others are dropped, or moved on to when they are really due."""
    ready: list[Ready] = []
    for timer in due:
        rule, record = enabled.get(timer.rule_id), watched.get(timer.record_id)
        current = _current(rule, record, workspace)
        if rule is None or record is None or current is None:
            outcome.dropped.append(timer.id)
        elif is_outdated(_occurrence(timer), current, now):
            outcome.dropped.append(timer.id)
            outcome.armed.append((timer.rule_id, timer.record_id, current))
        else:
            ready.append((timer, rule, record))
    return ready


def _current(rule: ReadRule | None, record: Watched | None, workspace: Workspace) -> Occurrence | None:
    if rule is None or record is None or not isinstance(rule.trigger, TimerTrigger):
        return None
    project = workspace.projects.get(record.record.project_key)
    return first(rule.trigger, rule.settings, rule.rule.enabled_at, record, project)


def _occurrence(timer: Timer) -> Occurrence:
    return Occurrence(timer.epoch, timer.number, timer.due_at)


async def _see(transaction: Transaction, workspace: Workspace, ready: Sequence[Ready]) -> Sight:
    looks = Looks()
    for rule in {each.rule.id: each for _, each, _ in ready}.values():
        skip_when = rule.trigger.skip_when if isinstance(rule.trigger, TimerTrigger) else None
        looks |= hops.of_rule(rule, workspace)
        looks |= hops.of_written([skip_when] if skip_when else [], rule.rule.project, workspace)
    return (await see(transaction, workspace, [each.record for _, _, each in ready], looks)).sight


def _fire(transaction: Transaction, ready: Ready, sight: Sight, outcome: _Outcome) -> None:
    timer, rule, watched = ready
    skip = _skip(rule, sight)
    if skip and sight.holds(skip, watched.record):
        outcome.postponed[timer.id] = until(skip, watched.record, transaction.now)
        why = sight.explain(skip, watched.record)
        outcome.runs.append(_run(timer, rule, Decision("skipped", SKIP_WHEN, why)))
        return
    outcome.runs.append(_run(timer, rule, judge(rule, watched.record, sight)))
    outcome.fired.append(timer.id)
    transaction.publish(_told(timer, transaction.now))
    again = following(_trigger(rule), _occurrence(timer), transaction.now)
    if again:
        outcome.armed.append((timer.rule_id, timer.record_id, again))


def _trigger(rule: ReadRule) -> TimerTrigger:
    if isinstance(rule.trigger, TimerTrigger):
        return rule.trigger
    raise TypeError(f"the rule {rule.rule.id} has a timer and no timer trigger")


def _skip(rule: ReadRule, sight: Sight) -> Filter | None:
    written = _trigger(rule).skip_when
    return condition(written, rule.rule.project, sight.workspace, "/trigger/skip_when") if written else None


def _run(timer: Timer, rule: ReadRule, decision: Decision) -> NewRun:
    return NewRun(
        rule=rule.rule,
        actions=[each.kind for each in rule.actions],
        event_id=f"timer:{timer.id}:{timer.due_at.isoformat()}",
        record_id=timer.record_id,
        decision=decision,
        facts=Facts(occurrence=timer.number),
        timer_id=timer.id,
        traceparent=telemetry.traceparent(),
    )


def _told(timer: Timer, now: datetime) -> TimerFired:
    return TimerFired(
        id=timer.id,
        rule=timer.rule_id,
        record=timer.record_id,
        occurrence=timer.occurrence_key,
        due_at=timer.due_at,
        fired_at=now,
    )
