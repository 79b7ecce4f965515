"""The outbox relay: facts that are committed go onto the bus, each once, in the order they were written."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

import orjson
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.errors import APIError
from sqlalchemy import Float, Row, cast, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared import telemetry
from shared.contracts.event import stream_of
from shared.database import Database, Wakeup
from shared.database.tables import outbox

CLAIM = 200
# Up to here single publishes, pipelined, are the faster way; above it an atomic batch costs four syncs in all.
PIPELINED = 20
PUBLISH_TIMEOUT = 5.0
# A notification wakes the relay; the poll is the net beneath it.
POLL = 5.0
PAUSE_AFTER_FAULT = 1.0
DUPLICATE_IN_BATCH = 10201
PASSED_ON = ("actor", "depth", "origin")

log = logging.getLogger(__name__)
relayed = telemetry.meter.create_counter("outbox_relayed", description="Events published from the outbox")
oldest = telemetry.meter.create_gauge(
    "outbox_oldest_age", unit="s", description="How long the oldest unpublished event has waited, at the last look"
)

Waiting = Row[int, str, str, str, str | None, float]


@dataclass
class Relay:
    """Publishes what `Transaction.publish` wrote. Any number may run; each row is claimed by one of them."""

    database: Database
    client: Client

    async def run(self) -> None:
        """Relay until cancelled; a fault is logged and tried again."""
        async with Wakeup(self.database.url, "outbox") as wakeup:
            while True:
                try:
                    moved = await self.relay()
                except Exception as error:  # noqa: BLE001 — the relay outlives any fault of its engines
                    log.warning("the relay will try again: %s", error or type(error).__name__)
                    moved = 0
                    await asyncio.sleep(PAUSE_AFTER_FAULT)
                if moved < CLAIM:
                    await wakeup.wait(POLL)

    async def relay(self) -> int:
        """Publish one claim of waiting events and mark them so, in one transaction; returns how many."""
        async with self.database.begin() as connection:
            waiting = await _claim(connection)
            oldest.set(waiting[0].age if waiting else 0.0)
            for stream in dict.fromkeys(stream_of(row.type) for row in waiting):
                await self._publish(connection, [row for row in waiting if stream_of(row.type) == stream])
        relayed.add(len(waiting))
        return len(waiting)

    async def _publish(self, connection: AsyncConnection, rows: Sequence[Waiting]) -> None:
        jetstream = self.client.jetstream(timeout=PUBLISH_TIMEOUT)
        if len(rows) <= PIPELINED:
            sequences = await _publish_singly(jetstream, rows)
        else:
            sequences = await self._publish_atomically(jetstream, rows)
        await connection.execute(_MARK, {"positions": [row.position for row in rows], "sequences": sequences})

    async def _publish_atomically(self, jetstream: JetStreamContext, rows: Sequence[Waiting]) -> list[int]:
        """All or none (ADR-50). A repeated id spoils the whole batch, so then each is published by itself."""
        batch = str(uuid4())
        for number, row in enumerate(rows[:-1], 1):
            await self.client.publish(row.type, row.envelope.encode(), headers=_headers(row, batch, number))
        last = rows[-1]
        headers = _headers(last, batch, len(rows)) | {"Nats-Batch-Commit": "1"}
        answer = await self.client.request(last.type, last.envelope.encode(), PUBLISH_TIMEOUT, headers=headers)
        reply = orjson.loads(answer.data)
        if "error" in reply:
            if reply["error"].get("err_code") == DUPLICATE_IN_BATCH:
                return await _publish_singly(jetstream, rows)
            raise APIError(**{key: reply["error"].get(key) for key in ("code", "description", "err_code")})
        return list(range(reply["seq"] - len(rows) + 1, reply["seq"] + 1))


async def _claim(connection: AsyncConnection) -> Sequence[Waiting]:
    statement = (
        select(outbox.c.position, outbox.c.event_id, outbox.c.type, outbox.c.envelope, outbox.c.traceparent, _AGE)
        .where(outbox.c.published_at.is_(None))
        .order_by(outbox.c.position)
        .limit(CLAIM)
        .with_for_update(skip_locked=True)
    )
    return (await connection.execute(statement)).all()


async def _publish_singly(jetstream: JetStreamContext, rows: Sequence[Waiting]) -> list[int]:
    """In flight together, each with its own timeout: a future of a lost connection would never resolve."""
    acknowledgements = await asyncio.gather(
        *(jetstream.publish(row.type, row.envelope.encode(), headers=_headers(row)) for row in rows)
    )
    return [each.seq for each in acknowledgements]


def _headers(row: Waiting, batch: str | None = None, number: int = 0) -> dict[str, str]:
    envelope = orjson.loads(row.envelope)
    headers = {"Nats-Msg-Id": row.event_id, "Trunkline-Event": row.event_id}
    headers |= {f"Trunkline-{name.title()}": str(envelope[name]) for name in PASSED_ON if envelope.get(name)}
    if row.traceparent:
        headers["traceparent"] = row.traceparent
    if batch:
        headers |= {"Nats-Batch-Id": batch, "Nats-Batch-Sequence": str(number)}
    return headers


_AGE = cast(func.extract("epoch", func.app_now() - outbox.c.created_at), Float).label("age")
_MARK = text(
    """
    UPDATE outbox SET published_at = app_now(), stream_sequence = done.sequence
    FROM unnest(CAST(:positions AS bigint[]), CAST(:sequences AS bigint[])) AS done (position, sequence)
    WHERE outbox.position = done.position
    """
)
