"""What every event has in common: its name, and the CloudEvents 1.0 envelope that carries it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Literal

import orjson
from pydantic import BaseModel, ConfigDict


class Contract(BaseModel):
    """Base of everything that crosses the bus: frozen, and deaf to fields a newer publisher adds."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Event(Contract):
    """A fact that has been committed. Subclasses are named for it and carry the snapshot after it."""

    type: ClassVar[str]

    @property
    def aggregate(self) -> str:
        """The id of the thing that changed; the CloudEvents ``subject``."""
        raise NotImplementedError

    def as_json(self) -> bytes:
        return self.model_dump_json().encode()


@dataclass(frozen=True)
class WrittenEvent:
    """An event in plain JSON, for what is told thousands of times a second: building its model costs ten times as much.

    Whoever writes one has a test that holds it against the contract.
    """

    contract: type[Event]
    aggregate: str
    data: Mapping[str, Any]

    @property
    def type(self) -> str:
        return self.contract.type

    def as_json(self) -> bytes:
        return orjson.dumps(self.data)


class Envelope(Contract):
    """CloudEvents 1.0, structured JSON (https://github.com/cloudevents/spec).

    ``actor``, ``depth``, ``causation`` and ``origin`` are extension attributes: who did it, how many rules
    stand between this event and a person (chains stop at 8), the event that led to it, and the rules passed on
    the way, separated by commas.
    """

    specversion: Literal["1.0"] = "1.0"
    id: str
    source: str
    type: str
    subject: str
    time: datetime
    datacontenttype: Literal["application/json"] = "application/json"
    traceparent: str | None = None
    actor: str | None = None
    depth: int = 0
    causation: str | None = None
    origin: str | None = None
    data: dict[str, Any]


def stream_of(event_type: str) -> str:
    """The stream that holds an event type: the publishing service's name in capitals."""
    return event_type.split(".", 1)[0].upper()
