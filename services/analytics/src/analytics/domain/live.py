"""What goes on right now: who waits, who talks, who is free. Held in memory, fed by every snapshot from the bus.

What its provider never ended must not stand there for ever: a call leaves the board when it has waited for longer than
`LONGEST_WAIT` or talked for longer than `LONGEST_TALK`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from shared.contracts.calls import CallSnapshot, Segment

Phase = Literal["waiting", "ringing", "dialling", "talking", "ended", "gone"]
LONGEST_WAIT = timedelta(hours=2)
LONGEST_TALK = timedelta(hours=12)
UNKNOWN_QUEUE = "unknown"


@dataclass(frozen=True, slots=True)
class Glimpse:
    """As much of a call's version as the board needs.

    ``since`` is when its phase began; of a caller whom an agent is being rung for, when the wait began. ``agents`` are
    those who ring or talk, or of a call that has ended those who talked.
    """

    id: str
    version: int
    phase: Phase
    since: datetime
    queue: str | None
    agents: tuple[str, ...]
    ended_at: datetime | None

    @property
    def waits(self) -> bool:
        """Somebody waits for us."""
        return self.queue is not None and self.phase in ("waiting", "ringing")


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """``ringing`` are those of ``waiting`` whom an agent is being rung for."""

    queue: str
    waiting: int
    ringing: int
    talking: int
    longest_wait_s: float | None


@dataclass(frozen=True, slots=True)
class Counts:
    waiting: int
    ringing: int
    talking: int
    dialling: int
    ended_today: int
    longest_wait_s: float | None
    queues: Sequence[QueueCounts]


@dataclass
class Board:
    """Order-free: of each call the highest version counts."""

    zone: ZoneInfo
    _calls: dict[str, Glimpse] = field(default_factory=dict)

    def see(self, glimpses: Iterable[Glimpse]) -> None:
        for each in glimpses:
            known = self._calls.get(each.id)
            if known is None or known.version <= each.version:
                self._calls[each.id] = each

    def counts(self, now: datetime) -> Counts:
        """The state at ``now``; forgets what has passed by."""
        self._calls = {each.id: each for each in self._calls.values() if matters(each, now, self.zone)}
        calls = self._calls.values()
        return Counts(
            waiting=sum(each.waits for each in calls),
            ringing=sum(each.waits and each.phase == "ringing" for each in calls),
            talking=sum(each.phase == "talking" for each in calls),
            dialling=sum(each.phase == "dialling" for each in calls),
            ended_today=sum(each.phase == "ended" for each in calls),
            longest_wait_s=_longest_wait(calls, now),
            queues=[_of_queue(queue, found, now) for queue, found in sorted(_by_queue(calls).items())],
        )


def matters(call: Glimpse, now: datetime, zone: ZoneInfo) -> bool:
    """It goes on, or has ended (or turned out to be part of another one) today."""
    if call.phase in ("ended", "gone"):
        return (call.ended_at or call.since) >= start_of_day(now, zone)
    return now - call.since < (LONGEST_TALK if call.phase == "talking" else LONGEST_WAIT)


def start_of_day(now: datetime, zone: ZoneInfo) -> datetime:
    """Midnight, where the workspace is."""
    return now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)


def glimpse(call: CallSnapshot) -> Glimpse:
    """What the board sees of a call."""
    phase = _phase(call)
    return Glimpse(call.id, call.version, phase, _since(call, phase), _queue(call), _agents(call, phase), call.ended_at)


def _phase(call: CallSnapshot) -> Phase:
    if call.status == "ended":
        return "gone" if call.gone else "ended"
    if call.status == "answered":
        return "talking"
    if call.direction == "outbound":
        return "dialling"
    return "ringing" if any(_open(call)) else "waiting"


def _since(call: CallSnapshot, phase: Phase) -> datetime:
    """Who was passed on from queue to queue has waited since the first."""
    arrived_at = call.started_at or call.first_seen_at
    if phase in ("talking", "ended", "gone"):
        return call.answered_at or arrived_at
    entered = [each.started_at for each in call.segments if each.agent is None and each.started_at]
    return min(entered, default=arrived_at)


def _queue(call: CallSnapshot) -> str | None:
    """Where it is now; of calls we make and of those that are no customer's, none."""
    if call.direction == "outbound" or call.flags:
        return None
    named = [each.queue for each in call.segments if each.queue]
    return named[-1] if named else call.queue or UNKNOWN_QUEUE


def _agents(call: CallSnapshot, phase: Phase) -> tuple[str, ...]:
    if phase == "ringing":
        return tuple(dict.fromkeys(each.agent for each in _open(call) if each.agent))
    talked = [each.agent for each in call.segments if each.agent and each.answered_at]
    if phase == "talking" or not talked:
        last = talked[-1:] or ([call.agent] if call.agent else [])
        return tuple(each for each in last if each)
    return tuple(dict.fromkeys(talked))


def _open(call: CallSnapshot) -> Iterator[Segment]:
    """Agents being rung."""
    return (each for each in call.segments if each.agent and not each.answered_at and not each.ended_at)


def _by_queue(calls: Iterable[Glimpse]) -> Mapping[str, list[Glimpse]]:
    found: dict[str, list[Glimpse]] = {}
    for each in calls:
        if each.queue is not None:
            found.setdefault(each.queue, []).append(each)
    return found


def _of_queue(queue: str, calls: Sequence[Glimpse], now: datetime) -> QueueCounts:
    return QueueCounts(
        queue=queue,
        waiting=sum(each.waits for each in calls),
        ringing=sum(each.phase == "ringing" for each in calls),
        talking=sum(each.phase == "talking" for each in calls),
        longest_wait_s=_longest_wait(calls, now),
    )


def _longest_wait(calls: Iterable[Glimpse], now: datetime) -> float | None:
    """Seconds; none where nobody waits."""
    waits = [(now - each.since).total_seconds() for each in calls if each.waits]
    return max(0.0, *waits) if waits else None
