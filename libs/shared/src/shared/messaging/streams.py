"""The streams and consumers of the bus, made and kept as they must be by us, never by a client library's defaults."""

import logging
from typing import Any

import nats
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy, DiscardPolicy, RetentionPolicy, StreamConfig
from nats.js.errors import NotFoundError

from shared.settings import ServiceSettings

SERVICES = ("records", "calls", "automations", "analytics")
DAY = 86_400.0
# The relay may be away for so long and still be told of its repeats by the server; consumers know repeats anyway.
DUPLICATE_WINDOW = 600.0

log = logging.getLogger(__name__)


async def connect(settings: ServiceSettings, name: str) -> Client:
    """A connection that waits for the server and never gives up on it. What is wrong is said once, not every second."""
    said = ""

    async def failed(error: Exception) -> None:
        nonlocal said
        trouble = str(error) or type(error).__name__
        if trouble != said:
            log.warning("the bus is not answering, trying until it does: %s", trouble)
        said = trouble

    async def reconnected() -> None:
        nonlocal said
        said = ""
        log.info("the bus is back")

    client = await nats.connect(
        settings.nats_url,
        name=name,
        allow_reconnect=True,
        max_reconnect_attempts=-1,
        reconnect_time_wait=1,
        error_cb=failed,
        reconnected_cb=reconnected,
    )
    said = ""
    return client


async def ensure_streams(jetstream: JetStreamContext, settings: ServiceSettings) -> None:
    """Create the four streams or bring them to today's configuration. Idempotent; any service may do it."""
    for service in SERVICES:
        wanted = _stream(service, settings)
        try:
            await jetstream.stream_info(wanted.name or "")
        except NotFoundError:
            await jetstream.add_stream(wanted)
        else:
            await jetstream.update_stream(wanted)


async def ensure_consumer(
    jetstream: JetStreamContext,
    settings: ServiceSettings,
    stream: str,
    durable: str,
    subjects: list[str],
    *,
    in_hand: int = 2_000,
) -> None:
    """Create or update a durable pull consumer that starts at the stream's beginning. Retries are bounded by us.

    ``in_hand``: so many messages are given out before the first of them must be settled.
    """
    await jetstream.add_consumer(
        stream,
        ConsumerConfig(
            durable_name=durable,
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=settings.ack_wait_s,
            deliver_policy=DeliverPolicy.ALL,
            max_ack_pending=in_hand,
            max_deliver=-1,
            **_filter(subjects),
        ),
    )


async def pending(jetstream: JetStreamContext, stream: str, durable: str) -> int:
    """How many messages the consumer has not yet finished."""
    info = await jetstream.consumer_info(stream, durable)
    return (info.num_pending or 0) + (info.num_ack_pending or 0)


def _stream(service: str, settings: ServiceSettings) -> StreamConfig:
    return StreamConfig(
        name=service.upper(),
        subjects=[f"{service}.>"],
        retention=RetentionPolicy.LIMITS,
        discard=DiscardPolicy.OLD,
        max_age=7 * DAY,
        max_bytes=settings.streams_max_bytes,
        duplicate_window=DUPLICATE_WINDOW,
        allow_direct=True,
        allow_atomic=True,
        num_replicas=settings.stream_replicas,
    )


def _filter(subjects: list[str]) -> dict[str, Any]:
    return {"filter_subject": subjects[0]} if len(subjects) == 1 else {"filter_subjects": subjects}
