"""Ringover (https://github.com/ringover/ringover-webhooks-php).

Each request carries a JSON Web Token (HS512) with our address and the body's content as its claims. What is stored is
the body, so it must say what the signed claim says. Every section of Ringover's dashboard has its own key; any of the
connection's is taken. Nothing in it tells a replay but its content.

Times are Unix seconds with fractions; ids are beyond what a double holds. Menu and queue are not told apart, hold and
wrap-up not at all. A voicemail has an ``answered_time``, which is no answer.
"""

import base64
import hashlib
import hmac
import json
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from calls.domain.fact import Fact, Kind
from calls.domain.hook import HookRequest
from calls.domain.providers import Provider, Secrets
from calls.domain.reading import Reading, Unintelligible, parse, read_json
from calls.domain.signatures import claims, is_fresh, matches
from calls.domain.telephone import to_e164

SIGNATURE = "x-ringover-webhook-signature"
# The third version, for connections that ask for it.
THIRD, THIRD_SIGNATURE = 3, "x-ringover-webhook-signature-v3"
THIRD_TIME = "x-ringover-request-signature-v3-timestamp"
# The secret that opens the API; it signs nothing.
API_KEY = "api_key"
KINDS: Mapping[str, Kind] = {
    "ringing": "created",
    "answered": "answered",
    "hangup": "ended",
    "missed": "ended",
    "voicemail": "ended",
}
# After the call: tags and the comment come whole in each of these.
ABOUT_TAGS = ("tags_updated", "comments_updated", "aftercall")
AFTERCALL = (*ABOUT_TAGS, "record_available", "voicemail_available", "transcription_available", "summary_available")
# They ask what to show or where to route; the answer is in the connection's settings.
QUESTIONS = ("contact", "contact_call", "routing", "search", "ivr_response_code")
OUT_OF_HOURS = "OUT_PLANNING"


def verify(request: HookRequest, secrets: Secrets) -> bool:
    keys = [key for name, values in secrets.items() if name != API_KEY for key in values]
    if request.settings.get("signature_version") == THIRD:
        return _is_third(request, keys)
    said = claims(request.headers[SIGNATURE], keys, "HS512")
    signed = said["payload"]
    signed = parse(signed.encode()) if isinstance(signed, str) else signed
    return matches(said["url"], [request.url]) and _same(signed, parse(request.body))


def _is_third(request: HookRequest, keys: Sequence[str]) -> bool:
    """Ringover has not published how its third version is made; this is how a receiver in use reads it."""
    told = request.headers[THIRD_TIME]
    message = b"POST" + request.url.encode() + request.body + told.encode()
    known = [base64.b64encode(hmac.digest(key.encode(), message, "sha256")) for key in keys]
    fresh = is_fresh(datetime.fromtimestamp(float(told), UTC), request)
    return matches(request.headers[THIRD_SIGNATURE], known) and fresh


