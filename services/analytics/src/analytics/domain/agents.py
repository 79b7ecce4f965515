"""Who of the agents is free right now: what their provider last said of them, and the calls they have.

A word is believed for `LONGEST_STAY`, that somebody wraps up for `LONGEST_WRAP_UP`. Whoever has a call is busy, unless
a later word says that it must be over.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

State = Literal["available", "ringing", "busy", "wrap_up", "away", "offline"]
# Of several words about an agent's queues the first of these counts.
BEST: Sequence[State] = ("available", "busy", "wrap_up", "away", "offline")
ORDER: Sequence[State] = ("busy", "ringing", "wrap_up", "available", "away", "offline")
ENDS_A_CALL = ("available", "wrap_up", "offline")
OCCUPIED = ("ringing", "busy", "wrap_up")
LONGEST_STAY = timedelta(hours=16)
LONGEST_WRAP_UP = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Word:
    """A provider says that an agent is in a state since then, for one queue or (null) for all."""

    agent: str
    name: str | None
    queue: str | None
    state: State
    since: datetime
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Engaged:
    """An agent talks, or is being rung."""

    agent: str
    state: State
    since: datetime
    queue: str | None


@dataclass(frozen=True, slots=True)
class Agent:
    """``queue`` is that of the call the agent has; ``queues`` are those the agent is known to work in.

    ``told``: a provider tells whether they can take calls. Of others only their calls are known, and never who is free.
    """

    agent: str
    name: str | None
    state: State
    since: datetime
    queue: str | None
    queues: tuple[str, ...]
    reason: str | None = None
    told: bool = True


@dataclass
class Roll:
    """The newest word about each agent and queue, in whatever order they come."""

    _words: dict[tuple[str, str | None], Word] = field(default_factory=dict)

    def hear(self, words: Iterable[Word]) -> None:
        for each in words:
            known = self._words.get((each.agent, each.queue))
            if known is None or known.since <= each.since:
                self._words[each.agent, each.queue] = each

    def call(self, engaged: Iterable[Engaged], queues: Mapping[str, Iterable[str]], now: datetime) -> list[Agent]:
        """Every agent that is known now; ``queues`` are those they have talked in. Forgets words of long ago."""
        self._words = {name: each for name, each in self._words.items() if now - each.since < LONGEST_STAY}
        told: dict[str, list[Word]] = {}
        for each in self._words.values():
            told.setdefault(each.agent, []).append(each)
        calls = {each.agent: each for each in sorted(engaged, key=lambda each: (each.state == "busy", each.since))}
        found = [_agent(who, told.get(who, []), calls.get(who), queues, now) for who in {**told, **calls}]
        return sorted(found, key=lambda each: (ORDER.index(each.state), each.since, each.agent))


def _agent(
    who: str, words: Sequence[Word], call: Engaged | None, queues: Mapping[str, Iterable[str]], now: datetime
) -> Agent:
    word = _standing(words, now)
    name = next((each.name for each in words if each.name), None)
    works_in = tuple(sorted({each.queue for each in words if each.queue} | set(queues.get(who, ()))))
    if call and not (word and word.since > call.since and word.state in ENDS_A_CALL):
        return Agent(who, name, call.state, call.since, call.queue, works_in, told=bool(words))
    if word is None:
        return Agent(who, name, "offline", now, None, works_in, told=False)
    return Agent(who, name, word.state, word.since, None, works_in, word.reason)


def _standing(words: Sequence[Word], now: datetime) -> Word | None:
    """The best of what holds for any queue; of each the later of what was said of it and of all."""
    general = next((each for each in words if each.queue is None), None)
    holding = [
        general if general and general.since > each.since else each for each in words if each.queue is not None
    ] or ([general] if general else [])
    current = [_believed(each, now) for each in holding]
    return min(current, key=lambda each: (BEST.index(each.state), each.since), default=None)


def _believed(word: Word, now: datetime) -> Word:
    """Nobody wraps up for ever."""
    over = word.since + LONGEST_WRAP_UP
    if word.state != "wrap_up" or now < over:
        return word
    return Word(word.agent, word.name, word.queue, "available", over)
