"""The course of a call in time: when it began, was answered and ended, who rang and who talked, what was on hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any

from calls.domain.call import Direction, Segment, Status
from calls.domain.fact import Fact
from calls.domain.legs import Leg, Legs, held_seconds
from calls.domain.reduction import anyone, first, latest, moments
from calls.domain.visits import Visit, visits

# Queue, agent, and when it began, was answered and ended.
_Row = tuple[str | None, str | None, datetime | None, datetime | None, datetime | None]
WRAPPED = ("wrap_up_started", "wrap_up_ended")


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
    def legs(self) -> Legs:
        return Legs(self.facts)

    @cached_property
    def direction(self) -> Direction | None:
        direction: Direction | None = self.legs.direction or first(self.facts, "direction")
        return direction

    @cached_property
    def started_at(self) -> datetime | None:
        """As stated; else when its first leg was heard of, or as reckoned back from its end.

        What is timed by its receipt may be received late, but no call begins after its answer.
        """
        heard = [*(leg.started_at for leg in self.legs.every), *moments(self.facts, "reckoned_start")]
        begun = min(moments(self.facts, "started_at") or heard, default=None)
        over = self.answered_at or self.ended_at
        return min([*heard, over]) if begun and over and begun > over else begun

    @cached_property
    def answered_at(self) -> datetime | None:
        """When a human took it: an IVR or a queue picking up is no answer. What is told late was before the end."""
        told = self.legs.answered_at or min(moments(self.facts, "answered_at"), default=None) or self._taken_at
        if told and self.ended_at and told > self.ended_at:
            return self.ended_at - timedelta(seconds=latest(self.facts, "connected_s") or 0)
        return told

    @property
    def _taken_at(self) -> datetime | None:
        """When it was taken out of a queue, where only how long it waited there is told."""
        entered = {visit.queue: visit.started_at for visit in self.visits}
        taken = [fact.values for fact in self.facts if fact.values.get("taken") and fact.values.get("queue") in entered]
        waited = [(entered[each["queue"]], each["waited_s"]) for each in taken if each.get("waited_s") is not None]
        return min((start + timedelta(seconds=seconds) for start, seconds in waited), default=None)

    @cached_property
    def answered(self) -> bool:
        """Some providers tell that a human took it, and not when."""
        return self.answered_at is not None or any(fact.values.get("outcome") == "answered" for fact in self.facts)

    @cached_property
    def ended_at(self) -> datetime | None:
        """As last stated; where only the end itself was told, when it was told."""
        return self._stated_end or min(self._told_of_end, default=self._last_told_at)

    @property
    def ended_at_estimated(self) -> bool:
        return self.ended_at is not None and not self._stated_end

    @property
    def _stated_end(self) -> datetime | None:
        stated = moments(self.facts, "ended_at")
        return stated[-1] if stated else self.legs.ended_at

    @property
    def _told_of_end(self) -> list[datetime]:
        return [fact.at for fact in self.facts if fact.kind == "ended" and not fact.values.get("leg")]

    @property
    def _last_told_at(self) -> datetime | None:
        """Where a provider tells of nothing more than queues, it is over when the last of them lets go."""
        words = [fact for fact in self.facts if fact.values.get("last_told")]
        on = [fact for fact in self.facts if words and _goes_on(fact, words[-1])]
        return words[-1].at if words and not on else None

    @property
    def status(self) -> Status:
        if not self.facts:
            return "ended"  # nobody waits for what is gone
        return "ended" if self.ended_at else "answered" if self.answered else "ringing"

    @cached_property
    def voicemail(self) -> bool:
        """A message was left; what was spoken or recorded is one where nobody took the call after all."""
        spoken = anyone(self.facts, "screened") or (self.direction == "inbound" and anyone(self.facts, "recorded"))
        return anyone(self.facts, "voicemail") or (spoken and not self.answered)

    @cached_property
    def waited_until(self) -> datetime | None:
        """The answer, the end of the last queue, the beginning of voicemail, or the end."""
        if self.answered_at or self._left_queue_at:
            return self.answered_at or self._left_queue_at
        if not self.voicemail:
            return self.ended_at
        return self.legs.rang_until or min(moments(self.facts, "voicemail_at"), default=self.ended_at)

    @property
    def _left_queue_at(self) -> datetime | None:
        """When it went out of its last queue, whatever for."""
        if self.visits and not self.visits[-1].left:
            return None
        left = [fact.at for fact in self.facts if fact.kind == "unqueued"]
        return min(max(left), self.ended_at or max(left)) if left else None

    @cached_property
    def left_ivr_at(self) -> datetime | None:
        return max(moments(self.facts, "ivr_ended_at"), default=self.legs.left_menu_at)

    @cached_property
    def queue(self) -> str | None:
        """The first queue it was in, as its provider names it, or else by the name of what picked up."""
        told = first(self.facts, "queue") or first(self.facts, "task_queue")
        found: str | None = told or (self.legs.queue[1] if self.legs.queue else None)
        return found

    @cached_property
    def visits(self) -> list[Visit]:
        """The queues it was told to have been in, one after the other."""
        return visits(self.facts, self.ended_at)

    @cached_property
    def queued_at(self) -> datetime | None:
        """When it came into its first queue."""
        if self.visits:
            return self.visits[0].started_at
        return self.legs.queue[0] if self.legs.queue else None

    @cached_property
    def gone_in_ivr(self) -> bool:
        """The caller never came past the IVR."""
        went_on = self.visits or self.legs.agents
        return (anyone(self.facts, "left_in_ivr") and not went_on) or (
            self.answered_at is None and self.legs.gone_in_menu
        )

    @cached_property
    def stays(self) -> list[Stay]:
        """Every agent the call reached, as it reached them; a ring and the talk it led to are one stay."""
        if legs := [leg for leg in self.legs.agents if leg.agent and leg.is_stay]:
            return [self._stay(leg) for leg in legs]
        rings = _rings(self.facts, self.answered_at or self.ended_at)
        talks = []
        for talk in self._talks():
            before = [ring for ring in rings if ring.agent_id == talk.agent_id and _led_to(ring, talk)]
            talks.append(replace(talk, started_at=before[-1].started_at) if before else talk)
            rings = [ring for ring in rings if ring not in before[-1:]]
        return sorted(rings + talks, key=lambda stay: (stay.started_at, stay.answered_at is not None, stay.agent_id))

    @property
    def answering(self) -> Stay | None:
        """The stay with the agent who took the call first."""
        took = [stay for stay in self.stays if stay.answered_at]
        return min(took, key=lambda stay: stay.answered_at or stay.started_at, default=None)

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

    def _stay(self, leg: Leg) -> Stay:
        who = leg.agent or {}
        answered_at = leg.answered_at or (self.answered_at if leg is self.legs.root else None)
        end = leg.ended_at if answered_at else leg.rang_until
        return Stay(who["agent_id"], who["agent"], leg.rang_at or leg.started_at, answered_at, end or self.ended_at)

    @property
    def agent(self) -> Mapping[str, Any]:
        """Who had the call last; on a call we made, whoever made it."""
        mine = [leg for leg in self.legs.agents if leg.agent]
        took = max((leg for leg in mine if leg.answered_at), key=lambda leg: leg.answered_at or leg.id, default=None)
        if took is None and self.direction == "outbound":
            took = next(iter(mine), None)
        found: Mapping[str, Any] | None = took.agent if took else latest(self.facts, "agent")
        return found or latest(self.facts, "worker") or {}

    @property
    def transferred_to(self) -> str | None:
        """Whom it was passed on to: as told, or the next leg; else who had it last, if another had it before."""
        told: str | None = latest(self.facts, "transferred_to") or self.legs.transferred_to
        had = [who["agent"] for fact in self.facts if (who := fact.values.get("agent"))]
        passed_on = anyone(self.facts, "passed_on") and had and had[-1] != had[0]
        return told or (had[-1] if passed_on else None)

    @property
    def tells_hold(self) -> bool:
        """Whether any hold was told."""
        return any(fact.kind == "held" for fact in self.facts)

    def held_seconds(self) -> float:
        """Each party's holds, where they are told of parties."""
        if self.legs.every:
            return self.legs.held_seconds(self.ended_at)
        return held_seconds(self.facts, self.ended_at)

    def wrapped_up_seconds(self) -> float | None:
        """Where wrap-up is told of the call itself: each beginning until the end that follows it."""
        marks = [fact for fact in self.facts if fact.kind in ("wrap_up_started", "wrap_up_ended")]
        pairs = [(one.at, two.at) for one, two in pairwise(marks) if (one.kind, two.kind) == WRAPPED]
        return sum((end - start).total_seconds() for start, end in pairs) if pairs else None

    def segments(self) -> tuple[Segment, ...]:
        """The queues an inbound call waited in, and the agents it reached."""
        rows: list[_Row] = [(None, stay.agent, stay.started_at, stay.answered_at, stay.ended_at) for stay in self.stays]
        untimed = self.answered and not self.answered_at
        if untimed and (who := latest(self.facts, "agent")):
            rows.append((None, who["agent"], None, None, self.ended_at))
        entered = self.left_ivr_at or self.queued_at or self.started_at
        if len(self.visits) > 1:
            rows += [(visit.queue, None, visit.started_at, visit.answered_at, visit.ended_at) for visit in self.visits]
            rows.sort(key=lambda row: (row[2] or self.started_at or row[4], row[0] is None))
        elif self.direction == "inbound" and entered and not self.gone_in_ivr:
            left = None if untimed else self.answered_at or self.ended_at
            rows.insert(0, (self.queue, None, entered, self.answered_at, left))
        return tuple(Segment(position, *row) for position, row in enumerate(rows))


def _rings(facts: Sequence[Fact], until: datetime | None) -> list[Stay]:
    rings = {
        (rung["agent_id"], fact.at): Stay(rung["agent_id"], rung["agent"], fact.at, None, _ring_end(facts, fact, until))
        for fact in facts
        if fact.kind == "ringing" and (rung := fact.values.get("rung"))
    }
    return list(rings.values())


def _goes_on(fact: Fact, word: Fact) -> bool:
    """Another queue may take over in the same second."""
    if fact.kind == "queued":
        return fact.at >= word.at and fact.values.get("queue") != word.values.get("queue")
    return fact.kind == "answered" and fact.order > word.order


def _led_to(ring: Stay, talk: Stay) -> bool:
    """A ring that was over before is of another time."""
    return ring.started_at <= talk.started_at and (ring.ended_at is None or talk.started_at <= ring.ended_at)


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
