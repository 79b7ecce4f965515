"""Vonage Voice API (https://developer.vonage.com/en/voice/voice-api/webhook-reference), and Business Communications.

Webhooks are JSON with a bearer token (JWT, HS256) that holds the hash of the body and the moment of signing. As the
hash ties a token to one body, and equal bodies are told once, no token is good for a second one. A conversation is a
call, its ``uuid``s are legs; a leg that comes in is "answered" by our own NCCO, which is no human. Numbers are texts.
Business Communications (VBC) tells of whole calls in another schema.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from calls.domain.fact import Fact, Kind
from calls.domain.hook import HookRequest
from calls.domain.providers import Provider, Secrets
from calls.domain.reading import Reading, Unintelligible, read_json
from calls.domain.signatures import claims, is_fresh, matches
from calls.domain.telephone import to_e164

KINDS: Mapping[str, Kind] = {
    "started": "created",
    "ringing": "ringing",
    "answered": "answered",
    "human": "noted",
    "machine": "noted",
    "completed": "ended",
    "disconnected": "ended",
    "busy": "ended",
    "cancelled": "ended",
    "unanswered": "ended",
    "timeout": "ended",
    "rejected": "ended",
    "failed": "ended",
}
RESULTS = {
    "busy": "busy",
    "cancelled": "cancelled",
    "unanswered": "missed",
    "timeout": "missed",
    "rejected": "failed",
    "failed": "failed",
}
# What a request without a status may be about, where it says nothing more to us.
OTHER = ("dtmf", "speech", "reason", "type")
VBC_KINDS: Mapping[str, Kind] = {"RINGING": "ringing", "ACTIVE": "answered", "ANSWERED": "ended", "MISSED": "ended"}
BEARER = "bearer "
# Claims that must not be another account's, where the connection names its own.
NAMED = ("api_key", "application_id")


def verify(request: HookRequest, secrets: Secrets) -> bool:
    shown = request.headers["authorization"]
    if not shown.lower().startswith(BEARER):
        return False
    said = claims(shown[len(BEARER) :].strip(), secrets["signature_secret"], "HS256")
    named = all(name not in said or name not in secrets or matches(said[name], secrets[name]) for name in NAMED)
    whole = matches(said["payload_hash"], [hashlib.sha256(request.body).hexdigest()])
    return named and whole and is_fresh(datetime.fromtimestamp(said["iat"], UTC), request)


def deduplication_key(request: HookRequest) -> str | None:
    return hashlib.sha256(request.body).hexdigest()


def interpret(request: HookRequest) -> list[Fact]:
    body = read_json(request.body)
    event = body.child("event") if isinstance(body.values.get("event"), dict) else None
    if event:
        return [_business_fact(event)]
    conversation = body.text("conversation_uuid") or body.text("conversation_uuid_from")
    at = body.moment("timestamp") or request.received_at
    if conversation is None:
        raise body.missing("conversation_uuid")
    if body.text("status") is None:
        return _other_facts(body, conversation, at)
    return [_leg_fact(body, conversation, at, request.settings.get("own_numbers", ()))]


def _leg_fact(body: Reading, conversation: str, at: datetime, own_numbers: list[str]) -> Fact:
    status, uuid = body.text("status") or "", body.text("uuid")
    if uuid is None:
        raise body.missing("uuid")
    if status not in KINDS:
        raise Unintelligible(f"/status is {status[:100]!r}, which we do not know")
    kind = KINDS[status]
    leg = _ends(body, own_numbers) | {"id": uuid, "result": RESULTS.get(status)}
    if kind == "ended":
        at = body.moment("end_time") or at
        leg["talked_s"] = body.seconds("duration") or None
    began = body.moment("start_time") if kind == "ended" else None
    return Fact(conversation, kind, at, {"leg": _known(leg)} | ({"reckoned_start": began.isoformat()} if began else {}))


def _ends(body: Reading, own_numbers: list[str]) -> dict[str, Any]:
    """A leg that comes in is a caller's, unless from us; whose a leg is that goes out, only its call can tell."""
    inbound = body.text("direction") == "inbound"
    user = body.text("from_user" if inbound else "to_user")
    number = to_e164(body.identifier("from" if inbound else "to"))
    ours = user is not None or number in own_numbers
    who = user or number
    return {
        "root": inbound or None,
        "side": "agent" if ours else "outside" if inbound else None,
        "direction": "inbound" if inbound and not ours else "outbound",
        "from_number": _number(body.identifier("from")),
        "to_number": _number(body.identifier("to")),
        "agent": {"agent_id": who, "agent": who} if ours else None,
    }


def _number(address: str | None) -> str | None:
    return to_e164(address) or (address if address and address.startswith("sip:") else None)


def _other_facts(body: Reading, conversation: str, at: datetime) -> list[Fact]:
    """Recordings, transfers, and what the caller pressed."""
    moved = body.text("conversation_uuid_to")
    if body.text("recording_url"):
        began = body.moment("start_time")
        values = {
            "recorded": True,
            "recording_link": body.text("recording_url"),
            "voicemail_at": began.isoformat() if began else None,
        }
        return [Fact(conversation, "noted", at, _known(values))]
    if moved:
        return [Fact(conversation, "transferred", at, {"transferred_to": moved}, aliases=(moved,))]
    if not any(name in body.values for name in OTHER):
        raise body.missing("status")
    return [Fact(conversation, "noted", at)]


def _business_fact(event: Reading) -> Fact:
    """VBC: one body a state of the whole call; ANSWERED is told at its end."""
    call, state, started = event.identifier("id"), event.text("state"), event.moment("startTime")
    if call is None:
        raise event.missing("id")
    if state is None or state not in VBC_KINDS or started is None:
        raise Unintelligible(f"{event.place}/state is {state!r} with startTime {started}, which we do not know")
    inbound = (event.text("direction") or "").upper() == "INBOUND"
    theirs, user, length = (
        to_e164(event.identifier("phoneNumber")),
        event.identifier("userId"),
        event.seconds("duration"),
    )
    values = {
        "direction": "inbound" if inbound else "outbound",
        "started_at": started.isoformat(),
        "from_number": theirs if inbound else None,
        "to_number": None if inbound else theirs,
        "agent": {"agent_id": user, "agent": user} if user and (state != "MISSED" or not inbound) else None,
        "outcome": "answered" if state in ("ACTIVE", "ANSWERED") else None,
        "connected_s": length if state == "ANSWERED" else None,
    }
    at = started + timedelta(seconds=length or 0) if VBC_KINDS[state] == "ended" else started
    return Fact(call, VBC_KINDS[state], at, _known(values))


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


PROVIDER = Provider(
    name="vonage",
    verify=verify,
    interpret=interpret,
    deduplication_key=deduplication_key,
    needs=frozenset({"signature_secret"}),
)
