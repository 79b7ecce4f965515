"""What surrounds every effect: its trace, its transaction, its inbox row, and what becomes of a failure."""

import logging
from contextlib import suppress
from time import monotonic

from fast_depends import inject
from nats.aio.msg import Msg
from opentelemetry.trace import SpanKind
from sqlalchemy import TextClause, text

from shared import telemetry
from shared.contracts import Event
from shared.database.database import Database
from shared.database.tables import dead_letter
from shared.database.transaction import Transaction, enter
from shared.errors import Problem, Unavailable
from shared.messaging.consumers import Consumer, event_in

ATTEMPTS = 10
# Seconds before the next try, by the number of tries so far; the last holds for all that follow.
BACK_OFF = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0)

log = logging.getLogger(__name__)
consumed = telemetry.meter.create_counter("events_consumed", description="Messages by consumer and what became of them")
effect_duration = telemetry.meter.create_histogram(
    "event_effect_duration",
    unit="s",
    description="From a message's arrival to its effect's commit, by consumer",
    explicit_bucket_boundaries_advisory=[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
)


class Inbox:
    """The consumption of one consumer's messages: a span in the event's trace, a transaction in which it counts once.

    ``stamp`` is the service's (`Service.stamp`).
    """

    def __init__(self, database: Database, stamp: str, consumer: Consumer) -> None:
        self.database, self.consumer = database, consumer
        self._taking = _taking(stamp)
        self._effect = inject(consumer.effect, cast=False)

    async def settle(self, message: Msg) -> None:
        """Acknowledge it after its effect; where that fails, ask for it again later or bury it."""
        event = _understood(message)
        if event and self.consumer.heeding and not self.consumer.heeding(event):
            self._count("unheeded")
            await message.ack()
            return
        durable = self.consumer.durable
        with telemetry.span(
            f"process {message.subject}",
            parent=_headers(message).get("traceparent"),
            kind=SpanKind.CONSUMER,
            attributes={"messaging.system": "nats", "messaging.consumer.group.name": durable},
        ) as span:
            started = monotonic()
            try:
                await self._take_effect(message, event or event_in(message.data))
            except Exception as error:  # noqa: BLE001 — whatever it is, the message has a fate
                telemetry.fail(span, error)
                await self._fate(error, message)
            else:
                await message.ack()
                self._count("done")
                effect_duration.record(monotonic() - started, {"consumer": durable})

    async def _take_effect(self, message: Msg, event: Event) -> None:
        headers = _headers(message)
        asked = {"consumer": self.consumer.durable, "event": headers["Trunkline-Event"]}
        async with self.database.begin() as connection:
            if taken := (await connection.execute(self._taking, asked)).first():
                transaction = _continuing(headers, Transaction(connection, taken.now, stamp=taken.stamp))
                enter(transaction)
                await self._effect(event)
                await transaction.flush()

    async def _fate(self, error: Exception, message: Msg) -> None:
        """A dead letter, or another try; with the database away it is always that."""
        attempts = message.metadata.num_delivered or 1
        if _hopeless(error) or (attempts >= ATTEMPTS and not isinstance(error, Unavailable)):
            with suppress(Unavailable):
                await self._bury(error, message)
                await message.term()
                return
        log.warning("%s will try %s again: %s", self.consumer.durable, message.subject, error)
        self._count("retried")
        await message.nak(delay=BACK_OFF[min(attempts, len(BACK_OFF)) - 1])

    async def _bury(self, error: Exception, message: Msg) -> None:
        headers = _headers(message)
        async with self.database.transaction() as transaction:
            await transaction.execute(
                dead_letter.insert().values(
                    consumer=self.consumer.durable,
                    event_id=headers.get("Trunkline-Event"),
                    subject=message.subject,
                    body=message.data,
                    reason=f"{type(error).__name__}: {error}"[:2_000],
                    traceparent=headers.get("traceparent"),
                )
            )
        self._count("dead")
        log.error("%s gave up on %s: %s", self.consumer.durable, message.subject, error)

    def _count(self, result: str) -> None:
        consumed.add(1, {"consumer": self.consumer.durable, "result": result})


def _headers(message: Msg) -> dict[str, str]:
    return message.headers or {}


def _understood(message: Msg) -> Event | None:
    try:
        return event_in(message.data)
    except (ValueError, KeyError, TypeError):
        return None


def _taking(stamp: str) -> TextClause:
    """The first statement of a consumption: the event's inbox row, the clock and the service's ``stamp``.

    It has no row where the event took effect before.
    """
    return text(
        f"""
        INSERT INTO inbox (consumer, event_id) VALUES (:consumer, :event) ON CONFLICT DO NOTHING
        RETURNING app_now() AS now, {stamp} AS stamp
        """  # noqa: S608 — our own words
    )


def _continuing(headers: dict[str, str], transaction: Transaction) -> Transaction:
    """The transaction as the next of the chain that led to this event."""
    transaction.actor = headers.get("Trunkline-Actor")
    transaction.depth = int(headers.get("Trunkline-Depth", "0"))
    transaction.causation = headers["Trunkline-Event"]
    transaction.origin = tuple(each for each in headers.get("Trunkline-Origin", "").split(",") if each)
    return transaction


def _hopeless(error: Exception) -> bool:
    """Whether trying again would only fail again."""
    if isinstance(error, Unavailable):
        return False
    return isinstance(error, Problem | ValueError | KeyError)
