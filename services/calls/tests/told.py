"""Bodies as each provider writes them, in a line each: for stories that the fixtures do not tell.

Moments are seconds after `BEGAN`. Nothing is signed: what proves a request is tested elsewhere.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

from calls.domain.hook import HookRequest

BEGAN = datetime(2025, 11, 18, 9, tzinfo=UTC)
CALLER, OURS, SECOND = "+12025550147", "+12025550101", "+12025550102"
MIRA, JONAS, RAVI = "mira", "jonas", "ravi"
NUMBERS = {MIRA: 101, JONAS: 102, RAVI: 103}


def at(second: float) -> datetime:
    return BEGAN + timedelta(seconds=second)


def stamp(second: float | None) -> float | None:
    return None if second is None else at(second).timestamp()


def iso(second: float) -> str:
    return at(second).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def sent(body: Any, second: float, **headers: str) -> HookRequest:
    return HookRequest(json.dumps(body).encode(), at(second), {"content-type": "application/json"} | headers)


def person(name: str) -> dict[str, Any]:
    return {"id": NUMBERS[name], "name": name.title(), "email": f"{name}@example.com"}


def aircall(event: str, second: float, user: str | None = None, **data: Any) -> HookRequest:
    """Times in ``data`` are seconds after the beginning; ``call`` is the call's id."""
    times = {name: stamp(data.pop(name, None)) for name in ("answered_at", "ended_at")}
    number = {"id": 1, "name": "Ads", "digits": "+1 202-555-0101", "country": "US", "is_ivr": False}
    about = {"id": data.pop("call", 7), "direction": "inbound", "raw_digits": "+1 202-555-0147", "number": number}
    about |= {"started_at": stamp(data.pop("started_at", 0))} | times | {"user": person(user) if user else None}
    whole = {"tags": [], "teams": [], "comments": [], "recording": None, "voicemail": None, "missed_call_reason": None}
    body = {"resource": "call", "event": f"call.{event}", "timestamp": stamp(second), "data": whole | about | data}
    return sent(body | {"token": "t"}, second)


def aircall_wrap_up(end: str, second: float, user: str) -> HookRequest:
    body = {"resource": "user", "event": f"user.wut_{end}.v2", "timestamp": stamp(second), "data": person(user)}
    return sent(body, second)


def cloudtalk(event: str, second: float, agent: str | None = None, **more: Any) -> HookRequest:
    numbers = {"internal_number": int(OURS[1:]), "external_number": int(CALLER[1:])}
    about = {"schema": "calls.cloudtalk.v1", "event": event, "call_uuid": "uuid-7", "direction": "incoming"}
    return sent(about | numbers | {"agent_id": NUMBERS[agent] if agent else None, "contact_id": 5} | more, second)


def justcall(
    event: str, second: float, agent: str | None = None, lasted: Mapping[str, float] | None = None, **more: Any
) -> HookRequest:
    """``more`` is of the call's information; ``call`` of the call itself."""
    info = {"direction": "Incoming", "type": "", "disposition": "", "notes": "", "recording": "", "call_traits": []}
    who = person(agent) if agent else {"id": None, "name": "", "email": ""}
    about = {"id": 7007, "call_sid": "CA7", "contact_number": CALLER[1:], "justcall_number": OURS[1:], "tags": []}
    about |= {"agent_id": who["id"], "agent_name": who["name"], "agent_email": who["email"]}
    about |= {"call_date": "2025-11-18", "call_time": "9:00:00"} | more.pop("call", {})
    times = {} if lasted is None else {"call_duration": lasted}
    body = {"request_id": f"{event}/{second}", "type": event, "data": about | times | {"call_info": info | more}}
    return sent(body, second, **{"x-justcall-request-timestamp": f"{at(second):%Y-%m-%d %H:%M:%S}"})


