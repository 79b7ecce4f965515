"""Wrap-up: providers tell that an agent began and finished it, not after which call. It is joined by time."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

# A wrap-up begins when the call ends; clocks tick in seconds and events are stamped by different machines.
EARLY = timedelta(seconds=5)
LATE = timedelta(minutes=2)
# A mark whose partner never comes is not joined for longer than this.
LONGEST = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """An agent began (or finished) wrap-up."""

    at: datetime
    finished: bool
    agent_id: str


@dataclass(frozen=True, slots=True, order=True)
class Talk:
    """An agent was done with a call."""

    ended_at: datetime
    call: str
    agent_id: str


def wrap_ups(talks: Iterable[Talk], marks: Iterable[Mark]) -> dict[Talk, float]:
    """Seconds by talk. Each wrap-up goes to the agent's last talk that ended before it."""
    by_agent: dict[str, list[Talk]] = defaultdict(list)
    for talk in sorted(set(talks)):
        by_agent[talk.agent_id].append(talk)
    seconds: dict[Talk, float] = defaultdict(float)
    for began, finished in _pairs(marks):
        ended = [talk for talk in by_agent[began.agent_id] if began.at - LATE <= talk.ended_at <= began.at + EARLY]
        if ended:
            seconds[ended[-1]] += (finished.at - began.at).total_seconds()
    return dict(seconds)


def _pairs(marks: Iterable[Mark]) -> list[tuple[Mark, Mark]]:
    """Each beginning with the end that follows it, per agent."""
    open_marks: dict[str, Mark] = {}
    pairs = []
    for mark in sorted(set(marks)):
        if not mark.finished:
            open_marks[mark.agent_id] = mark
        elif (began := open_marks.pop(mark.agent_id, None)) and mark.at - began.at <= LONGEST:
            pairs.append((began, mark))
    return pairs


def reach(at: datetime) -> tuple[datetime, datetime]:
    """Between which ends of talks a mark or a talk at this moment can change what is joined to what."""
    return at - LONGEST - LATE - EARLY, at + LATE + EARLY


def neighbourhood(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """Between which ends other talks decide about those that ended in this time."""
    return start - LATE - EARLY, end + LATE + EARLY


def aftermath(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """Between which moments wrap-up can belong to talks that ended in this time."""
    return start - EARLY, end + LATE + LONGEST


def around(at: datetime) -> tuple[datetime, datetime]:
    """All that can decide about what a mark or a talk at this moment changes."""
    start, end = reach(at)
    return min(neighbourhood(start, end)[0], aftermath(start, end)[0]), aftermath(start, end)[1]
