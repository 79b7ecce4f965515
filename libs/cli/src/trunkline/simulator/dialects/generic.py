"""Our own JSON (docs/providers/generic), signed by Standard Webhooks: all there is to know of a call."""

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from trunkline.simulator import truth
from trunkline.simulator.dialects import Dialect, Secrets, Webhook, json_webhook
from trunkline.simulator.scenario import Agent, InventedCall

Data = dict[str, Any]


def webhooks(call: InventedCall, _secrets: Secrets) -> list[Webhook]:
    return [
        json_webhook(
            at, {"type": f"call.{kind}", "timestamp": at.isoformat(), "data": {"call_id": str(call.id)} | data}
        )
        for kind, at, data in _told(call)
    ]


def _told(call: InventedCall) -> Iterator[tuple[str, datetime, Data]]:
    outbound = call.direction == "outbound"
    ends = truth.of(call, "from_number", "to_number")
    begun = {"direction": call.direction, "from": ends["from_number"], "to": ends["to_number"], "line": call.line.name}
    begun |= {"started_at": call.started_at.isoformat()} | ({"agent": _agent(call.agent)} if outbound else {})
    yield "started", call.started_at, begun
    if call.menu_left_at:
        left = {"ivr_ended_at": call.menu_left_at.isoformat(), "queue": call.team}
        yield "ivr_left", call.menu_left_at, left
    for ring in call.rings:
        yield "ringing", ring.at, {"agent": _agent(ring.agent)}
        if ring.declined_at:
            yield "declined", ring.declined_at, {"agent": _agent(ring.agent)}
    if call.answered_at:
        yield from _conversation(call, call.answered_at)
    yield "ended", call.ended_at, _over(call)
    if call.answered_at:
        yield "updated", max(each.until for each in call.wrap_ups) + timedelta(seconds=5), _noted(call)


def _conversation(call: InventedCall, answered_at: datetime) -> Iterator[tuple[str, datetime, Data]]:
    yield "answered", answered_at, {"agent": _agent(call.agent), "answered_at": answered_at.isoformat()}
    for held_at, resumed_at in call.holds:
        yield "held", held_at, {}
        yield "resumed", resumed_at, {}
    if call.handed_over:
        at, second = call.handed_over
        yield "transferred", at, {"agent": _agent(second), "transferred_to": second.email}


def _over(call: InventedCall) -> Data:
    known = truth.truth(call)
    times = {"started_at": call.started_at.isoformat(), "ended_at": call.ended_at.isoformat()}
    if call.voicemail_at:
        times |= {"voicemail_at": call.voicemail_at.isoformat()}
    told = {name: known[name] for name in ("outcome", "voicemail", "recording")}
    return times | told | {"left_in_ivr": call.ending == "left_in_menu"}


def _noted(call: InventedCall) -> Data:
    known = truth.truth(call)
    names = ("tags", "disposition", "note", "csat", "talk_s", "hold_s", "wrap_up_s")
    return {name: known[name] for name in names}


def _agent(agent: Agent | None) -> Data | None:
    return {"id": agent.id, "name": agent.name, "email": agent.email} if agent else None


def tells(call: InventedCall) -> dict[str, Any]:
    told = {name: value for name, value in truth.truth(call).items() if name != "ending"} | {
        "provider_call_id": str(call.id)
    }
    for name in ("ivr_s", "hold_s", "wrap_up_s") if not call.answered_at else ("ivr_s",):
        del told[name]
    return told | ({"wait_s": None} if call.ending == "left_in_menu" else {})


def sign(webhook: Webhook, _url: str, secrets: Secrets, at: datetime) -> Mapping[str, str]:
    named, stamp = f"msg_{hashlib.sha256(webhook.body).hexdigest()[:24]}", str(int(at.timestamp()))
    key = base64.b64decode(secrets["signing_secret"].removeprefix("whsec_"))
    signed = hmac.digest(key, f"{named}.{stamp}.".encode() + webhook.body, "sha256")
    proof = f"v1,{base64.b64encode(signed).decode()}"
    return {"webhook-id": named, "webhook-timestamp": stamp, "webhook-signature": proof}


def _secret(text: str) -> Secrets:
    return {"signing_secret": f"whsec_{base64.b64encode(text.encode()).decode()}"}


def begins(agent: Agent, at: datetime, _secrets: Secrets) -> Webhook:
    data = {"agent": _agent(agent), "state": "available"}
    return json_webhook(at, {"type": "agent.availability", "timestamp": at.isoformat(), "data": data})


DIALECT = Dialect("generic", secrets=_secret, webhooks=webhooks, tells=tells, sign=sign, begins=begins)