def ringcentral(party: int, code: str, second: float, extension: str | None = None, **more: Any) -> HookRequest:
    """A state of one party; ``reason`` is that of its status, ``peer`` the session it went on in."""
    status = {"code": code, "rcc": False} | ({"reason": more.pop("reason")} if "reason" in more else {})
    if "peer" in more:
        status["peerId"] = {"telephonySessionId": more.pop("peer")}
    session = more.pop("session", "s-7")
    one = {"id": f"p-{session}-{party}", "direction": "Inbound" if extension else "Outbound", "status": status}
    one |= {"from": {"phoneNumber": CALLER}, "to": {"phoneNumber": OURS}, "missedCall": False}
    one |= {"extensionId": extension} if extension else {}
    body = {"sequence": more.pop("sequence", int(second * 10)), "telephonySessionId": session, "eventTime": iso(second)}
    body["parties"] = [one | more]
    event = "/restapi/v1.0/account/1/telephony/sessions"
    return sent({"uuid": f"{party}/{code}/{second}", "event": event, "body": body}, second)


def ringover(event: str, second: float, user: str | None = None, **data: Any) -> HookRequest:
    """Times in ``data`` are seconds after the beginning."""
    times = {name: stamp(data.pop(name)) for name in ("start_time", "answered_time", "hangup_time") if name in data}
    who = (
        {"user_id": NUMBERS[user], "firstname": user.title(), "lastname": "", "email": f"{user}@example.com"}
        if user
        else None
    )
    about = {"call_id": 9007199254740993, "direction": "inbound", "from_number": CALLER[1:], "to_number": OURS[1:]}
    about |= {"start_time": stamp(0), "user": who, "user_id": NUMBERS.get(user or "")} | times | data
    return sent({"event": event, "resource": "call", "timestamp": stamp(second), "data": about, "attempt": 1}, second)


def ringover_after(event: str, second: float, **data: Any) -> HookRequest:
    about = {"call_id": "9007199254740993"} | data
    return sent({"event": event, "resource": "aftercall", "timestamp": stamp(second), "data": about}, second)


def twilio(sid: str, status: str, second: float, sequence: int | None = None, **more: Any) -> HookRequest:
    """A progress callback with its number and time, or without a number any other request about the call."""
    about = {"CallSid": sid, "CallStatus": status, "Direction": "inbound", "From": CALLER, "To": OURS}
    if sequence is not None:
        progress = {"CallbackSource": "call-progress-events", "SequenceNumber": str(sequence)}
        about |= progress | {"Timestamp": format_datetime(at(second))}
    body = urlencode({name: value for name, value in (about | more).items() if value is not None})
    return HookRequest(body.encode(), at(second), {"content-type": "application/x-www-form-urlencoded"})


def vonage(leg: str, status: str | None, second: float, **more: Any) -> HookRequest:
    about = {"uuid": leg, "conversation_uuid": "CON-7", "direction": "inbound", "from": CALLER[1:], "to": OURS[1:]}
    return sent(about | {"status": status, "timestamp": iso(second)} | more, second)


def threecx(kind: str, ended: float, **more: Any) -> HookRequest:
    about = {"call_type": kind, "number": CALLER, "agent": "101", "duration": "00:00:00", "started_at": iso(0)}
    return sent(about | {"established_at": "", "ended_at": iso(ended), "recording_url": ""} | more, ended)


def asterisk(event: str, second: float, **more: Any) -> HookRequest:
    root = {"Uniqueid": "1.7", "Linkedid": "1.7", "CallerIDNum": CALLER, "Exten": OURS[1:], "Context": "from-trunk"}
    return sent({"received_at": iso(second), "ami": {"Event": event} | root | more}, second)


def member(name: str, channel: str, queue: str = "sales") -> dict[str, str]:
    """The leg of a queue's member, in an event of the queue."""
    number = str(NUMBERS[name])
    dest = {"DestUniqueid": channel, "DestLinkedid": "1.7", "DestCallerIDNum": number}
    dest |= {"DestChannel": f"PJSIP/{number}-{channel[-1]:0>8}", "DestContext": "from-internal", "DestExten": number}
    return dest | {"Queue": queue, "MemberName": name.title(), "Interface": f"PJSIP/{number}"}
