"""The queues a call was in, one after the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from calls.domain.fact import Fact


@dataclass(frozen=True, slots=True)
class Visit:
    """A time in one queue; ``answered_at`` where an agent took the call out of it; ``left`` where its end was told."""

    queue: str | None
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    left: bool


def visits(facts: Sequence[Fact], ended_at: datetime | None) -> list[Visit]:
    """Each coming into a queue until it was left, whatever for, or the next was come into."""
    entries = _entries(facts)
    nexts = [fact.at for fact in entries[1:]] + [ended_at]
    found = []
    for entry, next_at in zip(entries, nexts, strict=False):
        left = [fact for fact in facts if _leaves(fact, entry)]
        leaving = left[0] if left and (next_at is None or left[0].at <= next_at) else None
        took = any(fact.values.get("taken") and fact.at == leaving.at for fact in left) if leaving else False
        end = leaving.at if leaving else next_at
        found.append(Visit(entry.values.get("queue"), entry.at, end if took else None, end, leaving is not None))
    return found


def _entries(facts: Sequence[Fact]) -> list[Fact]:
    """Some providers tell again and again that a caller waits: it is one stay until they leave."""
    found: list[Fact] = []
    for fact in facts:
        if fact.kind == "queued" and not (found and _is_still_in(found[-1], fact, facts)):
            found.append(fact)
    return found


def _is_still_in(entry: Fact, fact: Fact, facts: Sequence[Fact]) -> bool:
    same = entry.values.get("queue") == fact.values.get("queue")
    return same and not any(_leaves(each, entry) and each.order < fact.order for each in facts)


def _leaves(fact: Fact, entry: Fact) -> bool:
    """Out of one queue and into the next may be told of the same second."""
    same = fact.values.get("queue") in (None, entry.values.get("queue"))
    return fact.kind == "unqueued" and same and fact.order > entry.order
