"""When agents were done with calls and when they wrapped up, in memory: read once for all that a batch tells."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from calls.domain.wrap_up import Mark, aftermath, around, neighbourhood, reach, wrap_ups
from calls.storage import talks
from calls.storage.facts import Named
from calls.storage.talks import Span, WrapUps
from shared.database import Transaction


@dataclass
class AgentTime:
    """Of one agent in a time: the marks of wrap-up, and the talks with the seconds that are joined to each."""

    span: Span
    marks: set[Mark] = field(default_factory=set)
    talks: WrapUps = field(default_factory=dict)

    def moved(self, moment: datetime) -> WrapUps:
        """What is joined otherwise than it is noted, where a mark or a talk at this moment can change that."""
        start, end = reach(moment)
        marks = [each for each in self.marks if _within(each.at, aftermath(start, end))]
        near = [each for each in self.talks if _within(each.ended_at, neighbourhood(start, end))]
        due = wrap_ups(near, marks) if marks else {}
        return {
            talk: due.get(talk)
            for talk in near
            if marks and _within(talk.ended_at, (start, end)) and due.get(talk) != self.talks[talk]
        }


@dataclass
class AgentTimes:
    """Whoever changes talks says so here; what is not known yet must be read before it is asked for."""

    transaction: Transaction
    _known: dict[Named, AgentTime] = field(default_factory=dict)

    def unknown(self, moments: Mapping[Named, Collection[datetime]]) -> dict[Named, Span]:
        """What must be read to know these agents around these moments."""
        spans = {agent: _joint(map(around, each)) for agent, each in moments.items() if each}
        return {
            agent: _joint([span, *([self._known[agent].span] if agent in self._known else [])])
            for agent, span in spans.items()
            if agent not in self._known or not _covers(self._known[agent].span, span)
        }

    async def read(self, spans: Mapping[Named, Span]) -> None:
        if not spans:
            return
        marks = await talks.marks_within(self.transaction, spans)
        ended = await talks.within(self.transaction, spans)
        for agent, span in spans.items():
            self._known[agent] = AgentTime(span, marks.get(agent, set()), ended.get(agent, {}))

    def mark(self, agent: Named, mark: Mark) -> None:
        if agent in self._known:
            self._known[agent].marks.add(mark)

    def change(self, connection: str, before: WrapUps, after: WrapUps) -> None:
        """The talks of a call are others than they were."""
        for talk in before:
            if time := self._known.get((connection, talk.agent_id)):
                time.talks.pop(talk, None)
        for talk, seconds in after.items():
            if time := self._known.get((connection, talk.agent_id)):
                time.talks[talk] = seconds

    def moved(self, agent: Named, moment: datetime) -> WrapUps:
        """The talks whose wrap-up is another than noted, with the seconds it is; around this moment, which is known."""
        return self._known[agent].moved(moment)

    def likely(self, marks: Mapping[Named, Collection[Mark]]) -> set[str]:
        """The calls whose wrap-up will be another once these marks are told."""
        found: set[str] = set()
        for agent, told in marks.items():
            time = self._known[agent]
            due = wrap_ups(time.talks, time.marks | set(told))
            found |= {talk.call for talk, seconds in time.talks.items() if due.get(talk) != seconds}
        return found


def _joint(spans: Iterable[Span]) -> Span:
    starts, ends = zip(*spans, strict=True)
    return min(starts), max(ends)


def _covers(outer: Span, inner: Span) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def _within(moment: datetime, span: Span) -> bool:
    return span[0] <= moment <= span[1]
