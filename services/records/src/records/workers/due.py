"""What happens by itself when its time has come."""

import asyncio
import logging
import time
from datetime import UTC, datetime, timedelta

from records.gateways.blobs import Blobs
from records.storage import exports, workspaces
from records.usecases.empty_trash import BATCH, empty_trash
from records.usecases.keep_file import BATCH as FILES
from records.usecases.keep_file import ORPHANED, forget_files, forget_orphans
from records.usecases.raise_suggestion import suggest_reopening
from shared.errors import Unavailable
from shared.http.application import Parts

POLL_S = 30.0
SWEEP_S = 24 * 3_600.0
PERSON_EXPORTS_KEPT = timedelta(days=7)

log = logging.getLogger(__name__)


async def due(parts: Parts) -> None:
    """Look again and again, until cancelled."""
    swept = -SWEEP_S
    while True:
        try:
            await once(parts)
            if time.monotonic() - swept >= SWEEP_S:
                await sweep(parts)
                swept = time.monotonic()
        except Unavailable as error:
            log.warning("what is due waits for the database: %s", error)
        await asyncio.sleep(POLL_S)


async def once(parts: Parts) -> None:
    """All that is due now, a batch a transaction."""
    while True:
        async with parts.database.transaction() as transaction:
            workspace = await workspaces.current(transaction.connection)
            told = await suggest_reopening(transaction, workspace)
            await exports.forget_expired(transaction.connection, PERSON_EXPORTS_KEPT)
            if await empty_trash(transaction) < BATCH and told < BATCH:
                break
    blobs: Blobs | None = parts.state.get("blobs")
    while blobs:
        async with parts.database.transaction() as transaction:
            if await forget_files(transaction, blobs) < FILES:
                break


async def sweep(parts: Parts) -> None:
    """Delete the bytes that uploads left behind which came to nothing."""
    blobs: Blobs | None = parts.state.get("blobs")
    if blobs:
        async for digests in blobs.before(datetime.now(UTC) - ORPHANED):
            async with parts.database.transaction() as transaction:
                await forget_orphans(transaction, blobs, digests)
