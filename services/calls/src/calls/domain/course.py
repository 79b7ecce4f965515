"""The course of a call in time: when it began, was answered and ended, who rang and who talked, what was on hold."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from typing import Any

from calls.domain.call import Direction, Segment, Status
from calls.domain.fact import Fact, Kind
from calls.domain.reduction import anyone, first, latest, moments

# What ends a hold, or begins one.
_BOUNDS: tuple[Kind, ...] = ("answered", "held", "resumed", "transferred", "ended")


@dataclass(frozen=True, slots=True)
class Stay:
    """A time with one agent, ringing included: ``agent_id`` is the provider's, ``agent`` what we show."""

    agent_id: str
    agent: str
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True)
class Course:
    """``facts`` in order of `Fact.order`."""

    facts: Sequence[Fact]

    @cached_property
    def direction(self) -> Direction | None:
        direction: Direction | None = first(self.facts, "direction")
        return direction

    @cached_property
    def started_at(self) -> datetime | None:
        return min(moments(self.facts, "started_at"), default=None)

    @cached_property
    def answered_at(self) -> datetime | None:
        """When a human took it: an IVR or a queue picking up is no answer."""
        return min(moments(self.facts, "answered_at"), default=None)

    @cached_property
    def answered(self) -> bool:
        """Some providers tell that a human took it, and not when."""
        return self.answered_at is not None or any(fact.values.get("outcome") == "answered" for fact in self.facts)

    @cached_property
    def ended_at(self) -> datetime | None:
        """As last stated; where only the end itself was told, when it was told."""
        stated = moments(self.facts, "ended_at")
        return stated[-1] if stated else min(self._told_of_end, default=None)

    @property
    def ended_at_estimated(self) -> bool:
        return bool(self._told_of_end) and not moments(self.facts, "ended_at")

    @property
    def _told_of_end(self) -> list[datetime]:
        return [fact.at for fact in self.facts if fact.kind == "ended"]

    @property
    def status(self) -> Status:
        return "ended" if self.ended_at else "answered" if self.answered else "ringing"

    @cached_property
    def left_ivr_at(self) -> datetime | None:
        return max(moments(self.facts, "ivr_ended_at"), default=None)

    @cached_property
    def gone_in_ivr(self) -> bool:
        """The caller never came past the IVR."""
        return anyone(self.facts, "left_in_ivr")

    @cached_property
    def stays(self) -> list[Stay]:
        """Every agent the call reached, as it reached them; a ring and the talk it led to are one stay."""
        rings = _rings(self.facts, self.answered_at or self.ended_at)
        talks = []
        for talk in self._talks():
            before = [ring for ring in rings if ring.agent_id == talk.agent_id and ring.started_at <= talk.started_at]
            talks.append(replace(talk, started_at=before[-1].started_at) if before else talk)
            rings = [ring for ring in rings if ring not in before[-1:]]
        return sorted(rings + talks, key=lambda stay: (stay.started_at, stay.answered_at is not None, stay.agent_id))

    @property
    def answering(self) -> Stay | None:
        """The stay with the agent who took the call first."""
        return next((stay for stay in self.stays if stay.answered_at), None)

    def _talks(self) -> list[Stay]:
        """From the answer to the end, each until the next agent has the call."""
        if self.answered_at is None:
            return []
        turns = _turns(self.facts, self.answered_at, self.ended_at)
        ends = [start for start, _ in turns[1:]] + [self.ended_at]
        return [
            Stay(who["agent_id"], who["agent"], start, start, end)
            for (start, who), end in zip(turns, ends, strict=False)
        ]

    def held_seconds(self) -> float:
        """Each hold until the next thing that ends one; an open one counts once the call has ended."""
        marks = [(fact.at, fact.kind == "held") for fact in self.facts if fact.kind in _BOUNDS]
        if end := self.ended_at:
            marks = [(min(at, end), held) for at, held in marks] + [(end, False)]
        return sum((after - at).total_seconds() for (at, held), (after, _) in pairwise(marks) if held)

    def segments(self, queue: str | None) -> tuple[Segment, ...]:
        """The queue an inbound call waited in, then the agents it reached."""
        rows: list[tuple[Any, ...]] = [
            (None, stay.agent, stay.started_at, stay.answered_at, stay.ended_at) for stay in self.stays
        ]
        untimed = self.answered and not self.answered_at
        if untimed and (who := latest(self.facts, "agent")):
            rows.append((None, who["agent"], None, None, self.ended_at))
        entered = self.left_ivr_at or self.started_at
        if self.direction == "inbound" and entered and not self.gone_in_ivr:
            waited = (queue, None, entered, self.answered_at, None if untimed else self.answered_at or self.ended_at)
            return tuple(Segment(position, *row) for position, row in enumerate([waited, *rows]))
        return tuple(Segment(position, *row) for position, row in enumerate(rows))


def _rings(facts: Sequence[Fact], until: datetime | None) -> list[Stay]:
    return [
        Stay(rung["agent_id"], rung["agent"], fact.at, None, _ring_end(facts, fact, until))
        for fact in facts
        if fact.kind == "ringing" and (rung := fact.values.get("rung"))
    ]


def _ring_end(facts: Sequence[Fact], ring: Fact, until: datetime | None) -> datetime | None:
    """Declined, or else the answer or the end of the call."""
    rung = ring.values["rung"]["agent_id"]
    ends = [fact.at for fact in facts if fact.at >= ring.at and _declined_by(fact) == rung]
    return min([*ends, until] if until and until >= ring.at else ends, default=None)


def _declined_by(fact: Fact) -> str | None:
    rung = fact.values.get("rung") if fact.kind == "declined" else None
    return rung["agent_id"] if rung else None


def _turns(
    facts: Sequence[Fact], answered_at: datetime, ended_at: datetime | None
) -> list[tuple[datetime, dict[str, Any]]]:
    """(from, agent) for each change of hands; what is told after the end changes hands no more."""
    turns: list[tuple[datetime, dict[str, Any]]] = []
    for fact in facts:
        who = fact.values.get("agent")
        if who is None:
            continue
        if not turns:
            turns.append((answered_at, who))
        elif who["agent_id"] != turns[-1][1]["agent_id"] and (ended_at is None or fact.at < ended_at):
            turns.append((max(fact.at, answered_at), who))
    return turns
