"""Whether agents can take calls, as providers tell it: each word holds until the next one about the same queue."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

from calls.domain.fact import Fact, Kind

State = Literal["available", "busy", "wrap_up", "away", "offline"]
STATES: tuple[str, ...] = get_args(State)
# Facts about an agent that begin a stay in a state; who has wrapped up takes calls again.
STATED: Mapping[Kind, State] = {"wrap_up_started": "wrap_up", "wrap_up_ended": "available"}
# So long a word is believed; then whoever said it must have lost sight of the agent.
LONGEST_STAY = timedelta(hours=16)


@dataclass(frozen=True, slots=True)
class Stay:
    """From ``since`` on, of all queues or of one. ``until`` is null while it goes on."""

    state: State
    since: datetime
    queue: str | None = None
    reason: str | None = None
    until: datetime | None = None


def availability(subject: str, at: datetime, state: State, agent: Mapping[str, Any] | None, **more: Any) -> Fact:
    """An agent, by the provider's id, is in this state from now on; ``queue``, ``reason`` where told."""
    told = {"state": state, "agent": agent, **more}
    values = {name: value for name, value in told.items() if value is not None}
    return Fact(subject, "availability", at, values, scope="agent")


def stay(fact: Fact) -> Stay:
    """What a fact about an agent begins."""
    state = STATED.get(fact.kind) or fact.values["state"]
    return Stay(state, fact.at, fact.values.get("queue"), fact.values.get("reason"))


def stays(facts: Iterable[Fact], start: datetime, end: datetime) -> list[Stay]:
    """An agent's states in a time, each until the next about the same queue or until it is no longer believed."""
    ordered = sorted(facts, key=lambda fact: fact.order)
    found = [_ended(fact, ordered[place + 1 :]) for place, fact in enumerate(ordered)]
    return [each for each in found if each.since < end and (each.until is None or each.until > start)]


def _ended(fact: Fact, later: Sequence[Fact]) -> Stay:
    begun = stay(fact)
    nexts = [each.at for each in later if stay(each).queue in (begun.queue, None)]
    longest = begun.since + LONGEST_STAY
    until = min([*nexts[:1], longest]) if nexts else None
    return Stay(begun.state, begun.since, begun.queue, begun.reason, until)
