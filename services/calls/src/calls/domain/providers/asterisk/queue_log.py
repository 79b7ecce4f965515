"""Lines of ``queue_log``: ``epoch|call|queue|agent|event|parameters``, of queues alone.

What becomes of a call behind its queue is not told there: it is over with the last word about it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from calls.domain.fact import Fact, Kind
from calls.domain.providers.asterisk.members import logged_member
from calls.domain.providers.asterisk.told import agent_of, known, number_of
from calls.domain.reading import Reading, Unintelligible

# The least a line has: time, call, queue, agent, event.
COLUMNS = 5


def queue_log_facts(line: str) -> list[Fact]:
    parts = line.strip().split("|")
    if len(parts) < COLUMNS or not parts[0].isdecimal():
        raise Unintelligible("/queue_log is no line of queue_log")
    row = Reading({"at": parts[0], "0": None} | {str(place): part for place, part in enumerate(parts[COLUMNS:], 1)})
    at, event = row.moment_of_digits("at"), parts[4].upper()
    if at is None:
        raise row.missing("at")
    if member := logged_member(event, at, parts[3], parts[2], row.text("1")):
        return [member]
    meaning = MEANINGS.get(event)
    return meaning(_Line(at, parts[1], parts[2], parts[3], row)) if meaning else []


@dataclass(frozen=True)
class _Line:
    """``row`` holds its parameters by their places, from 1."""

    at: datetime
    call: str
    queue: str
    agent: str
    row: Reading

    def fact(self, kind: Kind, at: datetime | None = None, **values: Any) -> Fact:
        return Fact(self.call, kind, at or self.at, known(values))

    def leg(self, ring: str = "", **more: Any) -> dict[str, Any]:
        """The queue's member."""
        who = {"id": f"queue/{self.agent}{ring}", "side": "agent", "queue_call": True}
        return known(who | {"agent": agent_of(self.agent, self.agent)} | more)


def _entered(line: _Line) -> list[Fact]:
    caller = {"id": "caller", "root": True, "side": "outside", "direction": "inbound"}
    leg = known(caller | {"from_number": number_of(line.row.text("2"))})
    return [line.fact("created", leg=leg), line.fact("queued", queue=line.queue)]


def _dialled(line: _Line) -> list[Fact]:
    return [line.fact("noted", to_number=number_of(line.row.text("1")))]


def _connected(line: _Line) -> list[Fact]:
    rang = line.at - timedelta(seconds=line.row.seconds("3") or 0)
    taken = line.fact("unqueued", queue=line.queue, waited_s=line.row.seconds("1"), taken=True)
    return [line.fact("ringing", rang, leg=line.leg()), line.fact("answered", leg=line.leg()), taken]


def _completed(line: _Line) -> list[Fact]:
    return [line.fact("ended", leg=line.leg(talked_s=line.row.seconds("2"))), line.fact("ended")]


def _abandoned(line: _Line) -> list[Fact]:
    return [line.fact("ended", queue=line.queue, waited_s=line.row.seconds("3"), outcome="abandoned")]


def _rang(line: _Line, result: str) -> list[Fact]:
    """In vain; how long is told in thousandths."""
    rang = line.at - timedelta(milliseconds=line.row.seconds("1") or 0)
    leg = line.leg(f"/{line.at:%H%M%S}")
    return [line.fact("ringing", rang, leg=leg), line.fact("ended", leg=leg | {"result": result})]


def _let_go(line: _Line, waited: str) -> list[Fact]:
    waited_s = line.row.seconds(waited)
    return [line.fact("unqueued", queue=line.queue, waited_s=waited_s, outcome="missed", let_go=True, last_told=True)]


def _passed_on(line: _Line, to: str | None, talked: str) -> list[Fact]:
    leg = line.leg(moved=True, talked_s=line.row.seconds(talked))
    return [line.fact("ended", leg=leg), line.fact("transferred", transferred_to=number_of(to) or to, last_told=True)]


def _asked_first(line: _Line) -> list[Fact]:
    """It names bridges or channels, and nobody."""
    return _passed_on(line, None, "5" if line.row.text("1") == "LINK" else "4")


MEANINGS: Mapping[str, Callable[[_Line], list[Fact]]] = {
    "ENTERQUEUE": _entered,
    "DID": _dialled,
    "CONNECT": _connected,
    "COMPLETECALLER": _completed,
    "COMPLETEAGENT": _completed,
    "ABANDON": _abandoned,
    "RINGNOANSWER": lambda line: _rang(line, "missed"),
    "RINGCANCELED": lambda line: _rang(line, "cancelled"),
    "EXITWITHTIMEOUT": lambda line: _let_go(line, "3"),
    "EXITEMPTY": lambda line: _let_go(line, "3"),
    "EXITWITHKEY": lambda line: _let_go(line, "4"),
    "BLINDTRANSFER": lambda line: _passed_on(line, line.row.text("1"), "4"),
    "TRANSFER": lambda line: _passed_on(line, line.row.text("1"), "4"),
    "ATTENDEDTRANSFER": _asked_first,
}
