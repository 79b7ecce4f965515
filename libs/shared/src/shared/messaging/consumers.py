"""Events in: each function is one durable pull consumer, named for its effect, told of every event once."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import orjson
from faststream.message import StreamMessage
from faststream.middlewares import AckPolicy
from faststream.nats import JStream, NatsBroker, PullSub
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig

from shared.contracts import Event, event_types
from shared.contracts.event import stream_of
from shared.messaging.streams import ensure_consumer
from shared.settings import ServiceSettings

# Without max_workers this is the number of handlers at work at once.
CONCURRENCY = 8
FETCH_TIMEOUT = 5.0

Effect = Callable[..., Awaitable[None]]
Heeding = Callable[[Any], bool]
_types = event_types()


@dataclass(frozen=True)
class Consumer:
    durable: str
    stream: str
    subjects: tuple[str, ...]
    effect: Effect
    heeding: Heeding | None = None


class Consumers:
    """The consumers of a service, collected by decorating functions `effect(event, transaction)`.

    The function and its inbox row share one transaction, committed before the message is acknowledged. A `Problem` or
    a message that does not fit its contract becomes a dead letter at once; anything else is tried again.
    """

    def __init__(self, service: str) -> None:
        self.service = service
        self._consumers: list[Consumer] = []

    def on(self, *events: type[Event], heeding: Heeding | None = None) -> Callable[[Effect], Effect]:
        """Consume these event types, all of one publisher.

        ``heeding`` says of an event whether it has an effect at all: what has none costs no transaction, and leaves
        nothing in the inbox.
        """

        def register(effect: Effect) -> Effect:
            (stream,) = {stream_of(event.type) for event in events}
            durable = f"{self.service}-{effect.__name__}"
            self._consumers.append(Consumer(durable, stream, tuple(event.type for event in events), effect, heeding))
            return effect

        return register

    def include(self, other: "Consumers") -> None:
        self._consumers.extend(other.all())

    def all(self) -> tuple[Consumer, ...]:
        return tuple(self._consumers)


async def ensure(jetstream: JetStreamContext, consumers: Consumers, settings: ServiceSettings) -> None:
    """Make the durable consumers on the server as they must be; client libraries keep old ones silently."""
    for each in consumers.all():
        await ensure_consumer(jetstream, settings, each.stream, each.durable, list(each.subjects))


def subscribe(broker: NatsBroker, consumers: Consumers) -> None:
    """Tie the functions to the broker; call before it starts, after `ensure`."""
    for each in consumers.all():
        one = len(each.subjects) == 1
        subscriber = broker.subscriber(
            each.subjects[0] if one else "",
            durable=each.durable,
            config=None if one else ConsumerConfig(filter_subjects=list(each.subjects)),
            stream=JStream(each.stream, declare=False),
            pull_sub=PullSub(batch_size=CONCURRENCY, timeout=FETCH_TIMEOUT),
            decoder=decode,
            ack_policy=AckPolicy.NACK_ON_ERROR,
            title=each.durable,
        )
        subscriber(each.effect)


async def decode(message: StreamMessage[Any]) -> Event:
    return event_in(message.body)


def event_in(body: bytes) -> Event:
    """The event in a CloudEvents envelope. Raises `ValueError` (also pydantic's) or `KeyError` for anything else."""
    envelope = orjson.loads(body)
    return _types[envelope["type"]].model_validate(envelope["data"])
