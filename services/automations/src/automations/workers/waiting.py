"""Looks again at runs that could not be decided at once."""

import asyncio
import logging

from automations.storage import runs
from automations.usecases.decide_waiting import decide_waiting
from shared.errors import Unavailable
from shared.http.application import Parts

EVERY_S = 0.25
PAUSE_S = 1.0

log = logging.getLogger(__name__)


async def decide_waiting_runs(parts: Parts) -> None:
    """Run until cancelled."""
    while True:
        try:
            found = await parts.database.glance(runs.ANY_WAITING) and await _decide(parts)
        except Unavailable as error:
            log.warning("runs will be decided later: %s", error)
            await asyncio.sleep(PAUSE_S)
        else:
            await asyncio.sleep(0 if found else EVERY_S)


async def _decide(parts: Parts) -> int:
    async with parts.database.transaction() as transaction:
        return await decide_waiting(transaction, parts.settings)
