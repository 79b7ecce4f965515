"""Each night asks the providers for their history of the last two days: webhooks that never came are found by it."""

import asyncio
import logging
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from calls.storage import connections, history
from calls.usecases.backfill import ask_for_history, may_be_asked
from shared.database import Database
from shared.errors import Invalid, Unavailable
from shared.http.application import Parts

POLL = 60.0
# The hour from which on a night's work is begun, where the workspace is.
HOUR = 3
BACK = timedelta(days=2)
MOST = 1_000

log = logging.getLogger(__name__)


async def reconcile_nightly(parts: Parts) -> None:
    zone = ZoneInfo(parts.state["timezone"])
    while True:
        try:
            await begin_night(parts.database, zone)
        except Unavailable as error:
            log.info("the night's reconciliation waits for the database: %s", error)
        await asyncio.sleep(POLL)


async def begin_night(database: Database, zone: ZoneInfo) -> int:
    """Ask for the history of every connection that has credentials, once a day; returns of how many."""
    async with database.transaction() as transaction:
        now = transaction.now.astimezone(zone)
        if now.hour < HOUR:
            return 0
        midnight = datetime.combine(now.date(), time(), zone)
        begun = 0
        for connection in await connections.page(transaction, MOST, None):
            if may_be_asked(connection) and not await history.begun(transaction, connection.id, now.date()):
                try:
                    job = await ask_for_history(transaction, connection.id, midnight - BACK, midnight, None)
                except Invalid as refused:
                    log.warning("connection %s cannot be reconciled: %s", connection.id, refused)
                    continue
                begun += await history.begin_night(transaction, connection.id, now.date(), job.id)
        return begun
