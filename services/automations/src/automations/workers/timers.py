"""Fires timers when they come due, by the database's clock."""

import asyncio
import logging
from datetime import timedelta

from automations.settings import Settings
from automations.storage import timers
from automations.usecases.fire_timers import fire_timers, give_pause
from shared import telemetry
from shared.database import Database
from shared.http.application import Parts

# A clock that was moved, or a timer that was set for sooner, is noticed after so long.
POLL_S = 0.5
SHORTEST_S = 0.01

log = logging.getLogger(__name__)
claimed = telemetry.meter.create_counter("timers_claimed", description="Timers that came due, whatever became of them")


async def fire_due_timers(parts: Parts) -> None:
    """Run until cancelled."""
    while True:
        fired = await fire(parts.database, parts.settings)
        claimed.add(fired)
        if fired < parts.settings.timers_at_once:
            await asyncio.sleep(await _until_next(parts.database))


async def fire(database: Database, settings: Settings) -> int:
    """One batch; how many timers it dealt with. One that cannot be fired does not hold up the others."""
    try:
        async with database.transaction() as transaction:
            return len(await fire_timers(transaction, settings, settings.timers_at_once))
    except Exception:
        log.exception("a batch of timers failed; trying them one by one")
        return await _fire_singly(database, settings)


async def _fire_singly(database: Database, settings: Settings) -> int:
    async with database.transaction() as transaction:
        due = [each.id for each in await timers.claim(transaction, settings.timers_at_once)]
    for timer_id in due:
        try:
            async with database.transaction() as transaction:
                await fire_timers(transaction, settings, 1, only=[timer_id])
        except Exception:
            log.exception("timer %s cannot be fired", timer_id)
            async with database.transaction() as transaction:
                await give_pause(transaction, timer_id)
    return len(due)


async def _until_next(database: Database) -> float:
    async with database.transaction() as transaction:
        due_at = await timers.earliest(transaction)
        wait = (due_at - transaction.now) if due_at else timedelta(seconds=POLL_S)
    return min(max(wait.total_seconds(), SHORTEST_S), POLL_S)
