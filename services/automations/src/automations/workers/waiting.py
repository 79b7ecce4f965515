"""Looks again at runs that could not be decided at once."""

import asyncio

from automations.usecases.decide_waiting import decide_waiting
from shared.http.application import Parts

EVERY_S = 0.25


async def decide_waiting_runs(parts: Parts) -> None:
    """Run until cancelled."""
    while True:
        async with parts.database.transaction() as transaction:
            found = await decide_waiting(transaction, parts.settings)
        if not found:
            await asyncio.sleep(EVERY_S)
