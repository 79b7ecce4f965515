"""An event comes in: remember what it tells, and give every rule that waits for it its run."""

from automations.domain.happening import Happening, RecordFact, happening_of
from automations.domain.reading import ReadRule
from automations.domain.targets import is_own
from automations.domain.trigger import EventTrigger
from automations.domain.triggers import EVENT_TYPES, TIMER_TYPES
from automations.settings import Settings
from automations.storage import facts, runs, timers
from automations.storage.facts import TakenIn
from automations.usecases.decide_rules import decide_rules
from automations.usecases.see import see_workspace
from automations.usecases.watch_record import watch_record
from shared.contracts.records import ActivityLogged, RecordDeleted
from shared.database import Transaction


async def follow_event(transaction: Transaction, fact: RecordFact, settings: Settings) -> None:
    """All in the transaction of the inbox: replica, log, runs with their steps, timers.

    Where calls turned out to be one, rules have run for its part: nothing new happened.
    """
    if isinstance(fact, ActivityLogged) and fact.replaces:
        return
    happening = happening_of(
        fact,
        transaction.causation or "",
        actor=transaction.actor,
        depth=transaction.depth,
        origin=transaction.origin,
    )
    told = await _take_in(transaction, fact, happening)
    workspace = await see_workspace(transaction, settings, told.projects)
    matching = [each for each in told.rules if waits_for(each, happening)]
    if matching:
        await runs.add(transaction, await decide_rules(transaction, matching, happening, workspace))
    if isinstance(fact, RecordDeleted):
        await timers.cancel_record(transaction, happening.record.id)
    elif told.is_newest:
        counting = [each for each in told.rules if each.trigger.kind in TIMER_TYPES]
        project = workspace.projects.get(happening.record.project_key)
        await watch_record(transaction, counting, happening.record, told.pending, project)


def waits_for(rule: ReadRule, happening: Happening) -> bool:
    """Whether this event is what the rule's trigger is about."""
    trigger = rule.trigger
    if not isinstance(trigger, EventTrigger) or happening.type not in trigger.events:
        return False
    return (trigger.seeks_target or is_own(rule.rule.project, happening.record)) and trigger.matches(happening)


async def _take_in(transaction: Transaction, fact: RecordFact, happening: Happening) -> TakenIn:
    by_event = {kind: each for kind, each in EVENT_TYPES.items() if happening.type in each.events}
    anywhere = {kind for kind, each in by_event.items() if each.seeks_target}
    return await facts.take_in(transaction, fact, happening, {*by_event, *TIMER_TYPES}, anywhere)
