"""Brings deliveries home that were spooled while the database was away."""

import asyncio

from calls.usecases.take_delivery import FAULTS, Intake
from shared import telemetry
from shared.http.application import Parts

POLL = 0.5

spooled = telemetry.meter.create_gauge("spool_bytes", description="Bytes of deliveries waiting on disk")


async def drain_spool(parts: Parts) -> None:
    intake: Intake = parts.state["intake"]
    while True:
        try:
            await intake.drain()
            pause = POLL
        except FAULTS:
            pause = 2 * POLL
        spooled.set(intake.spool.size)
        await asyncio.sleep(pause)
