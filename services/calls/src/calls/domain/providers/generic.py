"""Anything else that can post: our own JSON (``docs/providers/generic/call.schema.json``), signed by Standard Webhooks.

The signature (https://www.standardwebhooks.com) covers an id, a time and the body. What a body leaves out says nothing;
null takes back what was said before.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, cast, get_args

from calls.domain.availability import STATES, State, availability
from calls.domain.call import Outcome
from calls.domain.fact import Fact, Kind
from calls.domain.hook import HookRequest
from calls.domain.providers import Provider, Secrets
from calls.domain.reading import Reading, Unintelligible, read_json
from calls.domain.signatures import is_fresh, matches
from calls.domain.telephone import home_region, to_e164

KINDS: Mapping[str, Kind] = {
    "call.started": "created",
    "call.ivr_left": "ivr_left",
    "call.ringing": "ringing",
    "call.declined": "declined",
    "call.answered": "answered",
    "call.held": "held",
    "call.resumed": "resumed",
    "call.transferred": "transferred",
    "call.ended": "ended",
    "call.updated": "noted",
}
TEXTS = ("queue", "line", "disposition", "topic", "note", "transferred_to")
TIMES = ("started_at", "ivr_ended_at", "answered_at", "voicemail_at", "ended_at")
SECONDS = ("ivr_s", "queue_s", "ring_s", "wait_s", "talk_s", "hold_s", "wrap_up_s")
FLAGS = ("left_in_ivr", "voicemail", "recording", "resolved", "escalated", "converted", "appointment", "internal")
LOWEST, HIGHEST = 1, 5


def verify(request: HookRequest, secrets: Secrets) -> bool:
    named, signed_at = request.headers["webhook-id"], request.headers["webhook-timestamp"]
    message = f"{named}.{signed_at}.".encode() + request.body
    shown = [
        each.removeprefix("v1,") for each in request.headers["webhook-signature"].split() if each.startswith("v1,")
    ]
    valid = [_signature(secret, message) for secret in secrets["signing_secret"]]
    return any(matches(each, valid) for each in shown) and is_fresh(_signed(request), request)


def _signature(secret: str, message: bytes) -> bytes:
    return base64.b64encode(hmac.new(_key(secret), message, hashlib.sha256).digest())


def _key(secret: str) -> bytes:
    """``whsec_`` and base64; anything else is a key as it stands."""
    if not secret.startswith("whsec_"):
        return secret.encode()
    key = base64.b64decode(secret.removeprefix("whsec_"))
    if not key:
        raise ValueError("anybody could sign with an empty key")
    return key


def _signed(request: HookRequest) -> datetime:
    return datetime.fromtimestamp(int(request.headers["webhook-timestamp"]), UTC)


def deduplication_key(request: HookRequest) -> str | None:
    return request.headers["webhook-id"]


def interpret(request: HookRequest) -> list[Fact]:
    body = read_json(request.body)
    data = body.child("data") or body
    if body.text("type") == "agent.availability":
        return [_presence(data, body.moment("timestamp") or _told(request))]
    subject = data.identifier("call_id")
    if subject is None:
        raise data.missing("call_id")
    kind = _kind(body, data)
    said = _plain(data) | _parties(data, home_region(request.settings)) | _words(data) | _who(data, kind)
    return [Fact(subject, kind, body.moment("timestamp") or _told(request), said)]


def _presence(data: Reading, at: datetime) -> Fact:
    who, state = _agent(data), data.text("state")
    if who is None:
        raise data.missing("agent")
    if state not in STATES:
        raise Unintelligible(f"{data.place}/state is none of {', '.join(STATES)}")
    told = {name: data.text(name) for name in ("queue", "reason")}
    return availability(who["agent_id"], at, cast("State", state), who, **told)


def _told(request: HookRequest) -> datetime:
    try:
        return _signed(request)
    except (KeyError, ValueError, OverflowError, OSError):
        return request.received_at


def _kind(body: Reading, data: Reading) -> Kind:
    """As told; a whole call without a type is over, or not, by what it says."""
    told = body.text("type")
    if told is None:
        over = data.moment("ended_at") or data.text("outcome")
        return "ended" if over else "answered" if data.moment("answered_at") else "created"
    if told not in KINDS:
        raise Unintelligible(f"/type is {told[:100]!r}; it is one of {', '.join([*KINDS, 'agent.availability'])}")
    return KINDS[told]


def _plain(data: Reading) -> dict[str, Any]:
    readers: tuple[tuple[tuple[str, ...], Callable[[str], Any]], ...] = (
        (TEXTS, data.text),
        (TIMES, lambda name: _time(data, name)),
        (SECONDS, data.seconds),
        (FLAGS, data.boolean),
    )
    return {name: read(name) for names, read in readers for name in names if name in data.values}


def _time(data: Reading, name: str) -> str | None:
    moment = data.moment(name)
    return moment.isoformat() if moment else None


def _parties(data: Reading, region: str | None) -> dict[str, Any]:
    direction = data.text("direction")
    if direction not in (None, "inbound", "outbound"):
        raise Unintelligible(f"{data.place}/direction is neither inbound nor outbound")
    numbers = {f"{side}_number": to_e164(data.identifier(side), region) for side in ("from", "to")}
    return {"direction": direction} | numbers


def _words(data: Reading) -> dict[str, Any]:
    said: dict[str, Any] = {"tags": data.texts("tags")} if "tags" in data.values else {}
    outcome = data.text("outcome")
    if outcome not in (None, *get_args(Outcome)):
        raise Unintelligible(f"{data.place}/outcome is none of {', '.join(get_args(Outcome))}")
    if "csat" in data.values:
        said["csat"] = _score(data)
    return said | ({"outcome": outcome} if outcome else {})


def _score(data: Reading) -> int | None:
    score = data.seconds("csat")
    if score is not None and (not score.is_integer() or not LOWEST <= score <= HIGHEST):
        raise Unintelligible(f"{data.place}/csat is not a whole number from {LOWEST} to {HIGHEST}")
    return None if score is None else int(score)


def _who(data: Reading, kind: Kind) -> dict[str, Any]:
    """Whom it rings at, where it rings; else who has the call."""
    agent = _agent(data)
    return {"rung" if kind in ("ringing", "declined") else "agent": agent} if agent else {}


def _agent(data: Reading) -> dict[str, Any] | None:
    told = data.values.get("agent")
    who = Reading({"id": told}, data.place) if isinstance(told, str) else data.child("agent")
    if who is None:
        return None
    agent_id, email = who.identifier("id") or who.text("email"), who.text("email")
    if agent_id is None:
        raise who.missing("id")
    return {"agent_id": agent_id, "agent": email or agent_id, "name": who.text("name"), "email": email}


PROVIDER = Provider(
    name="generic",
    verify=verify,
    interpret=interpret,
    deduplication_key=deduplication_key,
    needs=frozenset({"signing_secret"}),
    secret_headers=frozenset({"webhook-signature"}),
)
