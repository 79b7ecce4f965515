"""Claims waiting deliveries and settles them. One that breaks us is quarantined and holds nobody up."""

import asyncio
import contextlib
import logging

from sqlalchemy.exc import DBAPIError

from calls.domain.delivery import LONGEST_REASON
from calls.storage import deliveries
from calls.storage.deliveries import Fate
from calls.usecases.normalise import normalise
from calls.usecases.take_delivery import Intake
from shared import telemetry
from shared.database import Database
from shared.errors import Unavailable
from shared.http.application import Parts

BATCH = 100
# More than so many waiting are a backlog: what they say of one call is told at once.
MANY = 50
# The more came the last time, the longer the next wait for company: so many seconds each, fewer commits under load.
LINGER, LONGEST_LINGER = 0.005, 0.15
# Hooks go first: for each that came during a full batch the normaliser leaves them the process for so many seconds.
YIELD = 0.005
POLL = 1.0
PAUSE = 0.5
# Somebody else was at the same calls, or the server is going down: nothing is wrong with the delivery.
PASSING = frozenset({"40001", "40P01", "55P03", "57P01", "57P02", "57P03", "53100", "53200", "53300"})

log = logging.getLogger(__name__)


async def normalise_deliveries(parts: Parts) -> None:
    """Work until cancelled; woken by each arrival in this process, else looking every `POLL` seconds."""
    intake: Intake = parts.state["intake"]
    while True:
        intake.arrived.clear()
        before = intake.stored
        settled = await settle_some(parts.database)
        if settled == BATCH:
            await asyncio.sleep(YIELD * (intake.stored - before))
        else:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL):  # not wait_for, which may swallow a cancellation (see `Wakeup.wait`)
                    await intake.arrived.wait()
                await asyncio.sleep(min(LINGER * settled, LONGEST_LINGER))


async def settle_some(database: Database) -> int:
    """Settle up to `BATCH` deliveries in one transaction; returns how many."""
    try:
        async with database.transaction() as transaction:
            waiting = await deliveries.claim(transaction, BATCH)
            if waiting:
                await normalise(transaction, waiting, together=len(waiting) > MANY)
        return len(waiting)
    except Exception as error:  # noqa: BLE001 — any delivery may be the one that breaks something
        if _passing(error):
            log.info("deliveries will be tried again: %s", _sentence(error))
            await asyncio.sleep(PAUSE)
            return BATCH
        return await _settle_singly(database)


async def _settle_singly(database: Database) -> int:
    """The same one by one, so that only the culprit is quarantined."""
    for _ in range(BATCH):
        if not await _settle_one(database):
            break
    return BATCH


async def _settle_one(database: Database) -> bool:
    culprit: str | None = None
    try:
        async with database.transaction() as transaction:
            waiting = await deliveries.claim(transaction, 1)
            if not waiting:
                return False
            culprit = waiting[0].delivery.id
            await normalise(transaction, waiting)
    except Exception as error:
        if culprit is None or _passing(error):
            raise
        log.exception("delivery %s cannot be settled", culprit)
        async with database.transaction() as transaction:
            await deliveries.settle(transaction, [Fate(culprit, "quarantined", _sentence(error))])
    return True


def _passing(error: Exception) -> bool:
    """Whether trying again may work."""
    if isinstance(error, Unavailable | OSError | TimeoutError):
        return True
    state = getattr(error.orig, "sqlstate", None) if isinstance(error, DBAPIError) else None
    return state in PASSING or (isinstance(error, DBAPIError) and error.connection_invalidated)


def _sentence(error: Exception) -> str:
    said = error.orig if isinstance(error, DBAPIError) else error
    return telemetry.masked(f"it broke our side: {type(said).__name__}: {said}")[:LONGEST_REASON]
