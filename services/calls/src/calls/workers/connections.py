"""Keeps the connections in memory as they are in the database."""

import logging

from calls.usecases.take_delivery import FAULTS, Intake
from shared.database import Wakeup
from shared.http.application import Parts

POLL = 5.0

log = logging.getLogger(__name__)


async def follow_connections(parts: Parts) -> None:
    intake: Intake = parts.state["intake"]
    async with Wakeup(parts.database.url, "connection") as wakeup:
        while True:
            try:
                await intake.refresh()
            except FAULTS:
                log.info("connections stay as they are known: the database is away")
            await wakeup.wait(POLL)
