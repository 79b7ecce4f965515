"""3CX: a server-side CRM template (``docs/providers/threecx/trunkline.xml``) posts once, when a call has ended.

The body is ours, as is the header that proves it. There is no id of the call, no line that was called and no queue: the
call's id is made of when it began, who had it, the other number and its type. Durations are hours, minutes, seconds.
"""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from calls.domain.call import Direction
from calls.domain.fact import Fact
from calls.domain.hook import HookRequest
from calls.domain.providers import Provider, Secrets
from calls.domain.reading import Reading, Unintelligible, read_json
from calls.domain.signatures import shows_secret
from calls.domain.telephone import SHORTEST, home_region, to_e164

HEADER = "Authorization"
DIRECTIONS: Mapping[str, Direction] = {
    "inbound": "inbound",
    "missed": "inbound",
    "outbound": "outbound",
    "notanswered": "outbound",
}
OUTCOMES = {"missed": "missed", "notanswered": "unanswered"}
UNKNOWN = re.compile(r"\[\w+\]")
# What makes a call this one and no other.
IDENTITY = ("started_at", "agent", "number", "call_type")


def verify(request: HookRequest, secrets: Secrets) -> bool:
    return shows_secret(request, secrets, HEADER)


def deduplication_key(request: HookRequest) -> str | None:
    """The call's id would not do: another body about the same call may know more."""
    return hashlib.sha256(request.body).hexdigest()


def interpret(request: HookRequest) -> list[Fact]:
    body = _filled(read_json(request.body))
    kind = (body.text("call_type") or "").lower()
    if kind not in DIRECTIONS:
        raise Unintelligible(f"/call_type is {kind[:100]!r}, and not Inbound, Outbound, Missed or Notanswered")
    started, ended = _time(body, "started_at"), _time(body, "ended_at")
    if started is None:
        raise body.missing("started_at")
    said = _course(body, kind, started, ended) | _parties(body, kind, home_region(request.settings))
    values = {name: value for name, value in said.items() if value is not None}
    talked = timedelta(seconds=body.seconds("duration") or 0)
    return [Fact(_call_id(body), "ended", ended or (_time(body, "established_at") or started) + talked, values)]


def _filled(body: Reading) -> Reading:
    """Without what an older version of 3CX does not know, and leaves as it stands in the template."""
    values = body.values.items()
    return Reading({name: None if UNKNOWN.fullmatch(str(value)) else value for name, value in values}, body.place)


def _call_id(body: Reading) -> str:
    told = "|".join(body.identifier(name) or "" for name in IDENTITY)
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def _time(body: Reading, name: str) -> datetime | None:
    """In UTC, as 3CX names them, with the zone or without; one it never came to is in the year 1."""
    spelled = body.text(name)
    if spelled is None or spelled.startswith("0001-"):
        return None
    zone = "" if spelled.endswith("Z") or "+" in spelled else "Z"
    return Reading({name: spelled + zone}, body.place).moment(name)


def _course(body: Reading, kind: str, started: datetime, ended: datetime | None) -> dict[str, Any]:
    answered, talked = (_time(body, "established_at") if kind not in OUTCOMES else None), body.seconds("duration")
    if answered is None and kind not in OUTCOMES and ended and talked:
        answered = max(started, ended - timedelta(seconds=talked))
    return {
        "started_at": started.isoformat(),
        "answered_at": answered.isoformat() if answered else None,
        "ended_at": ended.isoformat() if ended else None,
        "outcome": OUTCOMES.get(kind, "answered"),
        "connected_s": talked,
        "recording": body.text("recording_url") is not None or None,
        "recording_link": body.text("recording_url"),
    }


def _parties(body: Reading, kind: str, region: str | None) -> dict[str, Any]:
    number, direction = to_e164(body.identifier("number"), region), DIRECTIONS[kind]
    return {
        "direction": direction,
        "from_number": number if direction == "inbound" else None,
        "to_number": number if direction == "outbound" else None,
        "agent": _agent(body) if kind != "missed" else None,
        "internal": _is_extension(body.identifier("number")) or None,
    }


def _is_extension(number: str | None) -> bool:
    return number is not None and number.isdecimal() and len(number) < SHORTEST


def _agent(body: Reading) -> dict[str, Any] | None:
    extension = body.identifier("agent")
    if extension is None:
        return None
    name = " ".join(filter(None, (body.text("agent_first_name"), body.text("agent_last_name"))))
    return {"agent_id": extension, "agent": extension, "name": name or None, "email": body.text("agent_email")}


PROVIDER = Provider(
    name="threecx",
    verify=verify,
    interpret=interpret,
    deduplication_key=deduplication_key,
    needs=frozenset({"value"}),
    secret_headers=frozenset({HEADER.lower()}),
)
