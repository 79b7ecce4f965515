"""Forgetting what has done its duty: sent events, seen events and first answers, after their time."""

import asyncio
import logging
from datetime import timedelta

from sqlalchemy import ColumnElement, Table, delete, func

from shared.database.database import Database
from shared.database.tables import idempotency, inbox, outbox

KEPT = timedelta(days=7)
# Longer than any stream keeps a message, so that a redelivery is always recognised.
INBOX_KEPT = timedelta(days=14)
EVERY = 3_600.0

log = logging.getLogger(__name__)


async def keep_house(database: Database) -> None:
    """Run until cancelled."""
    while True:
        await asyncio.sleep(EVERY)
        try:
            await forget(database)
        except Exception:
            log.exception("housekeeping will try again")


async def forget(database: Database) -> None:
    """Delete what is past its time, once."""
    async with database.transaction() as transaction:
        for table, past in _past():
            await transaction.execute(delete(table).where(past))


def _past() -> list[tuple[Table, ColumnElement[bool]]]:
    return [
        (outbox, outbox.c.published_at < func.app_now() - KEPT),
        (inbox, inbox.c.processed_at < func.app_now() - INBOX_KEPT),
        (idempotency, idempotency.c.created_at < func.app_now() - KEPT),
    ]
