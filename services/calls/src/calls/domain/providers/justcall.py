"""JustCall (https://developer.justcall.io/docs/webhook-events).

The signature covers our address, the type of event and a time, never the body: who has seen one request may say
anything of that type for some minutes. So the address is the one we configured, the time is looked at, and what is said
under one ``request_id`` is said once.

In no order, at least once, five attempts. A body is the whole call as it stood, with one moment (its beginning, UTC)
and durations: when it was answered is never told. What is set after a call (disposition, notes, tags, wrap-up) is
empty in bodies sent before, so an empty value counts only in ``call.updated``; ``rating`` is the agent, not the
customer, speaking.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from calls.domain.call import Direction
from calls.domain.fact import Fact, Kind
from calls.domain.hook import HookRequest
from calls.domain.providers import Provider, Secrets
from calls.domain.reading import Reading, Unintelligible, parse, read_json
from calls.domain.signatures import is_fresh, matches
from calls.domain.telephone import to_e164

SIGNED_AT = "x-justcall-request-timestamp"
# What `encodeURIComponent` leaves as it is.
UNQUOTED = "!'()*~"
KINDS: Mapping[str, Kind] = {
    "call.incoming": "created",
    "call.initiated": "created",
    "call.enters_queue": "noted",
    "call.exits_queue": "noted",
    "call.answered": "answered",
    "call.completed": "ended",
    "call.missed": "ended",
    "call.voicemail": "ended",
    "call.updated": "noted",
    "sd.call_completed": "ended",
    "sd.call_updated": "noted",
}
# The trait of a call that was passed on; to whom is told by who had it before and who has it in the end.
TRANSFER = "TRANSFER"
YES = ("true", "1", "yes")
UPDATES = ("call.updated", "sd.call_updated")
# Resources that are no calls, and what machines make of calls: understood, and they say nothing about one.
OTHERS = ("jc.", "sd.", "appointment.", "contact.", "sms.", "message.", "user.", "call.ai_", "task.", "whatsapp.")
DIRECTIONS: Mapping[str, Direction] = {"incoming": "inbound", "outgoing": "outbound"}
INBOUND = {"answered": "answered", "missed": "missed", "voicemail": "voicemail", "abandoned": "abandoned"}
OUTBOUND = {
    "answered": "answered",
    "unanswered": "unanswered",
    "abandoned": "unanswered",
    "cancelled": "unanswered",
    "busy": "busy",
    "failed": "failed",
    "restricted": "failed",
    "blocked": "failed",
}


def verify(request: HookRequest, secrets: Secrets) -> bool:
    kind, signed_at = parse(request.body)["type"], request.headers[SIGNED_AT]
    address = quote(request.url, safe=UNQUOTED)
    signatures = [_signature(secret, f"{secret}|{address}|{kind}|{signed_at}") for secret in secrets["api_secret"]]
    return matches(request.headers["x-justcall-signature"], signatures) and is_fresh(_signed(signed_at), request)


def _signature(secret: str, message: str) -> str:
    return hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()


def _signed(spelled: str) -> datetime:
    """``YYYY-MM-DD HH:MM:SS`` UTC, or Unix seconds: their documents say both."""
    if spelled.isdecimal():
        return datetime.fromtimestamp(int(spelled), UTC)
    return datetime.fromisoformat(spelled).replace(tzinfo=UTC)


def deduplication_key(request: HookRequest) -> str | None:
    return read_json(request.body).identifier("request_id")


def interpret(request: HookRequest) -> list[Fact]:
    body = read_json(request.body)
    event = body.text("type") or ""
    if event == "appointment.scheduled":
        return _appointment(body)
    if event not in KINDS and event.startswith(OTHERS):
        return []
    if event not in KINDS:
        raise Unintelligible(f"/type is {event[:100]!r}, which we do not know")
    data = body.child("data")
    if data is None:
        raise body.missing("data")
    subject = data.identifier("call_sid") or data.identifier("id")
    if subject is None:
        raise data.missing("call_sid")
    began = _began(data)
    said = _outline(event, data, began) | _words(event, data) | _durations(event, data)
    at = _at(KINDS[event], data, began) or _told(request)
    number = data.identifier("id")
    aliases = (number,) if number and number != subject else ()
    told = [Fact(subject, KINDS[event], at, said, aliases=aliases)]
    ended = _at("ended", data, began) if event in UPDATES and _is_over(event, data) else None
    return [*told, Fact(subject, "ended", ended)] if ended else told


def _is_over(event: str, data: Reading) -> bool:
    """An update has the whole call: it tells of an end whose own event, after five attempts, was given up."""
    lasted, outcome = data.child("call_duration"), _outcome(event, data)
    return lasted is not None and (bool(lasted.seconds("total_duration")) or outcome not in (None, "answered"))


def _appointment(body: Reading) -> list[Fact]:
    """It names nobody's call: whoever it was made with was in one just then, or was not."""
    data = body.child("data") or Reading({}, "/data")
    number, made = to_e164(data.identifier("customer_number")), data.text("created_at")
    if number is None or made is None:
        return []
    at = Reading({"created_at": f"{made.replace(' ', 'T').removesuffix('Z')}Z"}, data.place).moment("created_at")
    return [Fact(number, "noted", at, {"appointment": True}, scope="contact")] if at else []


def _told(request: HookRequest) -> datetime:
    """When it was sent, by the provider's clock: that is what updates are ordered by."""
    try:
        return _signed(request.headers[SIGNED_AT])
    except (KeyError, ValueError, OverflowError, OSError):
        return request.received_at


