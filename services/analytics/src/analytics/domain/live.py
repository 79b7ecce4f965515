"""What goes on right now: who waits, who talks, who is free. Held in memory, fed by every snapshot from the bus.

What its provider never ended must not stand there for ever: a call leaves the board when it has waited for longer than
`LONGEST_WAIT` or talked for longer than `LONGEST_TALK`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from analytics.domain.agents import OCCUPIED, ORDER, Agent, Engaged, Roll, State, Word
from shared.contracts.calls import AvailabilityChanged, CallEnded, CallSnapshot, CallUpdated, Segment
from shared.contracts.event import Event

Phase = Literal["waiting", "ringing", "dialling", "talking", "ended", "gone"]
LONGEST_WAIT = timedelta(hours=2)
LONGEST_TALK = timedelta(hours=12)
UNKNOWN_QUEUE = "unknown"
MOST_PEOPLE = 500


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
    """``ringing`` are those of ``waiting`` whom an agent is being rung for.

    ``agents_free`` and ``agents_busy`` are those known to work in the queue; busy is also who is rung or wraps up.
    Who is free is null where no provider tells it of any of them.
    """

    queue: str
    waiting: int
    ringing: int
    talking: int
    longest_wait_s: float | None
    agents_free: int | None
    agents_busy: int


@dataclass(frozen=True, slots=True)
class Counts:
    """``agents`` counts them by state, ``people`` are those of them who are not offline."""

    waiting: int
    ringing: int
    talking: int
    dialling: int
    ended_today: int
    longest_wait_s: float | None
    queues: Sequence[QueueCounts]
    agents: Mapping[str, int]
    people: Sequence[Agent]


@dataclass
class Board:
    """Order-free: of each call the highest version counts, of each agent the latest word."""

    zone: ZoneInfo
    roll: Roll = field(default_factory=Roll)
    _calls: dict[str, Glimpse] = field(default_factory=dict)

    def see(self, glimpses: Iterable[Glimpse]) -> None:
        for each in glimpses:
            known = self._calls.get(each.id)
            if known is None or known.version <= each.version:
                self._calls[each.id] = each

    def learn(self, events: Iterable[Event]) -> None:
        """What the bus tells of calls and agents; all else is no business of the board's."""
        for each in events:
            if isinstance(each, CallUpdated | CallEnded):
                self.see([glimpse(each.call)])
            elif isinstance(each, AvailabilityChanged):
                self.roll.hear([word(each)])

    def counts(self, now: datetime) -> Counts:
        """The state at ``now``; forgets what has passed by."""
        self._calls = {each.id: each for each in self._calls.values() if matters(each, now, self.zone)}
        calls = self._calls.values()
        agents = self.roll.call(_engaged(calls), _worked_in(calls), now)
        return Counts(
            waiting=sum(each.waits for each in calls),
            ringing=sum(each.waits and each.phase == "ringing" for each in calls),
            talking=sum(each.phase == "talking" for each in calls),
            dialling=sum(each.phase == "dialling" for each in calls),
            ended_today=sum(each.phase == "ended" for each in calls),
            longest_wait_s=_longest_wait(calls, now),
            queues=_of_queues(_by_queue(calls), agents, now),
            agents={state: sum(each.state == state for each in agents) for state in ORDER},
            people=[each for each in agents if each.state != "offline"][:MOST_PEOPLE],
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


def word(event: AvailabilityChanged) -> Word:
    return Word(event.agent, event.name, event.queue, event.state, event.since, event.reason)


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
    if call.direction == "outbound" or call.flags or call.gone:
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


def _engaged(calls: Iterable[Glimpse]) -> Iterator[Engaged]:
    """Who has a call, or is being rung for one."""
    for each in calls:
        if each.phase in ("talking", "dialling", "ringing"):
            state: State = "ringing" if each.phase == "ringing" else "busy"
            yield from (Engaged(agent, state, each.since, each.queue) for agent in each.agents)


def _worked_in(calls: Iterable[Glimpse]) -> dict[str, set[str]]:
    """The queues each agent was rung for or has talked in."""
    found: dict[str, set[str]] = {}
    for each in calls:
        if each.queue not in (None, UNKNOWN_QUEUE) and each.phase in ("ringing", "talking", "ended"):
            for agent in each.agents:
                found.setdefault(agent, set()).add(each.queue or "")
    return found


def _of_queues(calls: Mapping[str, list[Glimpse]], agents: Sequence[Agent], now: datetime) -> list[QueueCounts]:
    works_in: dict[str, list[Agent]] = {}
    for each in agents:
        for queue in each.queues:
            works_in.setdefault(queue, []).append(each)
    names = sorted({*calls, *works_in})
    return [_of_queue(each, calls.get(each, []), works_in.get(each, []), now) for each in names]


def _of_queue(queue: str, calls: Sequence[Glimpse], agents: Sequence[Agent], now: datetime) -> QueueCounts:
    return QueueCounts(
        queue=queue,
        waiting=sum(each.waits for each in calls),
        ringing=sum(each.phase == "ringing" for each in calls),
        talking=sum(each.phase == "talking" for each in calls),
        longest_wait_s=_longest_wait(calls, now),
        agents_free=sum(each.state == "available" for each in agents) if any(each.told for each in agents) else None,
        agents_busy=sum(each.state in OCCUPIED for each in agents),
    )


def _longest_wait(calls: Iterable[Glimpse], now: datetime) -> float | None:
    """Seconds; none where nobody waits."""
    waits = [(now - each.since).total_seconds() for each in calls if each.waits]
    return max(0.0, *waits) if waits else None
