"""From the bus into ClickHouse, in batches; a message is acknowledged only after its rows are on disk.

A repeat, a reorder, a crash between insert and acknowledgement change nothing: rows are versions, the highest wins.
What cannot be understood goes to the dead letters, and its neighbours go on.
"""

import asyncio
import logging
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass

from nats.aio.msg import Msg
from nats.js import JetStreamContext
from opentelemetry.trace import Span, SpanKind
from pydantic import ValidationError

from analytics.domain.facts import Row, facts
from analytics.domain.live import Board, glimpse
from analytics.settings import Settings
from analytics.storage.clickhouse import ClickHouse, DataRefused
from analytics.storage.facts import recent_calls, recent_words
from analytics.usecases.follow import Pulse
from shared import telemetry
from shared.contracts import Event
from shared.contracts.calls import AvailabilityChanged, CallEnded, CallUpdated, SpendChanged
from shared.contracts.records import (
    ActivityLogged,
    RateChanged,
    RecordCreated,
    RecordDeleted,
    RecordMoved,
    RecordRestored,
    RecordUpdated,
)
from shared.database.tables import dead_letter
from shared.errors import Problem
from shared.http.application import Parts
from shared.messaging.consumers import event_in
from shared.messaging.streams import ensure_consumer

MOST_ROWS = 1_000
# One batch is inserted, one waits for it, one is read: with less the bus would hold back in the middle of a batch.
IN_HAND = 4 * MOST_ROWS
LINGER_SECONDS = 0.2
# How long a quiet stream is listened to before asking anew; being stopped waits for it.
QUIET_SECONDS = 0.5
RETRY_SECONDS = 2.0
RECORD_EVENTS = (RecordCreated, RecordUpdated, RecordMoved, RecordDeleted, RecordRestored, ActivityLogged, RateChanged)
CALLS, RECORDS = "analytics-ingest_calls", "analytics-ingest_records"
MESSAGING = {"messaging.system": "nats"}
INGESTS: Mapping[str, Sequence[type[Event]]] = {
    CALLS: (CallUpdated, CallEnded, AvailabilityChanged, SpendChanged),
    RECORDS: RECORD_EVENTS,
}

log = logging.getLogger(__name__)
ingested = telemetry.meter.create_counter("rows_ingested", description="Rows inserted into ClickHouse by table")


@dataclass(frozen=True, slots=True)
class Understood:
    """A message, its span, what it tells and the rows that means."""

    message: Msg
    span: Span
    event: Event
    rows: list[Row]


async def ingest_calls(parts: Parts) -> None:
    """What the board showed before a restart is known to the engine; what comes from the bus is newer or the same."""
    async with parts.database.transaction() as transaction:
        now = transaction.now
    calls = await recent_calls(parts.state["clickhouse"], now)
    words = await recent_words(parts.state["clickhouse"], now)
    board: Board = parts.state["board"]
    board.see(map(glimpse, calls))
    board.roll.hear(words)
    await Ingest(parts, "CALLS", CALLS, INGESTS[CALLS]).run()


async def ingest_records(parts: Parts) -> None:
    await Ingest(parts, "RECORDS", RECORDS, INGESTS[RECORDS]).run()


