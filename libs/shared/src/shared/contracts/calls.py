"""Events that calls publishes: one truth about each call, whatever provider carried it."""

from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar, Literal

from shared.contracts.event import Contract, Event

Direction = Literal["inbound", "outbound"]
Outcome = Literal["answered", "abandoned", "missed", "after_hours", "voicemail", "unanswered", "busy", "failed"]


class Segment(Contract):
    """The stay of a call in one queue or with one agent."""

    position: int
    queue: str | None = None
    agent: str | None = None
    started_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None


class CallSnapshot(Contract):
    """The whole call at one version.

    Durations are seconds and null where the provider cannot tell; ``talk_s`` is without hold where hold is known.
    ``wait_s`` is the provider's own meaning, and ``basis`` says which, duration by duration.
    ``version`` rises with every new fact and never for a repeated one. ``first_seen_at`` never changes.
    ``flags`` (internal, own_number, test, spam) say that it is no customer's.
    ``gone``: nothing is left of it, because nothing was ever said of it or because it turned out to be part of another
    call, ``merged_into``, which has all that was said of it from now on.
    """

    id: str
    connection: str
    provider: str
    provider_call_id: str
    version: int
    first_seen_at: datetime
    direction: Direction | None = None
    status: Literal["ringing", "answered", "ended"] = "ringing"
    outcome: Outcome | None = None
    started_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    ended_at_estimated: bool = False
    ivr_s: float | None = None
    queue_s: float | None = None
    ring_s: float | None = None
    wait_s: float | None = None
    talk_s: float | None = None
    hold_s: float | None = None
    wrap_up_s: float | None = None
    basis: dict[str, str] = {}
    queue: str | None = None
    agent: str | None = None
    agent_name: str | None = None
    from_number: str | None = None
    to_number: str | None = None
    external_number: str | None = None
    source: str | None = None
    disposition: str | None = None
    tags: list[str] = []
    voicemail: bool = False
    recording: bool = False
    transferred_to: str | None = None
    csat: int | None = None
    resolved: bool | None = None
    escalated: bool | None = None
    topic: str | None = None
    converted: bool | None = None
    appointment: bool | None = None
    note: str | None = None
    segments: list[Segment] = []
    flags: list[str] = []
    follow_up: bool | None = None
    gone: bool = False
    merged_into: str | None = None
    campaign: str | None = None


class CallUpdated(Event):
    """Every new fact about a call, with the whole call after it."""

    type: ClassVar[str] = "calls.call.updated.v1"

    call: CallSnapshot

    @property
    def aggregate(self) -> str:
        return self.call.id


class CallEnded(Event):
    """Once a call: a terminal fact was seen. Later facts (tags, recording, wrap-up) come as updates."""

    type: ClassVar[str] = "calls.call.ended.v1"

    call: CallSnapshot

    @property
    def aggregate(self) -> str:
        return self.call.id


class AgentChanged(Event):
    """An agent at a provider, and the user it is, where known."""

    type: ClassVar[str] = "calls.agent.changed.v1"

    id: str
    connection: str
    provider_agent: str
    name: str | None = None
    email: str | None = None
    user: str | None = None
    version: int

    @property
    def aggregate(self) -> str:
        return self.id


class AvailabilityChanged(Event):
    """An agent is in a state since a moment, until the next word about the same queue (null: about all of them).

    Each word is a fact of its own: of several about an agent and a queue the one with the latest ``since`` holds now.
    ``agent`` is as calls name them. Who talks is not told here but by the calls themselves.
    """

    type: ClassVar[str] = "calls.availability.changed.v1"

    connection: str
    provider: str
    provider_agent: str
    agent: str
    name: str | None = None
    state: Literal["available", "busy", "wrap_up", "away", "offline"]
    since: datetime
    queue: str | None = None
    reason: str | None = None

    @property
    def aggregate(self) -> str:
        return f"{self.connection}/{self.provider_agent}"


class SpendChanged(Event):
    """What was paid for a source's calls from one day to another, both included; no campaign is the empty text."""

    type: ClassVar[str] = "calls.spend.changed.v1"

    start_on: date
    end_on: date
    source: str
    campaign: str = ""
    amount: Decimal
    currency: str
    version: int

    @property
    def aggregate(self) -> str:
        return f"{self.start_on}/{self.end_on}/{self.source}/{self.campaign}"


class QueueChanged(Event):
    """What is expected of a queue; null: what the workspace expects of any.

    A call is to be answered within ``threshold_s`` seconds, and who left before ``short_abandon_s`` was not let down. A
    queue that is ``deleted`` has nothing of its own.
    """

    type: ClassVar[str] = "calls.queue.changed.v1"

    name: str
    threshold_s: float | None = None
    short_abandon_s: float | None = None
    deleted: bool = False
    version: int

    @property
    def aggregate(self) -> str:
        return self.name
