"""Forgets events and runs after their time."""

import asyncio
import logging
from datetime import timedelta

from automations.settings import Settings
from automations.storage import events, runs
from shared.database import Database
from shared.http.application import Parts

EVERY_S = 3_600.0

log = logging.getLogger(__name__)


async def forget_old(parts: Parts) -> None:
    """Run until cancelled."""
    while True:
        await forget(parts.database, parts.settings)
        await asyncio.sleep(EVERY_S)


async def forget(database: Database, settings: Settings) -> None:
    """Delete what is past its time, once."""
    async with database.transaction() as transaction:
        seen = await events.forget(transaction, timedelta(days=settings.events_kept_days))
        skipped = timedelta(days=settings.skipped_runs_kept_days)
        ended = await runs.forget(transaction, timedelta(days=settings.runs_kept_days), skipped)
    log.info("forgot %s events and %s runs", seen, ended)
