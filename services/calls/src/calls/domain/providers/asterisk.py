"""Asterisk, through our forwarder (``trunkline asterisk-forwarder``): AMI events, or lines of ``queue_log``.

Asterisk has no webhooks. The forwarder wraps each event with when it saw it, and signs ``timestamp.body`` anew at
each attempt. Channels of one call share a ``Linkedid``; a Cdr names only its own channel, is one of several of a call,
in the server's own time zone, and calls a caller who left the queue ANSWERED. ``HoldTime`` is the time in the queue.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from calls.domain.fact import Fact, Kind
from calls.domain.hook import HookRequest
from calls.domain.providers import Provider, Secrets
from calls.domain.queue_members import logged_member, member_fact
from calls.domain.reading import Reading, Unintelligible, read_json
from calls.domain.signatures import is_fresh, matches
from calls.domain.telephone import to_e164

RESULTS = {
    "BUSY": "busy",
    "NOANSWER": "missed",
    "CANCEL": "cancelled",
    "CONGESTION": "failed",
    "CHANUNAVAIL": "failed",
}
CDR_OUTCOMES = {"NO ANSWER": "unanswered", "BUSY": "busy", "FAILED": "failed", "CONGESTION": "failed"}
# The least a line of queue_log has: time, call, queue, agent, event.
COLUMNS = 5
# How the manager spells that there is nothing.
UNKNOWN = "<unknown>"
_DISPOSITION = re.compile(r"disposition=([^;,|]+)")
_CALLER_NAME = re.compile(r'^"?([^"<]*?)"?\s*<')


def verify(request: HookRequest, secrets: Secrets) -> bool:
    stamp, shown = request.headers["x-forwarder-timestamp"], request.headers["x-forwarder-signature"]
    signed = stamp.encode() + b"." + request.body
    known = ["sha256=" + hmac.digest(key.encode(), signed, "sha256").hex() for key in secrets["forwarder_hmac_key"]]
    return matches(shown, known) and is_fresh(datetime.fromtimestamp(int(stamp), UTC), request)


def deduplication_key(request: HookRequest) -> str | None:
    """The forwarder sends an event again as it was."""
    return hashlib.sha256(request.body).hexdigest()


def interpret(request: HookRequest) -> list[Fact]:
    body = read_json(request.body)
    line = body.text("queue_log")
    if line is not None:
        return _queue_log_facts(line)
    event, at = body.child("ami"), body.moment("received_at")
    if event is None:
        raise body.missing("ami")
    if at is None:
        raise body.missing("received_at")
    if member := member_fact(event, at):
        return [member]
    told = _Told(event, at, request.settings)
    meaning = MEANINGS.get(event.text("Event") or "")
    return meaning(told) if meaning else []


@dataclass(frozen=True)
class _Told:
    """One AMI event."""

    event: Reading
    at: datetime
    settings: Mapping[str, Any]

    def text(self, name: str) -> str | None:
        said = self.event.text(name)
        return None if said == UNKNOWN else said

    @property
    def linked(self) -> str:
        """The call: all its channels carry the id of its first."""
        found = self.text("Linkedid") or self.text("DestLinkedid") or self.text("TransfereeLinkedid")
        found = found or self.text("OrigTransfererLinkedid")
        if found is None:
            raise self.event.missing("Linkedid")
        return found

    def fact(self, kind: Kind, *aliases: str | None, at: datetime | None = None, **values: Any) -> Fact:
        linked = self.linked
        others = tuple(each for each in aliases if each and each != linked)
        return Fact(linked, kind, at or self.at, _known(values), aliases=others)

    def root(self, prefix: str = "", kind: Kind = "noted") -> list[Fact]:
        """What the event says of the call's first channel."""
        channel = self.text(f"{prefix}Uniqueid")
        if channel is None or channel != self.linked:
            return []
        caller, context = self.text(f"{prefix}CallerIDNum"), self.text(f"{prefix}Context")
        leg = _first_leg(caller, self.text(f"{prefix}Exten"), context, self.settings)
        if leg["side"] == "agent":
            who = caller or _interface(self.text(f"{prefix}Channel"))
            leg["agent"] = _agent(who, self.text(f"{prefix}CallerIDName"))
        return [self.fact(kind, leg=_known(leg | {"id": channel}))]

    @property
    def member(self) -> dict[str, Any]:
        """The leg of the queue's member."""
        interface = self.text("Interface") or _interface(self.text("DestChannel"))
        leg = {"id": self.text("DestUniqueid") or interface, "side": "agent", "queue_call": True}
        return leg | ({"agent": _agent(interface, self.text("MemberName"))} if interface else {})


