"""Writes down what was turned away at hooks, for whoever looks at a connection."""

import asyncio
import logging

from calls.storage import upkeep
from calls.usecases.take_delivery import Intake
from shared.errors import Unavailable
from shared.http.application import Parts

PAUSE = 1.0

log = logging.getLogger(__name__)


async def note_refusals(parts: Parts) -> None:
    """At most once a `PAUSE`. What cannot be written is not: it is a diagnosis, not a record."""
    intake: Intake = parts.state["intake"]
    while True:
        await intake.refusals.some.wait()
        try:
            async with parts.database.transaction() as transaction:
                await upkeep.note_refusals(transaction, intake.refusals.taken())
        except Unavailable as error:
            log.info("refusals are not counted: %s", error)
        await asyncio.sleep(PAUSE)
