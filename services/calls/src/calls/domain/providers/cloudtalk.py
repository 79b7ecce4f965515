"""CloudTalk (https://help.cloudtalk.io/en/articles/5648924-triggers).

It has no webhook of its own: a customer types what to send into its Workflow Automations, which is why the body is
ours (``docs/providers/cloudtalk/workflows.json``). A secret in a header is all that proves it. No body carries a time,
so what begins is timed by its receipt, to the second; "ended" comes only after wrap-up, which is taken off again.
A body about the recording knows the call by its number alone, the others by its uuid.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from calls.domain.availability import State, availability
from calls.domain.fact import Fact, Kind
from calls.domain.hook import HookRequest
from calls.domain.providers import Provider, Secrets
from calls.domain.reading import Reading, Unintelligible, read_json
from calls.domain.signatures import shows_secret
from calls.domain.telephone import to_e164

HEADER = "X-Hook-Secret"
KINDS: Mapping[str, Kind] = {
    "call_started": "created",
    "call_ringing_on_agent": "ringing",
    "call_answered": "answered",
    "call_ended": "ended",
    "call_modified": "noted",
    "recording_uploaded": "noted",
    "transcription_created": "noted",
}
PRESENCE = "user_status_changed"
REPEATED_WITHIN_S = 10
STATUSES: Mapping[str, State] = {
    "online": "available",
    "available": "available",
    "calling": "busy",
    "busy": "busy",
    "wrap_up": "wrap_up",
    "offline": "offline",
}
DIRECTIONS = {"incoming": "inbound", "outgoing": "outbound"}
# What a template puts where a property is no plain value.
NOTHING = ("[object Object]", "undefined", "null")


def verify(request: HookRequest, secrets: Secrets) -> bool:
    return shows_secret(request, secrets, HEADER)


def deduplication_key(request: HookRequest) -> str | None:
    """Nothing names a delivery; what is said twice in the same words about one call is said once.

    An agent's state is told in the same words each day: only those of a moment are one.
    """
    said = hashlib.sha256(request.body).hexdigest()
    of_agent = read_json(request.body).values.get("event") == PRESENCE
    return f"{said}/{int(request.received_at.timestamp() // REPEATED_WITHIN_S)}" if of_agent else said


def interpret(request: HookRequest) -> list[Fact]:
    body = _body(request)
    event = body.text("event") or ""
    if event == PRESENCE:
        return _presence(body, request.received_at)
    if event not in KINDS:
        raise Unintelligible(f"/event is {event[:100]!r}, which is none of our template's")
    at = request.received_at.replace(microsecond=0)
    said = _course(body, event, at) | _words(body)
    uuid, number = body.identifier("call_uuid"), body.identifier("call_id")
    values = {name: value for name, value in said.items() if value is not None}
    at = _hung_up(body, at) if event == "call_ended" else at
    if uuid:
        return [Fact(uuid, KINDS[event], at, values, aliases=(number,) if number else ())]
    if number:
        return [Fact(number, KINDS[event], at, values, scope="alias")]
    raise body.missing("call_uuid")


def _presence(body: Reading, at: datetime) -> list[Fact]:
    """Statuses may be the customer's own: in one we do not know nobody takes calls."""
    agent_id, status = body.identifier("agent_id"), (body.text("status") or "").lower()
    if agent_id is None:
        raise body.missing("agent_id")
    state = STATUSES.get(status, "away")
    who = {"agent_id": agent_id, "agent": agent_id}
    return [availability(agent_id, at, state, who, reason=status if state == "away" and status else None)]


def _body(request: HookRequest) -> Reading:
    body = read_json(request.body)
    return Reading({name: None if value in NOTHING else value for name, value in body.values.items()})


def _hung_up(body: Reading, told_at: datetime) -> datetime:
    return told_at - timedelta(seconds=body.seconds("wrapup_time") or 0)


def _course(body: Reading, event: str, at: datetime) -> dict[str, Any]:
    talked, waited = body.seconds("talking_time"), body.seconds("waiting_time")
    lasted = timedelta(seconds=(talked or 0) + (waited or 0))
    return {
        "reckoned_start": (_hung_up(body, at) - lasted).isoformat() if event == "call_ended" and lasted else None,
        "started_at": at.isoformat() if event == "call_started" else None,
        "answered_at": at.isoformat() if event == "call_answered" else None,
        "outcome": "answered" if talked else None,
        "connected_s": talked,
        "wait_s": waited,
        "wrap_up_s": body.seconds("wrapup_time"),
        **_who(body, event, taken=bool(talked)),
    }


def _who(body: Reading, event: str, *, taken: bool) -> dict[str, Any]:
    """An agent being rung, or the one who dialled or has the call."""
    agent_id = body.identifier("agent_id")
    if agent_id is None:
        return {}
    agent = {"agent_id": agent_id, "agent": agent_id}
    if event == "call_ringing_on_agent":
        return {"rung": agent}
    has_it = taken or event == "call_answered" or (body.text("direction") or "").lower() == "outgoing"
    return {"agent": agent} if has_it else {}


def _words(body: Reading) -> dict[str, Any]:
    way = (body.text("direction") or "").lower() or None
    if way is not None and way not in (*DIRECTIONS, "internal"):
        raise Unintelligible("/direction is neither incoming nor outgoing nor internal")
    ours, theirs = (to_e164(body.identifier(name)) for name in ("internal_number", "external_number"))
    direction = DIRECTIONS.get(way or "")
    numbers = {"inbound": (theirs, ours), "outbound": (ours, theirs)}.get(direction or "", (None, None))
    return {
        "direction": direction,
        "internal": way == "internal" or None,
        "from_number": numbers[0],
        "to_number": numbers[1],
        "recording": body.text("recording_url") is not None or None,
    }


PROVIDER = Provider(
    name="cloudtalk",
    verify=verify,
    interpret=interpret,
    deduplication_key=deduplication_key,
    needs=frozenset({"value"}),
    secret_headers=frozenset({HEADER.lower()}),
)
