"""A call: one conversation attempt with its whole state, whatever provider carried it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Direction = Literal["inbound", "outbound"]
Status = Literal["ringing", "answered", "ended"]
Outcome = Literal["answered", "abandoned", "missed", "after_hours", "voicemail", "unanswered", "busy", "failed"]


@dataclass(frozen=True, slots=True)
class Segment:
    """The stay of a call in one queue or with one agent (``answered_at`` null: it only rang there)."""

    position: int
    queue: str | None = None
    agent: str | None = None
    started_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """What never changes about a call."""

    id: str
    connection: str
    provider: str
    provider_call_id: str
    first_seen_at: datetime


@dataclass(frozen=True, slots=True)
class Call:
    """Durations are seconds, null where the provider cannot tell; their meaning is in ``basis`` (see `fold`).

    ``flags`` say that it is no customer's (see `calls.domain.flags`). Of a call that is ``gone`` no fact is left.

    Up to the answer, ``ivr_s + queue_s + ring_s`` add up; ``wait_s`` is what of it the provider's statistics count.
    """

    id: str
    connection: str
    provider: str
    provider_call_id: str
    first_seen_at: datetime
    direction: Direction | None = None
    status: Status = "ringing"
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
    basis: dict[str, str] = field(default_factory=dict)
    queue: str | None = None
    agent: str | None = None
    agent_name: str | None = None
    from_number: str | None = None
    to_number: str | None = None
    external_number: str | None = None
    source: str | None = None
    disposition: str | None = None
    tags: tuple[str, ...] = ()
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
    segments: tuple[Segment, ...] = ()
    flags: tuple[str, ...] = ()
    follow_up: bool | None = None
    gone: bool = False
    campaign: str | None = None