def _first_leg(
    caller: str | None, dialled: str | None, context: str | None, settings: Mapping[str, Any]
) -> dict[str, Any]:
    """A call begins at one of ours if its context says so, or its number is an extension or our own."""
    from_number, to_number = _number(caller), _number(dialled)
    known = to_e164(caller)
    ours = "internal" in (context or "") or known in settings.get("own_numbers", ()) or (known is None and from_number)
    direction = ("outbound" if to_e164(dialled) else None) if ours else "inbound"
    side = "agent" if ours else "outside"
    ends = {"from_number": from_number, "to_number": to_number}
    return {"root": True, "side": side, "direction": direction, "internal": _within(side, dialled)} | ends


def _within(side: str, dialled: str | None) -> bool | None:
    return (side == "agent" and bool(dialled and dialled.isdecimal()) and to_e164(dialled) is None) or None


def _joined_queue(told: _Told) -> list[Fact]:
    return [*told.root(), told.fact("queued", queue=told.text("Queue"), direction="inbound")]


def _left_queue(told: _Told) -> list[Fact]:
    """Taken, gone (both are told) or let go."""
    return [told.fact("unqueued", queue=told.text("Queue"), let_go=True)]


def _abandoned(told: _Told) -> list[Fact]:
    waited = told.event.seconds("HoldTime")
    return [*told.root(), told.fact("ended", queue=told.text("Queue"), waited_s=waited, outcome="abandoned")]


def _agent_called(told: _Told) -> list[Fact]:
    return [*told.root(), told.fact("ringing", told.text("DestUniqueid"), leg=told.member)]


def _agent_missed(told: _Told) -> list[Fact]:
    return [told.fact("ended", leg=told.member | {"result": "missed"})]


def _agent_connected(told: _Told) -> list[Fact]:
    """With how long it rang, should that not have been told."""
    rang = told.at - timedelta(seconds=told.event.seconds("RingTime") or 0)
    waited = told.event.seconds("HoldTime")
    return [
        *told.root(),
        told.fact("ringing", told.text("DestUniqueid"), at=rang, leg=told.member),
        told.fact("answered", leg=told.member),
        told.fact("unqueued", queue=told.text("Queue"), waited_s=waited, taken=True),
    ]


def _agent_completed(told: _Told) -> list[Fact]:
    moved = (told.text("Reason") or "").lower() == "transfer"
    talked = told.event.seconds("TalkTime")
    return [told.fact("ended", leg=_known(told.member | {"talked_s": talked, "moved": moved or None}))]


def _dialled(told: _Told) -> list[Fact]:
    leg = _dialled_leg(told)
    return [*told.root(kind="created"), told.fact("ringing", leg["id"], leg=leg)] if leg else told.root()


def _dial_ended(told: _Told) -> list[Fact]:
    leg, status = _dialled_leg(told), (told.text("DialStatus") or "").upper()
    if leg is None:
        return told.root()
    if status == "ANSWER":
        return [*told.root(), told.fact("answered", leg["id"], leg=leg)]
    return [*told.root(), told.fact("ended", leg["id"], leg=leg | {"result": RESULTS.get(status, "missed")})]


def _dialled_leg(told: _Told) -> dict[str, Any] | None:
    """The other end of a dial: ours where it is called by an extension, else outside's."""
    channel, number = told.text("DestUniqueid"), told.text("DestCallerIDNum")
    interface = _interface(told.text("DestChannel"))
    if channel is None or channel == told.linked:
        return None
    inbound = any(fact.values["leg"].get("side") == "outside" for fact in told.root())
    ours = {"side": "agent", "agent": _agent(interface, None)} if inbound and interface else {}
    return _known({"id": channel, "to_number": _number(number)}) | ours


def _held(told: _Told) -> list[Fact]:
    kind: Kind = "held" if told.text("Event") == "Hold" else "resumed"
    return [told.fact(kind, leg={"id": told.text("Uniqueid")})]


