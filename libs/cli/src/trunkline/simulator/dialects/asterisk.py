"""Asterisk's manager events (https://docs.asterisk.org), as our forwarder wraps and signs them.

Channels of a call share a Linkedid; call records are in the server's own zone, and say ANSWERED of a caller whom only a
menu or a queue has answered.
"""

import hmac
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from trunkline.simulator import truth
from trunkline.simulator.dialects import Dialect, Secrets, Webhook, json_webhook
from trunkline.simulator.scenario import Agent, InventedCall

ZONE = "Europe/Amsterdam"

Data = dict[str, Any]


def webhooks(call: InventedCall, _secrets: Secrets) -> list[Webhook]:
    told = _inbound(call) if call.direction == "inbound" else _outbound(call)
    return [_webhook(event, at, said) for event, at, said in told]


def _webhook(event: str, at: datetime, said: Data) -> Webhook:
    body = {"schema": "calls.asterisk.ami.v1", "pbx": "pbx1.example.com", "received_at": f"{at:%Y-%m-%dT%H:%M:%S}.000Z"}
    return json_webhook(at, body | {"ami": {"Event": event} | said})


def _inbound(call: InventedCall) -> Iterator[tuple[str, datetime, Data]]:
    root = _caller(call)
    yield "Newchannel", call.started_at, root
    if call.team and call.menu_left_at:
        yield from _queued(call, root, call.menu_left_at)
    if call.handed_over:
        yield from _handed_over(call, root, *call.handed_over)
    yield "Hangup", call.ended_at, root | {"Cause": "16", "Cause-txt": "Normal Clearing"}
    application = "VoiceMail" if call.voicemail else "Queue" if call.team else "BackGround"
    yield "Cdr", call.ended_at, _record(call, call.number, call.line.digits, "from-trunk", application, call.started_at)


def _queued(call: InventedCall, root: Data, at: datetime) -> Iterator[tuple[str, datetime, Data]]:
    in_queue = root | {"Queue": _queue(call)}
    left_at = truth.waited_until(call)
    waited = {"HoldTime": str(int(truth.seconds(at, left_at)))}
    yield "QueueCallerJoin", at, in_queue | {"Position": "1", "Count": "1"}
    for number, ring in enumerate(call.rings, 1):
        member = in_queue | _member(call, number, ring.agent)
        yield "AgentCalled", ring.at, member
        if ring.declined_at:
            rang = {"RingTime": str(int(truth.seconds(ring.at, ring.declined_at)))}
            yield "AgentRingNoAnswer", ring.declined_at, member | rang
        elif call.answered_at:
            rang = {"RingTime": str(int(truth.seconds(ring.at, call.answered_at)))}
            yield "AgentConnect", call.answered_at, member | waited | rang
            yield from _completed(call, member | waited, call.answered_at)
    if call.ending == "left_in_queue":
        yield "QueueCallerAbandon", left_at, in_queue | waited | {"Position": "1", "OriginalPosition": "1"}
    yield "QueueCallerLeave", left_at, in_queue | {"Count": "0", "Position": "1"}


def _completed(call: InventedCall, member: Data, answered_at: datetime) -> Iterator[tuple[str, datetime, Data]]:
    yield from _held(call, member["DestUniqueid"])
    left_at = call.handed_over[0] if call.handed_over else call.ended_at
    talked = {"TalkTime": str(int(truth.seconds(answered_at, left_at)))}
    yield "AgentComplete", left_at, member | talked | {"Reason": "transfer" if call.handed_over else "caller"}


def _held(call: InventedCall, channel: str) -> Iterator[tuple[str, datetime, Data]]:
    """By the agent, on their channel."""
    for held_at, resumed_at in call.holds:
        yield "Hold", held_at, {"Uniqueid": channel, "Linkedid": _id(call, 0)}
        yield "Unhold", resumed_at, {"Uniqueid": channel, "Linkedid": _id(call, 0)}


def _handed_over(call: InventedCall, root: Data, at: datetime, to: Agent) -> Iterator[tuple[str, datetime, Data]]:
    first = _member(call, len(call.rings), call.agent or to)
    transferer = {"TransfererUniqueid": first["DestUniqueid"], "TransfererLinkedid": root["Linkedid"]}
    transferee = {f"Transferee{name}": value for name, value in root.items()}
    said = {"Result": "Success", "Extension": to.extension, "Context": "from-internal", "IsExternal": "Yes"}
    yield "BlindTransfer", at, said | transferer | transferee
    dialled = root | _channel(call, 90, f"PJSIP/{to.extension}", to.extension)
    yield "DialBegin", at, dialled
    yield "DialEnd", at, dialled | {"DialStatus": "ANSWER"}


