"""An event comes in: remember what it tells, and give every rule that waits for it its run."""

from automations.domain.happening import Happening, RecordFact, happening_of
from automations.domain.reading import ReadRule
from automations.domain.targets import is_own
from automations.domain.trigger import EventTrigger
from automations.domain.triggers import EVENT_TYPES, TIMER_TYPES
from automations.settings import Settings
from automations.storage import events, records, rules, runs, timers
from automations.usecases.decide_rule import decide_rule
from automations.usecases.see import see_workspace
from automations.usecases.watch_record import watch_record
from shared.contracts.records import RecordDeleted
from shared.database import Transaction


async def follow_event(transaction: Transaction, fact: RecordFact, settings: Settings) -> None:
    """All in the transaction of the inbox: replica, log, runs with their steps, timers."""
    happening = happening_of(
        fact,
        transaction.causation or "",
        actor=transaction.actor,
        depth=transaction.depth,
        origin=transaction.origin,
    )
    deleted = isinstance(fact, RecordDeleted)
    newest = await records.keep(transaction, happening.record, deleted=deleted)
    await records.note_activity(transaction, happening)
    await events.keep(transaction, fact, happening)
    told = await _told(transaction, happening)
    await _run(transaction, [each for each in told if waits_for(each, happening)], happening, settings)
    if deleted:
        await timers.cancel_record(transaction, happening.record.id)
    elif newest:
        await watch_record(transaction, [each for each in told if each.trigger.kind in TIMER_TYPES], happening.record)


def waits_for(rule: ReadRule, happening: Happening) -> bool:
    """Whether this event is what the rule's trigger is about."""
    trigger = rule.trigger
    if not isinstance(trigger, EventTrigger) or happening.type not in trigger.events:
        return False
    return (trigger.seeks_target or is_own(rule.rule.project, happening.record)) and trigger.matches(happening)


async def _told(transaction: Transaction, happening: Happening) -> list[ReadRule]:
    """The rules that this may concern."""
    by_event = {kind: each for kind, each in EVENT_TYPES.items() if happening.type in each.events}
    anywhere = {kind for kind, each in by_event.items() if each.seeks_target}
    kinds = {*by_event, *TIMER_TYPES}
    return await rules.listening(transaction, kinds, happening.record.project_key, anywhere)


async def _run(transaction: Transaction, matching: list[ReadRule], happening: Happening, settings: Settings) -> None:
    if not matching:
        return
    workspace = await see_workspace(transaction, settings)
    decided = [await decide_rule(transaction, each, happening, workspace) for each in matching]
    await runs.add(transaction, decided)