def _hung_up(told: _Told) -> list[Fact]:
    """Only the first channel ends the call; the others end with what they did."""
    return told.root(kind="ended")


def _transferred_blind(told: _Told) -> list[Fact]:
    if (told.text("Result") or "Success") != "Success":
        return []
    mover, to = told.text("TransfererUniqueid"), told.text("Extension")
    leg = {"id": mover, "moved": True}
    return [
        *told.root("Transferee"),
        *told.root("Transferer"),
        told.fact("ended", mover, leg=leg),
        told.fact("transferred", transferred_to=_number(to) or to),
    ]


def _transferred_attended(told: _Told) -> list[Fact]:
    """The call the agent made to ask, and this one, are one call from now on."""
    mover, second = told.text("OrigTransfererUniqueid"), told.text("SecondTransfererLinkedid")
    target = told.text("TransferTargetCallerIDNum") or told.text("SecondTransfererConnectedLineNum")
    return [
        told.fact("ended", mover, leg={"id": mover, "moved": True}),
        told.fact("transferred", second, transferred_to=_number(target) or target),
    ]


def _detail_record(told: _Told) -> list[Fact]:
    """The channel's first and last moment; the answer only of a call we made, where no dial plan answers."""
    channel = told.text("Linkedid") or told.text("LinkedID") or told.text("UniqueID")
    end = _local(told, "EndTime", told.at)
    start = _local(told, "StartTime", _before(told, "Duration"))
    if channel is None:
        raise told.event.missing("UniqueID")
    caller, dialled = told.text("Source"), told.text("Destination")
    ends = _first_leg(caller, dialled, told.text("DestinationContext"), told.settings)
    said = {name: ends[name] for name in ("direction", "from_number", "to_number")}
    application = (told.text("LastApplication") or "").lower()
    disposed = _DISPOSITION.search(told.text("UserField") or "")
    said |= {
        "started_at": start.isoformat() if start else None,
        "ended_at": end.isoformat() if end else None,
        "voicemail": application == "voicemail" or None,
        "disposition": disposed.group(1).strip() if disposed else None,
    }
    said |= _result(told, ends, application)
    return [Fact(channel, "ended", end or told.at, _known(said))]


def _result(told: _Told, ends: Mapping[str, Any], application: str) -> dict[str, Any]:
    disposition = (told.text("Disposition") or "").upper()
    if ends["side"] != "agent":
        missed = disposition == "NO ANSWER" and application != "queue"
        return _taken(told) if _is_taken(told, application) else {"outcome": "missed" if missed else None}
    answered = _local(told, "AnswerTime", _before(told, "BillableSeconds")) if disposition == "ANSWERED" else None
    named = _CALLER_NAME.match(told.text("CallerID") or "")
    caller = told.text("Source")
    return {
        "answered_at": answered.isoformat() if answered and ends["direction"] else None,
        "outcome": CDR_OUTCOMES.get(disposition),
        "agent": _agent(caller, named.group(1) if named else None) if caller else None,
    }


def _is_taken(told: _Told, application: str) -> bool:
    """By whom a Dial reached; menus and queues "answer" too."""
    disposition = (told.text("Disposition") or "").upper()
    return application == "dial" and disposition == "ANSWERED" and told.text("DestinationChannel") is not None


def _taken(told: _Told) -> dict[str, Any]:
    answered = _local(told, "AnswerTime", _before(told, "BillableSeconds"))
    agent = _agent(_interface(told.text("DestinationChannel")), None)
    return {"answered_at": answered.isoformat() if answered else None, "outcome": "answered", "agent": agent}


def _before(told: _Told, lasted: str) -> datetime:
    return (_local(told, "EndTime", told.at) or told.at) - timedelta(seconds=told.event.seconds(lasted) or 0)


def _local(told: _Told, name: str, near: datetime) -> datetime | None:
    """A time in the server's own zone; of the two an hour has when clocks go back, the one nearer to a known moment."""
    text = told.text(name)
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise Unintelligible(f"{told.event.place}/{name} is not a time") from error
    zone = ZoneInfo(told.settings.get("timezone") or "UTC")
    zoned = [found] if found.tzinfo else [found.replace(tzinfo=zone, fold=fold) for fold in (0, 1)]
    return min((each.astimezone(UTC) for each in zoned), key=lambda each: abs(each - near))


