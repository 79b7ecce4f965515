"""The legs of a call: the outside party's, those of agents, menus.

Some providers tell of nothing but legs, and only together do they make a call. A fact about a leg has in ``values`` a
``leg``: its ``id``, and of what is known

- ``root`` (it began the call), ``side``, ``direction`` (that of the call, if this leg is its root), ``internal`` (from
  one of ours to one of ours)
- ``from_number``, ``to_number``, ``agent``, ``address`` (where it is within the company)
- ``picked_up_by`` (the ``address`` and ``name`` of whom the outside party heard), ``menu`` (the caller chose in it)
- ``queue_call``, ``voicemail``, ``result`` (how it ended unanswered), ``talked_s``
- ``moved`` (the call went on without it), ``joined`` (it was called for itself, and joined this call)
- ``music`` (all that is told is that it hears music, in a queue or on hold)
- ``sequence`` (the provider's number of this state, where it counts them)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any, Literal

from calls.domain.call import Direction, Outcome
from calls.domain.fact import Fact, Kind

Side = Literal["outside", "agent", "menu"]
Span = tuple[datetime, datetime]

# What ends a hold, or begins one.
BOUNDS: tuple[Kind, ...] = ("answered", "held", "resumed", "transferred", "ended")
# Nobody takes a call so soon without having heard it ring: a machine does.
AT_ONCE = timedelta(seconds=1.5)
# The system hangs up so soon after the last agent did not answer; a caller who leaves takes longer.
GIVEN_UP = timedelta(seconds=2)
REFUSALS: dict[str, Outcome] = {"missed": "unanswered", "busy": "busy", "failed": "failed"}


@dataclass(frozen=True)
class Leg:
    """``facts`` about it in order of `Fact.order`."""

    id: str
    facts: Sequence[Fact]

    def said(self, name: str) -> Any:
        """The oldest word that is not null."""
        found = (fact.values["leg"].get(name) for fact in self.facts)
        return next((value for value in found if value is not None), None)

    @property
    def agent(self) -> dict[str, Any] | None:
        """Of ours; of whom nothing else is told is known by the number they were called at."""
        number = self.said("to_number") if self.said("joined") or self.said("side") is None else None
        found: dict[str, Any] | None = self.said("agent")
        return found or ({"agent_id": number, "agent": number} if number else None)

    @cached_property
    def started_at(self) -> datetime:
        return self.facts[0].at

    @cached_property
    def rang_at(self) -> datetime | None:
        return self._first("ringing")

    @cached_property
    def answered_at(self) -> datetime | None:
        """Where the answer was not told, reckoned back from the end."""
        talked, ended_at = self.said("talked_s"), self.ended_at
        reckoned = ended_at - timedelta(seconds=talked) if talked and ended_at else None
        return self._first("answered") or reckoned

    @cached_property
    def ended_at(self) -> datetime | None:
        return self._first("ended")

    @property
    def rang_until(self) -> datetime | None:
        """When it was answered, sent to voicemail or given up."""
        voicemail = [fact.at for fact in self.facts if fact.values["leg"].get("voicemail")]
        ends = [each for each in (self.answered_at, self.ended_at) if each]
        return min(voicemail + ends, default=None)

    def connected(self, until: datetime) -> Span | None:
        """From its answer to its end, or to the given end of the call."""
        if self.answered_at is None:
            return None
        talked = self.said("talked_s")
        end = self.answered_at + timedelta(seconds=talked) if talked else min(self.ended_at or until, until)
        return (self.answered_at, max(end, self.answered_at))

    @property
    def is_stay(self) -> bool:
        """Somebody was rung or reached by it; who only asks another, and then passes the call on, was not."""
        return bool(self.rang_at or self.answered_at or not self.said("moved"))

    @property
    def is_menu(self) -> bool:
        """It was chosen from, or answered at once without ringing."""
        return bool(self.said("menu")) or (
            self.rang_at is None
            and self.answered_at is not None
            and not self.said("queue_call")
            and timedelta(0) < self.answered_at - self.started_at < AT_ONCE
        )

    def _first(self, kind: Kind) -> datetime | None:
        return min((fact.at for fact in self.facts if fact.kind == kind), default=None)


@dataclass(frozen=True)
class Legs:
    """All legs of a call, from all its facts in order."""

    facts: Sequence[Fact]

    @cached_property
    def every(self) -> list[Leg]:
        by_id: dict[str, list[Fact]] = {}
        for fact in self.facts:
            if (leg := fact.values.get("leg")) and leg.get("id") and not leg.get("music"):
                by_id.setdefault(leg["id"], []).append(fact)
        return sorted((Leg(leg_id, told) for leg_id, told in by_id.items()), key=lambda leg: (leg.started_at, leg.id))

    @cached_property
    def root(self) -> Leg | None:
        """The leg that began the call."""
        own = [leg for leg in self.every if not leg.said("joined")]
        return next((leg for leg in own if leg.said("root")), own[0] if own else None)

    @property
    def direction(self) -> Direction | None:
        return self.root.said("direction") if self.root else None

    def side(self, leg: Leg) -> Side:
        """As told; else whoever is called is on the other side."""
        side: Side | None = "agent" if leg.said("joined") else leg.said("side")
        if side == "agent" and self._is_menu(leg):
            return "menu"
        if side or self.root is None:
            return side or "outside"
        ours_called = self.root.said("side") == "agent" and not self.root.said("internal")
        return "outside" if leg is self.root or ours_called else "agent"

    def _is_menu(self, leg: Leg) -> bool:
        address = leg.said("address")
        heard = leg.rang_at is None and leg.answered_at is None and address in self._picked_up
        mute = leg.is_menu and (leg.said("menu") or not self._taken_before(leg))
        return leg is not self.root and (mute or (address is not None and heard))

    def _taken_before(self, leg: Leg) -> bool:
        """Somebody of ours had the call already: who takes it at once was asked first."""
        return any(
            other.answered_at and other.answered_at < leg.started_at and not other.is_menu
            for other in self.every
            if other is not self.root and other.said("side") == "agent"
        )

    @property
    def internal(self) -> bool:
        """It began at one of ours, for one of ours, and nobody from outside was in it."""
        return self.root is not None and bool(self.root.said("internal")) and not self.outside

    @cached_property
    def _picked_up(self) -> dict[str, tuple[datetime, str | None]]:
        """When the outside party first heard each address within the company, and its name."""
        heard: dict[str, tuple[datetime, str | None]] = {}
        for fact in self.facts:
            by = fact.values["leg"].get("picked_up_by") if fact.kind == "answered" and fact.values.get("leg") else None
            if by:
                heard.setdefault(by["address"], (fact.at, by.get("name")))
        return heard

    @cached_property
    def agents(self) -> list[Leg]:
        return [leg for leg in self.every if self.side(leg) == "agent"]

    @cached_property
    def outside(self) -> list[Leg]:
        return [leg for leg in self.every if self.side(leg) == "outside"]

    @cached_property
    def menus(self) -> list[Leg]:
        return [leg for leg in self.every if self.side(leg) == "menu"]

    @property
    def talking(self) -> list[Leg]:
        """The legs whose answer is the answer of the call: the other side's."""
        return self.outside if self.direction == "outbound" else [leg for leg in self.agents if leg is not self.root]

    @property
    def answered_at(self) -> datetime | None:
        return min((leg.answered_at for leg in self.talking if leg.answered_at), default=None)

    @property
    def anyone_heard(self) -> bool:
        """Somebody or something answered: a hold could have been told."""
        return any(leg.answered_at for leg in self.every)

    @cached_property
    def ended_at(self) -> datetime | None:
        """With the leg that began the call, or the message on voicemail; if that leg moved on, with the last."""
        ends = [leg.ended_at for leg in self.every if leg.ended_at]
        if self.root is None or self.root.ended_at is None:
            return None
        if not self.root.said("moved"):
            messages = [leg.ended_at for leg in self.every if leg.said("voicemail") and leg.ended_at]
            return min([self.root.ended_at, *messages])
        last = max(self.every, key=lambda leg: leg.ended_at or leg.started_at)
        return max(ends) if len(ends) == len(self.every) and not last.said("moved") else None

    @property
    def left_menu_at(self) -> datetime | None:
        return max((leg.ended_at for leg in self.menus if leg.ended_at and leg.said("menu")), default=None)

    @property
    def gone_in_menu(self) -> bool:
        """The caller heard a menu, and nothing after it."""
        return bool(self.menus) and not self.left_menu_at and not self.agents and not self.queue

    @property
    def queue(self) -> tuple[datetime, str | None] | None:
        """When the outside party came into a queue, and its name: what picked up and is nobody's own address."""
        own = {leg.said("address") for leg in self.every}
        return next((heard for address, heard in self._picked_up.items() if address not in own), None)

    @property
    def rang_until(self) -> datetime | None:
        return max((leg.rang_until for leg in self.agents if leg.rang_until), default=None)

    @property
    def outcome(self) -> Outcome | None:
        """Of a call that nobody took."""
        if self.direction == "outbound":
            results = [leg.said("result") for leg in self.outside if leg.said("result")]
            return REFUSALS.get(results[-1], "unanswered") if results else None
        if not self.every:
            return None
        return "missed" if self._refused else "abandoned"

    @property
    def caller_left(self) -> bool:
        """While it rang at an agent, who was let go for that."""
        return any(leg.said("result") == "cancelled" for leg in self.agents)

    @property
    def _refused(self) -> bool:
        """No agent took it; from a queue, the caller must not have waited on."""
        refused = [leg.ended_at for leg in self.agents if leg.ended_at and leg.said("result") in REFUSALS]
        left = self.caller_left
        if not refused or left or not any(leg.said("queue_call") for leg in self.agents):
            return bool(refused) and not left
        return self.ended_at is not None and self.ended_at - max(refused) <= GIVEN_UP

    @property
    def transferred_to(self) -> str | None:
        """Whom the call went to when somebody passed it on."""
        moved = [leg for leg in self.every if leg.said("moved") and leg.ended_at]
        later = [leg for leg in self.every for before in moved if leg is not before and self._took_over(leg, before)]
        if not later:
            return None
        agent = later[-1].agent
        name: str | None = agent["agent"] if agent else later[-1].said("to_number")
        return name

    def _took_over(self, leg: Leg, before: Leg) -> bool:
        """It began when that one moved on; or was asked first, and stayed."""
        moved_at = before.ended_at or before.started_at
        asked = self.side(leg) == "agent" and not leg.said("moved") and leg.agent != before.agent
        stayed = leg.answered_at is not None and leg.answered_at <= moved_at < (leg.ended_at or moved_at + GIVEN_UP)
        return leg.started_at >= moved_at - GIVEN_UP or (asked and leg is not self.root and stayed)

    def connected_seconds(self, until: datetime) -> float:
        """While the other side was there, however many at once."""
        spans = sorted(span for leg in self.talking if (span := leg.connected(until)))
        total, reached = 0.0, None
        for start, end in spans:
            begin = max(start, reached) if reached else start
            total += max(0.0, (end - begin).total_seconds())
            reached = max(end, reached) if reached else end
        return total

    def held_seconds(self, until: datetime | None) -> float:
        """As agents' legs tell; or as long as others hear music once somebody has answered."""
        told = sum(held_seconds(leg.facts, leg.ended_at or until) for leg in self.agents)
        heard = sum(held_seconds(self._music(leg), leg.ended_at or until, self.answered_at) for leg in self.outside)
        return max(told, heard)

    def _music(self, leg: Leg) -> list[Fact]:
        mine = [fact for fact in self.facts if (fact.values.get("leg") or {}).get("music") == leg.id]
        return mine if self.answered_at else []


def held_seconds(facts: Sequence[Fact], until: datetime | None, since: datetime | None = None) -> float:
    """Each hold until the next thing that ends one; an open one counts once there is an end."""
    marks = [(max(fact.at, since or fact.at), fact.kind == "held") for fact in facts if fact.kind in BOUNDS]
    if until:
        marks = [(min(at, until), held) for at, held in marks] + [(until, False)]
    return sum((after - at).total_seconds() for (at, held), (after, _) in pairwise(marks) if held)
