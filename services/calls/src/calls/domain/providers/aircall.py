"""Aircall (https://developer.aircall.io/docs/webhooks).

Webhooks are JSON; a token inside the body is all that proves them, so it is taken out before the body is stored.
At least once, in no order, answered within 5 s. Every body about a call is the whole call as it stood, in Unix
seconds, but not all of it can be believed: tags and the recording are empty in some bodies sent later.
Wait and hold are not given, only the moments around them; wrap-up is told of the agent, without the call.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from calls.domain.availability import State, availability
from calls.domain.fact import Fact, Kind
from calls.domain.hook import HookRequest
from calls.domain.providers import Provider, Secrets
from calls.domain.reading import Reading, Unintelligible, parse, read_json
from calls.domain.signatures import matches
from calls.domain.telephone import to_e164

KINDS: Mapping[str, Kind] = {
    "call.created": "created",
    "call.ivr_option_selected": "ivr_left",
    "call.ringing_on_agent": "ringing",
    "call.agent_declined": "declined",
    "call.answered": "answered",
    "call.hold": "held",
    "call.unhold": "resumed",
    "call.transferred": "transferred",
    "call.external_transferred": "transferred",
    "call.unsuccessful_transfer": "noted",
    "call.hungup": "ended",
    "call.ended": "ended",
    "call.voicemail_left": "noted",
    "call.tagged": "noted",
    "call.untagged": "noted",
    "call.commented": "noted",
    "call.assigned": "noted",
    "call.unassigned": "noted",
    "call.archived": "noted",
    "call.unarchived": "noted",
    "call.comm_assets_generated": "noted",
}
AGENT_KINDS: Mapping[str, Kind] = {
    "user.wut_start.v2": "wrap_up_started",
    "user.wut_start": "wrap_up_started",
    "user.wut_end.v2": "wrap_up_ended",
    "user.wut_end": "wrap_up_ended",
}
# Who is connected is as available as their setting says.
PRESENCE: Mapping[str, State] = {
    "user.connected": "available",
    "user.opened": "available",
    "user.closed": "away",
    "user.disconnected": "offline",
}
SETTINGS: Mapping[str, State] = {"available": "available", "custom": "available", "unavailable": "away"}
# Resources that are no calls: their events are understood, and say nothing about one.
OTHER_RESOURCES = ("user", "contact", "number", "message", "integration", "conversation_intelligence")
# The bodies whose tags are up to date; in others they may be empty though the call has some.
ABOUT_TAGS = ("call.tagged", "call.untagged", "call.ended")
OUTCOMES = {
    "abandoned_in_ivr": "abandoned",
    "abandoned_in_classic": "abandoned",
    "short_abandoned": "abandoned",
    "agents_did_not_answer": "missed",
    "no_available_agent": "missed",
    "out_of_opening_hours": "after_hours",
}
REDACTED = "[redacted]"
_TOKEN = re.compile(rb'("token"\s*:\s*)"(?:[^"\\]|\\.)*"')


def verify(request: HookRequest, secrets: Secrets) -> bool:
    token = parse(request.body)["token"]
    return isinstance(token, str) and matches(token, secrets["token"])


def redact(body: bytes) -> bytes:
    """The body byte for byte, but for the token; written anew only where the token hides behind escapes."""
    redacted = _TOKEN.sub(rb'\1"' + REDACTED.encode() + b'"', body)
    if b"\\u" not in body or parse(redacted).get("token", REDACTED) == REDACTED:
        return redacted
    return json.dumps(parse(redacted) | {"token": REDACTED}).encode()


def deduplication_key(request: HookRequest) -> str | None:
    """A repeat is the same event at the same second with the same body."""
    return hashlib.sha256(request.body).hexdigest()


def interpret(request: HookRequest) -> list[Fact]:
    body = read_json(request.body)
    event, at = body.text("event"), body.moment("timestamp")
    if event is None:
        raise body.missing("event")
    if at is None:
        raise body.missing("timestamp")
    if event in KINDS:
        return [_call_fact(event, at, _data(body))]
    if event in AGENT_KINDS:
        user = _data(body)
        return [Fact(_id(user), AGENT_KINDS[event], at, {"agent": _agent(user)}, scope="agent")]
    if event in PRESENCE:
        return [_presence(PRESENCE[event], at, _data(body))]
    if event.split(".")[0] in OTHER_RESOURCES:
        return []
    raise Unintelligible(f"/event is {event[:100]!r}, which we do not know")


def _presence(state: State, at: datetime, user: Reading) -> Fact:
    """What a connected user has set; the reason is that of being unavailable."""
    if state == "available":
        state = SETTINGS.get(user.text("availability_status") or "", state)
    reason = user.text("substatus") if state == "away" else None
    return availability(_id(user), at, state, _agent(user), reason=reason)


def _data(body: Reading) -> Reading:
    data = body.child("data")
    if data is None:
        raise body.missing("data")
    return data


def _id(thing: Reading) -> str:
    found = thing.identifier("id")
    if found is None:
        raise thing.missing("id")
    return found


def _call_fact(event: str, at: datetime, data: Reading) -> Fact:
    said = _outline(data) | _parties(data) | _words(event, data) | _who(event, data)
    known = {name: value for name, value in said.items() if value is not None}
    taken_back = {"transferred_to": None} if event == "call.unsuccessful_transfer" else {}
    return Fact(_id(data), KINDS[event], at, known | taken_back)


def _outline(data: Reading) -> dict[str, Any]:
    reason = data.text("missed_call_reason")
    teams = data.children("teams")
    return {
        "started_at": _time(data, "started_at"),
        "answered_at": _time(data, "answered_at"),
        "ended_at": _time(data, "ended_at"),
        "ivr_ended_at": _left_ivr(data),
        "left_in_ivr": reason == "abandoned_in_ivr" or None,
        "outcome": OUTCOMES.get(reason or "") if data.text("direction") == "inbound" else None,
        "queue": teams[0].text("name") if teams else None,
    }


def _left_ivr(data: Reading) -> str | None:
    transitions = [_time(option, "transition_ended_at") for option in data.children("ivr_options_selected")]
    return max((each for each in transitions if each), default=None)


def _time(thing: Reading, name: str) -> str | None:
    moment = thing.moment(name)
    return moment.isoformat() if moment else None


def _parties(data: Reading) -> dict[str, Any]:
    number = data.child("number") or Reading({}, data.place)
    region = number.text("country")
    ours, theirs = to_e164(number.text("digits"), region), to_e164(data.text("raw_digits"), region)
    direction = data.text("direction")
    if direction not in ("inbound", "outbound"):
        raise Unintelligible(f"{data.place}/direction is neither inbound nor outbound")
    inbound = direction == "inbound"
    return {
        "direction": direction,
        "from_number": theirs if inbound else ours,
        "to_number": ours if inbound else theirs,
        "line": number.text("name"),
    }


def _words(event: str, data: Reading) -> dict[str, Any]:
    """What people said of the call, where this event is about it."""
    comments = data.children("comments") if event == "call.commented" else []
    newest = max(comments, key=lambda comment: _time(comment, "posted_at") or "", default=None)
    voicemail = event == "call.voicemail_left" or data.text("voicemail") is not None
    recording = data.text("recording") or data.text("recording_short_url")
    return {
        "tags": [name for tag in data.children("tags") if (name := tag.text("name"))] if event in ABOUT_TAGS else None,
        "note": newest.text("content") if newest else None,
        "voicemail": voicemail or None,
        "recording": bool(recording) or None,
        "transferred_to": _transferred_to(data),
    }


def _transferred_to(data: Reading) -> str | None:
    outside = data.text("external_transferred_to")
    if outside:
        return to_e164(outside) or outside
    user = data.child("transferred_to")
    return _agent(user)["agent"] if user else None


def _who(event: str, data: Reading) -> dict[str, Any]:
    """The user is the agent being rung in events of ringing; the agent of a call only once answered or dialled."""
    user = data.child("user")
    if user is None:
        return {}
    if KINDS[event] in ("ringing", "declined"):
        return {"rung": _agent(user)}
    taken = data.values.get("answered_at") is not None or data.text("direction") == "outbound"
    return {"agent": _agent(user)} if taken else {}


def _agent(user: Reading) -> dict[str, Any]:
    agent_id = _id(user)
    email = user.text("email")
    return {"agent_id": agent_id, "agent": email or agent_id, "name": user.text("name"), "email": email}


PROVIDER = Provider(
    name="aircall",
    verify=verify,
    interpret=interpret,
    redact=redact,
    deduplication_key=deduplication_key,
    needs=frozenset({"token"}),
    measures_hold=True,
)