def _same(one: Any, other: Any) -> bool:
    """Equal, but for how a number with fractions was written."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, float) or isinstance(other, float):
        return (
            isinstance(one, int | float) and isinstance(other, int | float) and math.isclose(one, other, abs_tol=1e-6)
        )
    return type(one) is type(other) and bool(one == other)


def deduplication_key(request: HookRequest) -> str | None:
    """A further attempt says the same but for its number."""
    said = {name: value for name, value in read_json(request.body).values.items() if name != "attempt"}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def interpret(request: HookRequest) -> list[Fact]:
    body = read_json(request.body)
    resource, event = body.text("resource") or body.text("ressource"), body.text("event") or ""
    if event in QUESTIONS or resource in QUESTIONS:
        return []
    if event not in KINDS and event not in AFTERCALL:
        raise Unintelligible(f"/event is {event[:100]!r}, which we do not know")
    data, at = body.child("data"), body.moment("timestamp")
    if data is None or at is None:
        raise body.missing("data" if data is None else "timestamp")
    subject = data.identifier("call_id")
    if subject is None:
        raise data.missing("call_id")
    if event == "answered":
        data = Reading({"answered_time": body.values["timestamp"]} | _given(data), data.place)
    said = _after(data) | (_course(event, data) | _parties(data) if event in KINDS else {})
    values = {name: value for name, value in said.items() if value is not None} | _words(event, data)
    kind: Kind = "ringing" if event == "ringing" and "rung" in values else KINDS.get(event, "noted")
    return [Fact(subject, kind, at, values)]


def _given(data: Reading) -> dict[str, Any]:
    return {name: value for name, value in data.values.items() if value is not None}


def _time(data: Reading, name: str) -> str | None:
    moment = data.moment(name)
    return moment.isoformat() if moment else None


def _course(event: str, data: Reading) -> dict[str, Any]:
    if event == "voicemail":
        return _times(data) | {"answered_at": None, "voicemail": True, "wait_s": _until_voicemail(data)}
    return _times(data) | {
        "outcome": _unanswered(data) if event == "missed" else None,
        "voicemail": data.text("message") is not None or None,
    }


def _unanswered(data: Reading) -> str:
    """A call we made that nobody took is told as missed too."""
    if data.text("direction") == "outbound":
        return "unanswered"
    return "after_hours" if data.text("reason") == OUT_OF_HOURS else "missed"


def _times(data: Reading) -> dict[str, Any]:
    return {
        "started_at": _time(data, "start_time"),
        "answered_at": _time(data, "answered_time"),
        "ended_at": _time(data, "hangup_time") or _end_of_talk(data),
        "queue": _queue(data),
    }


def _end_of_talk(data: Reading) -> str | None:
    answered, talked = data.moment("answered_time"), data.seconds("duration_in_seconds")
    return (answered + timedelta(seconds=talked)).isoformat() if answered and talked else None


def _until_voicemail(data: Reading) -> float | None:
    started, recorded = data.moment("start_time"), data.moment("answered_time")
    return max(0.0, (recorded - started).total_seconds()) if started and recorded else None


def _queue(data: Reading) -> str | None:
    """What the line the caller chose is called, under any of the names it comes under."""
    line, chosen = data.child("ivr") or Reading({}), data.child("ivr_data") or Reading({})
    return line.text("name") or chosen.text("ivr_name") or chosen.text("ivrName")


def _parties(data: Reading) -> dict[str, Any]:
    direction = data.text("direction")
    if direction not in ("inbound", "outbound"):
        raise Unintelligible(f"{data.place}/direction is neither inbound nor outbound")
    hidden = direction == "inbound" and data.flag("is_anonymous")
    return {
        "direction": direction,
        "from_number": None if hidden else to_e164(data.identifier("from_number")),
        "to_number": to_e164(data.identifier("to_number")),
        "internal": data.flag("is_internal") or None,
        **_who(data, inbound=direction == "inbound"),
    }


def _who(data: Reading, *, inbound: bool) -> dict[str, Any]:
    """The user who dialled or took the call; before that, the one it rings at."""
    user = data.child("user") or Reading({}, f"{data.place}/user")
    agent_id = user.identifier("user_id") or data.identifier("user_id")
    if agent_id is None:
        return {}
    email = user.text("email")
    name = " ".join(filter(None, (user.text("firstname"), user.text("lastname"))))
    agent = {"agent_id": agent_id, "agent": email or agent_id, "name": name or None, "email": email}
    return {"rung" if inbound and data.values.get("answered_time") is None else "agent": agent}


def _after(data: Reading) -> dict[str, Any]:
    recorded = data.text("record") or data.text("record_link")
    return {
        "recording": True if recorded else None,
        "recording_link": recorded,
        "voicemail": True if data.text("voicemail_link") else None,
    }


def _words(event: str, data: Reading) -> dict[str, Any]:
    if event not in ABOUT_TAGS:
        return {}
    tags = {"tags": data.texts("tags")} if data.values.get("tags") is not None else {}
    # What tells of tags has an empty comment where it knows of none; taken back it is where it was changed.
    comment = data.text("comments")
    return tags | ({"note": comment} if comment or event == "comments_updated" else {})


PROVIDER = Provider(
    name="ringover",
    verify=verify,
    interpret=interpret,
    deduplication_key=deduplication_key,
    needs=frozenset({"call_event_key"}),
    secret_headers=frozenset({SIGNATURE, THIRD_SIGNATURE}),
    signs_address=True,
)
