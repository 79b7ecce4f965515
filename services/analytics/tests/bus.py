"""Publishing on the real bus as the other services do, and worse: repeated, shuffled, spoilt."""

import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import nats
from nats.js import JetStreamContext
from uuid_utils.compat import uuid7

import shared.contracts
from shared.contracts import Event

EXAMPLES = Path(shared.contracts.__file__).parent / "examples"
TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def example(name: str) -> dict[str, Any]:
    """The golden envelope of an event."""
    found: dict[str, Any] = json.loads((EXAMPLES / f"{name}.json").read_text())
    return found


def envelope(event: Event) -> dict[str, Any]:
    service = event.type.split(".")[0]
    return {
        "specversion": "1.0",
        "id": str(uuid7()),
        "source": f"/{service}",
        "type": event.type,
        "subject": event.aggregate,
        "time": "2026-03-10T12:00:00Z",
        "datacontenttype": "application/json",
        "traceparent": TRACEPARENT,
        "data": event.model_dump(mode="json"),
    }


@asynccontextmanager
async def bus(url: str) -> AsyncIterator[JetStreamContext]:
    connection = await nats.connect(url)
    yield connection.jetstream()
    await connection.close()


async def publish(jetstream: JetStreamContext, envelopes: Iterable[dict[str, Any]]) -> None:
    """Each with a message id of its own, so that the stream does not spare the service its repeats."""
    for each in envelopes:
        await publish_bytes(jetstream, each["type"], json.dumps(each).encode(), each["id"])


async def publish_bytes(jetstream: JetStreamContext, subject: str, body: bytes, event_id: str = "unknown") -> None:
    headers = {"Nats-Msg-Id": str(uuid7()), "Trunkline-Event": event_id, "traceparent": TRACEPARENT}
    await jetstream.publish(subject, body, headers=headers)
