"""Runs that could not be decided at once, because something had not arrived: look again, and in the end decide."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from automations.settings import Settings
from automations.storage import events, rules, runs
from automations.storage.runs import NewRun
from automations.usecases.decide_rules import decide_rules
from automations.usecases.see import see_workspace
from shared import telemetry
from shared.database import Transaction

# How long a run waits before each look; after the last it is decided with what there is.
PAUSES = (timedelta(seconds=0.5), timedelta(seconds=1.5))
AT_ONCE = 50


async def decide_waiting(transaction: Transaction, settings: Settings) -> int:
    """Look again at those whose pause is over; how many there were."""
    waiting = await runs.claim_waiting(transaction, AT_ONCE)
    for each in waiting:
        with telemetry.continue_from(each.traceparent):
            await _look_again(transaction, each, settings)
    return len(waiting)


async def _look_again(transaction: Transaction, waiting: Row[Any], settings: Settings) -> None:
    last = waiting.tries >= len(PAUSES)
    run = await _decided(transaction, waiting, settings, finally_=last)
    if run is None:
        await runs.finish(
            transaction, [(waiting, "failed", "The event is no longer in the log, or the rule unreadable.")]
        )
    elif run.decision is None:
        await runs.wait_again(transaction, waiting.id, PAUSES[waiting.tries])
    else:
        await runs.decide(transaction, waiting, run)


async def _decided(transaction: Transaction, waiting: Row[Any], settings: Settings, *, finally_: bool) -> NewRun | None:
    key = (waiting.rule_id, waiting.rule_version)
    rule = (await rules.versions(transaction, [key])).get(key)
    happening = await events.get(transaction, waiting.event_id)
    if rule is None or happening is None:
        return None
    workspace = await see_workspace(transaction, settings)
    (run,) = await decide_rules(transaction, [rule], happening, workspace, finally_=finally_)
    return run
