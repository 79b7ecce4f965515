"""What the manager's events (AMI) say, by their name."""

from datetime import timedelta
from typing import Any

from calls.domain.fact import Fact, Kind
from calls.domain.providers.asterisk.records import detail_record
from calls.domain.providers.asterisk.told import Told, agent_of, interface_of, known, number_of

RESULTS = {
    "BUSY": "busy",
    "NOANSWER": "missed",
    "CANCEL": "cancelled",
    "CONGESTION": "failed",
    "CHANUNAVAIL": "failed",
}


def _joined_queue(told: Told) -> list[Fact]:
    return [*told.root(), told.fact("queued", queue=told.text("Queue"), direction="inbound")]


def _left_queue(told: Told) -> list[Fact]:
    """Taken, gone (both are told) or let go."""
    return [told.fact("unqueued", queue=told.text("Queue"), let_go=True)]


def _abandoned(told: Told) -> list[Fact]:
    waited = told.event.seconds("HoldTime")
    return [*told.root(), told.fact("ended", queue=told.text("Queue"), waited_s=waited, outcome="abandoned")]


def _agent_called(told: Told) -> list[Fact]:
    return [*told.root(), told.fact("ringing", told.text("DestUniqueid"), leg=told.member)]


def _agent_missed(told: Told) -> list[Fact]:
    return [told.fact("ended", leg=told.member | {"result": "missed"})]


def _agent_connected(told: Told) -> list[Fact]:
    """With how long it rang, should that not have been told."""
    rang = told.at - timedelta(seconds=told.event.seconds("RingTime") or 0)
    waited = told.event.seconds("HoldTime")
    return [
        *told.root(),
        told.fact("ringing", told.text("DestUniqueid"), at=rang, leg=told.member),
        told.fact("answered", leg=told.member),
        told.fact("unqueued", queue=told.text("Queue"), waited_s=waited, taken=True),
    ]


def _agent_completed(told: Told) -> list[Fact]:
    moved = (told.text("Reason") or "").lower() == "transfer"
    talked = told.event.seconds("TalkTime")
    ended = told.fact("ended", leg=known(told.member | {"talked_s": talked, "moved": moved or None}))
    return [ended] if moved else [ended, told.fact("noted", last_told=True)]


def _dialled(told: Told) -> list[Fact]:
    if told.within_local:
        return [told.fact("noted", told.text("Uniqueid"), told.text("DestUniqueid"))]
    leg = _dialled_leg(told)
    return [*told.root(kind="created"), told.fact("ringing", leg["id"], leg=leg)] if leg else told.root()


def _dial_ended(told: Told) -> list[Fact]:
    leg, status = _dialled_leg(told), (told.text("DialStatus") or "").upper()
    if told.within_local:
        return _dialled(told)
    if leg is None:
        return told.root()
    if status == "ANSWER":
        return [*told.root(), told.fact("answered", leg["id"], leg=leg)]
    return [*told.root(), told.fact("ended", leg["id"], leg=leg | {"result": RESULTS.get(status, "missed")})]


def _dialled_leg(told: Told) -> dict[str, Any] | None:
    """The other end of a dial: ours where it is called by an extension, else outside's."""
    channel, number = told.text("DestUniqueid"), told.text("DestCallerIDNum")
    interface = interface_of(told.text("DestChannel"))
    if channel is None or channel == told.linked:
        return None
    inbound = any(fact.values["leg"].get("side") == "outside" for fact in told.root())
    ours = {"side": "agent", "agent": agent_of(interface, None)} if inbound and interface else {}
    return known({"id": channel, "to_number": number_of(number)}) | ours


def _held(told: Told) -> list[Fact]:
    kind: Kind = "held" if told.text("Event") == "Hold" else "resumed"
    return [told.fact(kind, leg={"id": told.text("Uniqueid")})]


def _music(told: Told) -> list[Fact]:
    """Whoever waits hears it, in a queue or on hold; older ones tell of both ends by one name."""
    begins = told.text("Event") == "MusicOnHoldStart" or told.text("State") == "Start"
    channel = told.text("Uniqueid")
    return [told.fact("held" if begins else "resumed", leg={"id": channel, "music": channel})] if channel else []


def _hung_up(told: Told) -> list[Fact]:
    """Only the first channel ends the call; the others end with what they did."""
    return told.root(kind="ended")


def _transferred_blind(told: Told) -> list[Fact]:
    if (told.text("Result") or "Success") != "Success":
        return []
    mover, to = told.text("TransfererUniqueid"), told.text("Extension")
    leg = {"id": mover, "moved": True}
    return [
        *told.root("Transferee"),
        *told.root("Transferer"),
        told.fact("ended", mover, leg=leg),
        told.fact("transferred", transferred_to=number_of(to) or to),
    ]


def _transferred_attended(told: Told) -> list[Fact]:
    """The call the agent made to ask, and this one, are one call from now on."""
    mover, second = told.text("OrigTransfererUniqueid"), told.text("SecondTransfererLinkedid")
    target = told.text("TransferTargetCallerIDNum") or told.text("SecondTransfererConnectedLineNum")
    return [
        told.fact("ended", mover, leg={"id": mover, "moved": True}),
        told.fact("transferred", second, transferred_to=number_of(target) or target),
    ]


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
    "MusicOnHold": _music,
    "MusicOnHoldStart": _music,
    "MusicOnHoldStop": _music,
    "Hangup": _hung_up,
    "BlindTransfer": _transferred_blind,
    "AttendedTransfer": _transferred_attended,
    "Cdr": detail_record,
}