def _began(data: Reading) -> datetime | None:
    """The one moment of a call; its hour may have one digit."""
    day, hour = data.text("call_date"), data.text("call_time")
    if day is None or hour is None:
        return None
    spelled = {"call_time": f"{day}T{hour:0>8}Z"}
    return Reading(spelled, data.place).moment("call_time")


def _at(kind: Kind, data: Reading, began: datetime | None) -> datetime | None:
    """When it happened, where a body lets us know: a call ends when its durations are over.

    An answer is told without its time, and may be told after the end: it stands before that.
    """
    lasted = data.child("call_duration")
    if kind in ("created", "answered") or began is None:
        return began
    if kind != "ended" or lasted is None:
        return None
    waited = lasted.seconds("queue_wait_time") or lasted.seconds("ring_time") or 0
    parts = (lasted.seconds("conversation_time") or 0) + (lasted.seconds("hold_time") or 0)
    return began + timedelta(seconds=waited + (lasted.seconds("total_duration") or parts))


def _info(data: Reading) -> Reading:
    return data.child("call_info") or Reading({}, f"{data.place}/call_info")


def _direction(event: str, data: Reading) -> Direction | None:
    told = _info(data).text("direction")
    if told is None:
        return "inbound" if event.endswith("_queue") else None
    if told.lower() not in DIRECTIONS:
        raise Unintelligible(f"{data.place}/call_info/direction is neither Incoming nor Outgoing")
    return DIRECTIONS[told.lower()]


def _outcome(event: str, data: Reading) -> str | None:
    told = (_info(data).text("type") or event.partition(".")[2]).lower()
    talked = (data.child("call_duration") or Reading({})).seconds("conversation_time")
    if told.endswith("completed") and talked:
        return "answered"  # of which kind it was is not said, but how long they talked
    if _direction(event, data) == "outbound":
        return OUTBOUND.get(told)
    late = "after working hours" in (_info(data).text("missed_call_reason") or "").lower()
    return "after_hours" if late and told == "missed" else INBOUND.get(told)


def _outline(event: str, data: Reading, began: datetime | None) -> dict[str, Any]:
    direction, outcome = _direction(event, data), _outcome(event, data)
    ours, theirs = (to_e164(data.identifier(name)) for name in ("justcall_number", "contact_number"))
    numbers = {"inbound": (theirs, ours), "outbound": (ours, theirs)}.get(direction or "", (None, None))
    taken = outcome == "answered" or direction == "outbound"
    told = {
        "started_at": began.isoformat() if began else None,
        "direction": direction,
        "outcome": outcome,
        "from_number": numbers[0],
        "to_number": numbers[1],
        "line": data.text("justcall_line_name"),
        "agent": _agent(data) if taken else None,
        "follow_up": _wants_call_back(data) or None,
        "passed_on": TRANSFER in {each.upper() for each in _info(data).texts("call_traits")} or None,
        "voicemail": outcome == "voicemail" or None,
        "recording": _info(data).text("recording") is not None or None,
        "recording_link": _info(data).text("recording"),
    }
    return {name: value for name, value in told.items() if value is not None}


def _agent(data: Reading) -> dict[str, Any] | None:
    agent_id, email = data.identifier("agent_id"), data.text("agent_email")
    if agent_id is None:
        return None
    return {"agent_id": agent_id, "agent": email or agent_id, "name": data.text("agent_name"), "email": email}


def _words(event: str, data: Reading) -> dict[str, Any]:
    info = _info(data)
    said = {"disposition": info.text("disposition"), "note": info.text("notes"), "tags": _tags(data)}
    return said if event in UPDATES else {name: value for name, value in said.items() if value}


def _wants_call_back(data: Reading) -> bool:
    """The caller left the queue for being called back; how yes is spelled, nobody documents."""
    asked = (data.child("queue_callback") or Reading({})).values.get("callback_requested")
    return str(asked).lower() in YES


def _tags(data: Reading) -> list[str]:
    """By name: as texts, or as objects."""
    told = data.values.get("tags")
    if isinstance(told, list) and any(isinstance(each, dict) for each in told):
        return [name for each in data.children("tags") if (name := each.text("name"))]
    return data.texts("tags")


def _durations(event: str, data: Reading) -> dict[str, float]:
    """In a queue, the wait is the time there, ringing included; else it is the ringing. A voicemail is no talk."""
    answered, inbound = _outcome(event, data) == "answered", _direction(event, data) == "inbound"
    lasted = data.child("call_duration")
    if lasted is None:
        return {}
    rang, queued = lasted.seconds("ring_time"), lasted.seconds("queue_wait_time")
    found = {
        "wait_s": queued or rang,
        "ring_s": rang,
        "queue_s": max(0.0, queued - (rang or 0)) if inbound and queued is not None else None,
        "talk_s": lasted.seconds("conversation_time") if answered else None,
        "hold_s": lasted.seconds("hold_time"),
        "wrap_up_s": lasted.seconds("wrap_up_time"),
    }
    return {name: seconds for name, seconds in found.items() if seconds is not None}


PROVIDER = Provider(
    name="justcall",
    verify=verify,
    interpret=interpret,
    deduplication_key=deduplication_key,
    needs=frozenset({"api_secret"}),
    secret_headers=frozenset({"x-justcall-signature"}),
    tells_contacts=True,
    signs_address=True,
)
