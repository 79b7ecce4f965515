"""Takes the bodies of old deliveries: they hold personal data, and all they said is in the facts."""

import asyncio
import logging
from datetime import timedelta

from calls.storage import deliveries
from shared.database import Database
from shared.errors import Unavailable
from shared.http.application import Parts

POLL = 3_600.0
BATCH = 500

log = logging.getLogger(__name__)


async def expire_bodies(parts: Parts) -> None:
    days: int = parts.state["raw_days"]
    while True:
        try:
            while await expire_some(parts.database, days) == BATCH:
                await asyncio.sleep(0)
        except Unavailable as error:
            log.info("old bodies wait for the database: %s", error)
        await asyncio.sleep(POLL)


async def expire_some(database: Database, days: int) -> int:
    """Take up to `BATCH` bodies that are older; returns how many."""
    async with database.transaction() as transaction:
        return await deliveries.expire(transaction, transaction.now - timedelta(days=days), BATCH)