class Ingest:
    """One durable consumer of one stream."""

    def __init__(self, parts: Parts, stream: str, durable: str, events: Sequence[type[Event]]) -> None:
        self.settings: Settings = parts.settings
        self.database = parts.database
        self.jetstream = parts.jetstream
        self.clickhouse: ClickHouse = parts.state["clickhouse"]
        self.board: Board = parts.state["board"]
        self.pulse: Pulse = parts.state["pulse"]
        self.stream, self.durable = stream, durable
        self.subjects = [event.type for event in events]

    async def run(self) -> None:
        """Ingest until cancelled: one batch is read while the one before is inserted."""
        await ensure_consumer(self.jetstream, self.settings, self.stream, self.durable, self.subjects, in_hand=IN_HAND)
        subscription = await self.jetstream.pull_subscribe_bind(durable=self.durable, stream=self.stream)
        batches: asyncio.Queue[list[Understood]] = asyncio.Queue(maxsize=1)
        settling = asyncio.create_task(self._settle_all(batches))
        try:
            while True:
                await to_the_end(self._read(subscription, batches))
        finally:
            await to_the_end(batches.join())
            settling.cancel()
            await subscription.unsubscribe()

    async def _read(
        self, subscription: JetStreamContext.PullSubscription, batches: asyncio.Queue[list[Understood]]
    ) -> None:
        """The next message, if one comes, with the others that come within `LINGER_SECONDS`: up to `MOST_ROWS`."""
        if first := await _fetch(subscription, 1, QUIET_SECONDS):
            messages = first + await _fetch(subscription, MOST_ROWS - 1, LINGER_SECONDS)
            await batches.put([each for message in messages if (each := await self._understand(message))])

    async def _settle_all(self, batches: asyncio.Queue[list[Understood]]) -> None:
        while True:
            await self._settle(await batches.get())
            batches.task_done()

    async def _settle(self, understood: list[Understood]) -> None:
        """Insert what the messages mean, then acknowledge them; all come again where the engine is not to be had."""
        try:
            await self._insert(understood)
        except Exception as error:  # noqa: BLE001 — whatever the engine's trouble is, nothing was acknowledged
            log.warning("%s will try %d messages again: %s", self.durable, len(understood), error)
            for each in understood:
                await each.message.nak(delay=RETRY_SECONDS)
                each.span.end()
            await asyncio.sleep(RETRY_SECONDS)
            return
        for each in understood:
            await each.message.ack()
            each.span.end()
        if understood:
            self.board.learn(each.event for each in understood)
            await self.pulse.beat()

    async def _understand(self, message: Msg) -> Understood | None:
        """A message is a span of its own trace, from here until its rows are on disk."""
        parent = _traceparent(message)
        name, attributes = f"process {message.subject}", {**MESSAGING, "messaging.consumer.group.name": self.durable}
        span = telemetry.begin(name, parent=parent, kind=SpanKind.CONSUMER, attributes=attributes)
        try:
            event = event_in(message.data)
            rows = facts(event, _trace_id(parent))
        except (Problem, ValidationError, ValueError, KeyError, TypeError) as error:
            await self._bury(message, span, error)
            return None
        return Understood(message, span, event, rows)

    async def _insert(self, understood: list[Understood]) -> None:
        """One insert a table, in a span of its own that is linked to the traces of all its messages."""
        tables: dict[str, list[Row]] = {}
        for row in (row for each in understood for row in each.rows):
            tables.setdefault(row.table, []).append(row)
        links = list(dict.fromkeys(filter(None, (_traceparent(each.message) for each in understood))))
        for table, rows in tables.items():
            with telemetry.span(f"insert {table}", links=links, kind=SpanKind.CLIENT, attributes={"rows": len(rows)}):
                await self._insert_or_split(table, rows, understood)
            ingested.add(len(rows), {"table": table})

    async def _insert_or_split(self, table: str, rows: list[Row], understood: list[Understood]) -> None:
        """A row the engine refuses is found by halving, and only its message is buried."""
        try:
            await self.clickhouse.insert(table, [row.columns for row in rows])
        except DataRefused as refusal:
            if len(rows) > 1:
                middle = len(rows) // 2
                await self._insert_or_split(table, rows[:middle], understood)
                await self._insert_or_split(table, rows[middle:], understood)
                return
            (culprit,) = (each for each in understood if any(row is rows[0] for row in each.rows))
            await self._bury(culprit.message, culprit.span, refusal)
            understood.remove(culprit)

    async def _bury(self, message: Msg, span: Span, error: Exception) -> None:
        """Into the dead letters, then off the stream; with the database away it comes again."""
        span.record_exception(error)
        span.end()
        headers = message.headers or {}
        log.error("%s gave up on %s: %s", self.durable, message.subject, error)
        try:
            async with self.database.transaction() as transaction:
                await transaction.execute(
                    dead_letter.insert().values(
                        consumer=self.durable,
                        event_id=headers.get("Trunkline-Event"),
                        subject=message.subject,
                        body=message.data,
                        reason=f"{type(error).__name__}: {error}"[:2_000],
                        traceparent=_traceparent(message),
                    )
                )
        except Problem:
            await message.nak(delay=RETRY_SECONDS)
        else:
            await message.term()


async def to_the_end(batch: Coroutine[None, None, None]) -> None:
    """Being stopped waits for it: messages asked for but not settled would come again only after a minute."""
    work = asyncio.ensure_future(batch)
    try:
        await asyncio.shield(work)
    except asyncio.CancelledError:
        await asyncio.wait([work])
        raise


async def _fetch(subscription: JetStreamContext.PullSubscription, most: int, seconds: float) -> list[Msg]:
    try:
        return await subscription.fetch(most, timeout=seconds)
    except TimeoutError:
        return []


def _traceparent(message: Msg) -> str | None:
    return (message.headers or {}).get("traceparent")


def _trace_id(traceparent: str | None) -> str:
    """The second part of a W3C traceparent."""
    parts = (traceparent or "").split("-")
    return parts[1] if len(parts) == 4 else ""  # noqa: PLR2004 — version-trace-parent-flags
