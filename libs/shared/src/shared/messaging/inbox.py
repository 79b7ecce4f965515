"""What surrounds every effect: its trace, its transaction, its inbox row, and what becomes of a failure."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from time import monotonic
from typing import Any

import orjson
from fast_depends.exceptions import ValidationError
from faststream import ContextRepo
from faststream.exceptions import NackMessage, RejectMessage
from faststream.message import StreamMessage
from faststream.middlewares import BaseMiddleware
from opentelemetry.trace import SpanKind
from sqlalchemy import TextClause, text

from shared import telemetry
from shared.database.database import Database
from shared.database.tables import dead_letter
from shared.database.transaction import Transaction, enter
from shared.errors import Problem, Unavailable
from shared.messaging.consumers import Heeding

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


class Inbox(BaseMiddleware[Any, Any]):
    """One consumption: a span in the event's trace and a transaction in which the event counts once.

    ``taking`` is the statement made by `taking`; ``heeding`` says, by consumer, which events have an effect.
    """

    def __init__(
        self,
        msg: Any,
        /,
        *,
        context: ContextRepo,
        database: Database,
        taking: TextClause,
        heeding: Mapping[str, Heeding],
    ) -> None:
        super().__init__(msg, context=context)
        self.database, self.taking, self.heeding = database, taking, heeding

    async def consume_scope(self, call_next: Callable[[Any], Awaitable[Any]], msg: StreamMessage[Any]) -> Any:
        """Run the effect at most once. Raises `NackMessage` to try again later, `RejectMessage` when dead."""
        metadata = msg.raw_message.metadata
        consumer, subject = metadata.consumer, msg.raw_message.subject
        if not await self._heeded(msg, consumer):
            consumed.add(1, {"consumer": consumer, "result": "unheeded"})
            return
        with telemetry.span(
            f"process {subject}",
            parent=msg.headers.get("traceparent"),
            kind=SpanKind.CONSUMER,
            attributes={"messaging.system": "nats", "messaging.consumer.group.name": consumer},
        ) as span:
            started = monotonic()
            try:
                await self._take_effect(call_next, msg, consumer)
                consumed.add(1, {"consumer": consumer, "result": "done"})
                effect_duration.record(monotonic() - started, {"consumer": consumer})
            except Exception as error:
                span.record_exception(error)
                raise await self._fate(error, msg, consumer, metadata.num_delivered or 1) from error

    async def _take_effect(
        self, call_next: Callable[[Any], Awaitable[Any]], msg: StreamMessage[Any], consumer: str
    ) -> None:
        asked = {"consumer": consumer, "event": msg.headers["Trunkline-Event"]}
        async with self.database.begin() as connection:
            if taken := (await connection.execute(self.taking, asked)).first():
                transaction = _continuing(msg.headers, Transaction(connection, taken.now, stamp=taken.stamp))
                enter(transaction)
                await call_next(msg)
                await transaction.flush()

    async def _heeded(self, msg: StreamMessage[Any], consumer: str) -> bool:
        """What cannot be understood is: it becomes a dead letter as any other."""
        if heeding := self.heeding.get(consumer):
            with suppress(Exception):
                return heeding(await msg.decode())
        return True

    async def _fate(self, error: Exception, msg: StreamMessage[Any], consumer: str, attempts: int) -> Exception:
        if _hopeless(error) or (attempts >= ATTEMPTS and not isinstance(error, Unavailable)):
            await self._bury(error, msg, consumer)
            return RejectMessage()
        log.warning("%s will try %s again: %s", consumer, msg.raw_message.subject, error)
        consumed.add(1, {"consumer": consumer, "result": "retried"})
        return NackMessage(delay=BACK_OFF[min(attempts, len(BACK_OFF)) - 1])

    async def _bury(self, error: Exception, msg: StreamMessage[Any], consumer: str) -> None:
        async with self.database.transaction() as transaction:
            await transaction.execute(
                dead_letter.insert().values(
                    consumer=consumer,
                    event_id=msg.headers.get("Trunkline-Event"),
                    subject=msg.raw_message.subject,
                    body=msg.body,
                    reason=f"{type(error).__name__}: {error}"[:2_000],
                    traceparent=msg.headers.get("traceparent"),
                )
            )
        consumed.add(1, {"consumer": consumer, "result": "dead"})
        log.error("%s gave up on %s: %s", consumer, msg.raw_message.subject, error)


def taking(stamp: str) -> TextClause:
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
    return isinstance(error, Problem | ValidationError | orjson.JSONDecodeError | ValueError | KeyError)