def _queue_log_facts(line: str) -> list[Fact]:
    parts = line.strip().split("|")
    if len(parts) < COLUMNS or not parts[0].isdecimal():
        raise Unintelligible("/queue_log is no line of queue_log")
    row = Reading({"at": parts[0], "0": None} | {str(place): part for place, part in enumerate(parts[COLUMNS:], 1)})
    at = row.moment_of_digits("at")
    if at is None:
        raise row.missing("at")
    if member := logged_member(parts[4].upper(), at, parts[3], parts[2], row.text("1")):
        return [member]
    said = _logged(parts[4].upper(), row, at, agent=parts[3], queue=parts[2])
    return [Fact(parts[1], kind, when, _known(values)) for kind, when, values in said]


_Said = Sequence[tuple[Kind, datetime, dict[str, Any]]]


def _logged(event: str, row: Reading, at: datetime, *, agent: str, queue: str) -> _Said:  # noqa: PLR0911 — one a kind of line
    leg = {"id": f"queue/{agent}", "side": "agent", "queue_call": True, "agent": _agent(agent, agent)}
    if event == "ENTERQUEUE":
        root = {
            "id": "caller",
            "root": True,
            "side": "outside",
            "direction": "inbound",
            "from_number": _number(row.text("2")),
        }
        return [("created", at, {"leg": _known(root)}), ("queued", at, {"queue": queue})]
    if event == "CONNECT":
        rang = at - timedelta(seconds=row.seconds("3") or 0)
        taken = {"queue": queue, "waited_s": row.seconds("1"), "taken": True}
        return [("ringing", rang, {"leg": leg}), ("answered", at, {"leg": leg}), ("unqueued", at, taken)]
    if event in ("COMPLETECALLER", "COMPLETEAGENT"):
        return [("ended", at, {"leg": leg | {"talked_s": row.seconds("2")}}), ("ended", at, {})]
    if event == "ABANDON":
        return [("ended", at, {"queue": queue, "waited_s": row.seconds("3"), "outcome": "abandoned"})]
    if event == "RINGNOANSWER":
        rang, missed = at - timedelta(milliseconds=row.seconds("1") or 0), leg | {"id": f"queue/{agent}/{at:%H%M%S}"}
        return [("ringing", rang, {"leg": missed}), ("ended", at, {"leg": missed | {"result": "missed"}})]
    if event in ("EXITWITHTIMEOUT", "EXITEMPTY"):
        return [("unqueued", at, {"queue": queue, "outcome": "missed"})]
    if event in ("BLINDTRANSFER", "ATTENDEDTRANSFER", "TRANSFER"):
        to = row.text("1")
        return [
            ("ended", at, {"leg": leg | {"moved": True}}),
            ("transferred", at, {"transferred_to": _number(to) or to}),
        ]
    return [("unqueued", at, {"queue": queue})] if event == "EXITWITHKEY" else []


def _number(spelled: str | None) -> str | None:
    """E.164, or the extension; a withheld number is none."""
    return to_e164(spelled) or (spelled if spelled and spelled.isdecimal() else None)


def _interface(channel: str | None) -> str | None:
    """``PJSIP/101`` of the channel ``PJSIP/101-00000066``."""
    return channel.rsplit("-", 1)[0] if channel else None


def _agent(agent_id: str | None, name: str | None) -> dict[str, Any] | None:
    return {"agent_id": agent_id, "agent": agent_id, "name": name or None} if agent_id else None


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


MEANINGS = {
    "Newchannel": lambda told: told.root(kind="created"),
    "QueueCallerJoin": _joined_queue,
    "QueueCallerLeave": _left_queue,
    "QueueCallerAbandon": _abandoned,
    "AgentCalled": _agent_called,
    "AgentRingNoAnswer": _agent_missed,
    "AgentConnect": _agent_connected,
    "AgentComplete": _agent_completed,
    "DialBegin": _dialled,
    "DialEnd": _dial_ended,
    "Hold": _held,
    "Unhold": _held,
    "Hangup": _hung_up,
    "BlindTransfer": _transferred_blind,
    "AttendedTransfer": _transferred_attended,
    "Cdr": _detail_record,
}

PROVIDER = Provider(
    name="asterisk",
    verify=verify,
    interpret=interpret,
    deduplication_key=deduplication_key,
    needs=frozenset({"forwarder_hmac_key"}),
)
