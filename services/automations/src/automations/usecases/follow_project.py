"""The schema of a project changed: keep it, and look anew at the timers whose moments it moves."""

from automations.domain.trigger import TimerTrigger
from automations.domain.triggers import TIMER_TYPES
from automations.storage import projects, rules, timers
from shared.contracts.records import ProjectChanged
from shared.database import Transaction


async def follow_project(transaction: Transaction, event: ProjectChanged) -> None:
    before = await projects.get(transaction, event.id)
    if before and before.version >= event.version:
        return
    await projects.keep(transaction, event)
    for rule in await rules.enabled_in(transaction, event.key, TIMER_TYPES):
        if isinstance(rule.trigger, TimerTrigger) and rule.trigger.is_affected(before, event):
            await timers.look_at_all(transaction, rule.rule.id, rule.rule.project)
