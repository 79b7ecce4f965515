"""Fires timers when they come due, by the database's clock."""

import asyncio
import logging

from automations.settings import Settings
from automations.storage import timers
from automations.usecases.fire_timers import fire_timers, give_pause
from shared import telemetry
from shared.database import Database
from shared.errors import Unavailable
from shared.http.application import Parts

# A clock that was moved, or a timer that was set for sooner, is noticed after so long.
POLL_S = 0.5
SHORTEST_S = 0.01
PAUSE_S = 1.0

log = logging.getLogger(__name__)
lateness = telemetry.meter.create_histogram(
    "timer_lateness",
    unit="s",
    description="From when a timer was due until it was looked at",
    explicit_bucket_boundaries_advisory=[0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 3_600, 86_400],
)


async def fire_due_timers(parts: Parts) -> None:
    """Run until cancelled."""
    while True:
        try:
            wait = await _until_next(parts.database)
            if wait > SHORTEST_S or not await fire(parts.database, parts.settings):
                await asyncio.sleep(wait)
        except Unavailable as error:
            log.warning("timers will be fired later: %s", error)
            await asyncio.sleep(PAUSE_S)


async def fire(database: Database, settings: Settings) -> int:
    """One batch; how many timers it dealt with. One that cannot be fired does not hold up the others."""
    try:
        async with database.transaction() as transaction:
            dealt_with = await fire_timers(transaction, settings, settings.timers_at_once)
    except Unavailable:
        raise
    except Exception:
        log.exception("a batch of timers failed; trying them one by one")
        return await _fire_singly(database, settings)
    for late_by in dealt_with:
        lateness.record(late_by.total_seconds())
    return len(dealt_with)


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
    wait = await database.glance(timers.UNTIL_EARLIEST)
    return min(max(POLL_S if wait is None else float(wait), SHORTEST_S), POLL_S)
