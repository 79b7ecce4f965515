"""A record changed: set the timers of the rules that count time on it, and take down those that no longer do."""

from collections.abc import Sequence

from automations.domain.occurrences import Watched, first
from automations.domain.reading import ReadRule
from automations.domain.trigger import TimerTrigger
from automations.storage import records, timers
from shared.contracts.records import ProjectChanged, RecordSnapshot
from shared.database import Transaction


async def watch_record(
    transaction: Transaction,
    rules: Sequence[ReadRule],
    record: RecordSnapshot,
    pending: frozenset[str],
    project: ProjectChanged | None,
) -> None:
    """``pending``: the rules with a timer on the record.

    A timer that is set stays, whatever happens: it looks at the record's last activity when it comes due.
    """
    if not rules:
        return
    counting = [
        each for each in rules if isinstance(each.trigger, TimerTrigger) and each.trigger.applies(record, project)
    ]
    over = pending & ({each.rule.id for each in rules} - {each.rule.id for each in counting})
    await timers.cancel(transaction, [(each, record.id) for each in over])
    unset = [each for each in counting if each.rule.id not in pending]
    if unset:
        known = await records.watched(transaction, [record.id])
        await arm(transaction, [(each, known[record.id]) for each in unset if record.id in known], project)


async def arm(
    transaction: Transaction, wanted: Sequence[tuple[ReadRule, Watched]], project: ProjectChanged | None
) -> None:
    """Set a timer for each, where there is anything to wait for."""
    found = [
        (rule.rule.id, watched.record.id, occurrence)
        for rule, watched in wanted
        if isinstance(rule.trigger, TimerTrigger)
        if (occurrence := first(rule.trigger, rule.settings, rule.rule.enabled_at, watched, project))
    ]
    await timers.arm(transaction, found)