def _outbound(call: InventedCall) -> Iterator[tuple[str, datetime, Data]]:
    agent = call.agent
    if agent is None:
        return
    ends = {"CallerIDNum": agent.extension, "CallerIDName": agent.name, "Context": "from-internal"}
    root = _root(call, f"PJSIP/{agent.extension}") | ends | {"Exten": call.number.lstrip("+")}
    dialled = root | _channel(call, 1, "PJSIP/trunk", call.number)
    status = "ANSWER" if call.answered_at else "BUSY" if call.ending == "busy" else "NOANSWER"
    yield "Newchannel", call.started_at, root
    yield "DialBegin", call.started_at, dialled
    yield "DialEnd", call.answered_at or call.ended_at, dialled | {"DialStatus": status}
    yield from _held(call, root["Uniqueid"])
    yield "Hangup", call.ended_at, root
    record = _record(call, agent.extension, call.number.lstrip("+"), "from-internal", "Dial", call.answered_at)
    yield "Cdr", call.ended_at, record | {"CallerID": f'"{agent.name}" <{agent.extension}>'}


def _root(call: InventedCall, interface: str) -> Data:
    return {"Channel": f"{interface}-{call.id:08x}", "Uniqueid": _id(call, 0), "Linkedid": _id(call, 0)}


def _caller(call: InventedCall) -> Data:
    ends = {"CallerIDNum": call.number, "CallerIDName": "", "Exten": call.line.digits.lstrip("+")}
    return _root(call, "PJSIP/trunk") | ends | {"Context": "from-trunk"}


def _channel(call: InventedCall, number: int, interface: str, called: str) -> Data:
    named = {"DestChannel": f"{interface}-{call.id + number:08x}", "DestCallerIDNum": called}
    return named | {"DestUniqueid": _id(call, number), "DestLinkedid": _id(call, 0)}


def _member(call: InventedCall, number: int, agent: Agent) -> Data:
    interface = f"PJSIP/{agent.extension}"
    return _channel(call, number, interface, agent.extension) | {"MemberName": agent.name, "Interface": interface}


def _record(
    call: InventedCall, source: str, dialled: str, context: str, application: str, answered_at: datetime | None
) -> Data:
    disposition = "ANSWERED" if answered_at else "BUSY" if call.ending == "busy" else "NO ANSWER"
    return {
        "Source": source,
        "Destination": dialled.lstrip("+"),
        "DestinationContext": context,
        "CallerID": source,
        "LastApplication": application,
        "StartTime": _local(call.started_at),
        "AnswerTime": _local(answered_at) if answered_at else "",
        "EndTime": _local(call.ended_at),
        "Duration": str(int(truth.seconds(call.started_at, call.ended_at))),
        "BillableSeconds": str(int(truth.seconds(answered_at, call.ended_at)) if answered_at else 0),
        "Disposition": disposition,
        "AMAFlags": "DOCUMENTATION",
        "UniqueID": _id(call, 0),
        "UserField": f"disposition={call.tags[0]}" if call.tags else "",
    }


def _id(call: InventedCall, number: int) -> str:
    return f"{int(call.started_at.timestamp())}.{call.id * 100 + number}"


def _queue(call: InventedCall) -> str:
    return (call.team or "").lower()


def _local(at: datetime) -> str:
    return f"{at.astimezone(ZoneInfo(ZONE)):%Y-%m-%d %H:%M:%S}"


def tells(call: InventedCall) -> Data:
    """The wait in the queue where a HoldTime was told; a caller gone in a menu and one turned away look alike."""
    outbound = call.direction == "outbound"
    told = truth.of(call, "direction", "external_number", "to_number", *truth.TIMES, "voicemail")
    told |= {"provider_call_id": _id(call, 0), "wrap_up_s": None, "tags": [], "queue": _queue(call) or None}
    told["from_number"] = call.agent.extension if outbound and call.agent else call.number
    told["disposition"] = call.tags[0] if call.tags else None
    told["agent"] = _shown(call)
    told["transferred_to"] = call.handed_over[1].extension if call.handed_over else None
    if call.answered_at:
        held = truth.durations(call)["hold_s"] or None
        told |= truth.of(call, "talk_s", "wait_s") | {"hold_s": held}
    told |= truth.of(call, "wait_s") if call.ending == "left_in_queue" else {}
    return told | ({} if call.ending == "closed" and not call.voicemail else truth.of(call, "outcome"))


def _shown(call: InventedCall) -> str | None:
    """Of calls from a queue the member's interface, of calls that were dialled the extension."""
    if call.last_agent is None:
        return None
    return call.last_agent.extension if call.direction == "outbound" else f"PJSIP/{call.last_agent.extension}"


def sign(webhook: Webhook, _url: str, secrets: Secrets, at: datetime) -> Mapping[str, str]:
    stamp = str(int(at.timestamp()))
    proof = hmac.digest(secrets["forwarder_hmac_key"].encode(), stamp.encode() + b"." + webhook.body, "sha256")
    return {"X-Forwarder-Timestamp": stamp, "X-Forwarder-Signature": f"sha256={proof.hex()}"}


def begins(agent: Agent, at: datetime, _secrets: Secrets) -> Webhook:
    member = {"Queue": agent.team.lower(), "MemberName": agent.name, "Interface": f"PJSIP/{agent.extension}"}
    return _webhook("QueueMemberAdded", at, member | {"Paused": "0", "Status": "1"})


DIALECT = Dialect(
    "asterisk",
    begins=begins,
    secrets=lambda text: {"forwarder_hmac_key": text},
    webhooks=webhooks,
    tells=tells,
    sign=sign,
    settings={"timezone": ZONE},
)
