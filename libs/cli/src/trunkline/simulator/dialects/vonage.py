"""Vonage Voice API (https://developer.vonage.com/en/voice/voice-api/webhook-reference): the legs of a conversation.

Signed by a bearer token (JWT, HS256) with the body's hash and the moment. A leg that comes in is "answered" by the
application at once; an agent's leg goes out to their telephone.
"""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt

from trunkline.simulator import truth
from trunkline.simulator.dialects import Dialect, Secrets, Webhook, json_webhook
from trunkline.simulator.scenario import Agent, InventedCall

Data = dict[str, Any]


def webhooks(call: InventedCall, _secrets: Secrets) -> list[Webhook]:
    told = _inbound(call) if call.direction == "inbound" else _outbound(call)
    return [json_webhook(at, body | {"timestamp": _iso(at)}, path="/event") for at, body in told]


def _inbound(call: InventedCall) -> Iterator[tuple[datetime, Data]]:
    caller = _leg(call, 0, call.number, call.line.digits, "inbound")
    yield call.started_at, caller | {"status": "started"}
    yield call.started_at, caller | {"status": "ringing"}
    yield call.started_at + timedelta(seconds=1), caller | {"status": "answered"}
    yield from _agents(call)
    if call.answered_at or call.voicemail_at:
        yield call.ended_at + timedelta(seconds=7), _recording(call, call.answered_at or call.voicemail_at)
    yield call.ended_at, caller | _completed(call.started_at + timedelta(seconds=1), call.ended_at)


def _agents(call: InventedCall) -> Iterator[tuple[datetime, Data]]:
    for number, ring in enumerate(call.rings, 1):
        leg = _agent_leg(call, number, ring.agent)
        yield ring.at, leg | {"status": "ringing"}
        if ring.declined_at:
            yield ring.declined_at, leg | {"status": "unanswered", "detail": "timeout"}
        elif call.answered_at:
            left_at = call.handed_over[0] if call.handed_over else call.ended_at
            yield call.answered_at, leg | {"status": "answered"}
            yield left_at, leg | _completed(call.answered_at, left_at)
        else:
            yield call.ended_at, leg | {"status": "cancelled"}
    if call.handed_over:
        at, second = call.handed_over
        leg = _agent_leg(call, 90, second)
        yield at, leg | {"status": "ringing"}
        yield at, leg | {"status": "answered"}
        yield call.ended_at, leg | _completed(at, call.ended_at)


def _outbound(call: InventedCall) -> Iterator[tuple[datetime, Data]]:
    leg = _leg(call, 0, call.line.digits, call.number, "outbound")
    yield call.started_at, leg | {"status": "started"}
    yield call.started_at, leg | {"status": "ringing"}
    if call.answered_at:
        yield call.answered_at, leg | {"status": "answered"}
        yield call.ended_at, leg | _completed(call.answered_at, call.ended_at)
    elif call.ending == "busy":
        yield call.ended_at, leg | {"status": "busy"}
    else:
        yield call.ended_at, leg | {"status": "unanswered", "detail": "timeout"}


def _leg(call: InventedCall, number: int, from_: str, to: str, direction: str) -> Data:
    return {
        "from": from_.lstrip("+"),
        "to": to.lstrip("+"),
        "uuid": str(UUID(int=call.id * 100 + number, version=4)),
        "conversation_uuid": _conversation(call),
        "direction": direction,
    }


def _agent_leg(call: InventedCall, number: int, agent: Agent) -> Data:
    return _leg(call, number, call.line.digits, agent.phone, "outbound")


def _conversation(call: InventedCall) -> str:
    return f"CON-{UUID(int=call.id, version=4)}"


def _completed(start: datetime, end: datetime) -> Data:
    length = {"duration": str(int(truth.seconds(start, end))), "rate": "0.00720000", "network": "99999"}
    return {"status": "completed", "start_time": _iso(start), "end_time": _iso(end)} | length


def _recording(call: InventedCall, start: datetime | None) -> Data:
    address = f"https://api.nexmo.com/v1/files/{UUID(int=call.id, version=4)}"
    times = {"start_time": _iso(start or call.ended_at), "end_time": _iso(call.ended_at)}
    return times | {"recording_url": address, "conversation_uuid": _conversation(call)}


def _iso(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.000Z"


def tells(call: InventedCall) -> dict[str, Any]:
    """By the arithmetic of legs: menu and queue are one wait; closed or given up is unknown where nobody was rung."""
    outbound = call.direction == "outbound"
    told = truth.of(call, *truth.OUTLINE, *truth.TIMES, "voicemail")
    told |= {"provider_call_id": _conversation(call), "queue": None, "hold_s": None, "wrap_up_s": None, "tags": []}
    told["talk_s"] = truth.seconds(call.answered_at, call.ended_at) if call.answered_at else 0.0
    told["wait_s"] = truth.seconds(call.started_at, truth.waited_until(call))
    if call.voicemail and call.rings:
        told["wait_s"] = truth.seconds(call.started_at, call.rings[-1].declined_at or call.ended_at)
    told["agent"] = call.last_agent.phone if call.last_agent and not outbound else None
    told["recording"] = call.answered_at is not None and not outbound
    return told | {"outcome": _outcome(call)}


def _outcome(call: InventedCall) -> str:
    declined = any(ring.declined_at for ring in call.rings)
    cancelled = any(not ring.declined_at for ring in call.rings)
    if call.answered_at or call.voicemail or call.direction == "outbound":
        return str(truth.truth(call)["outcome"])
    return "missed" if declined and not cancelled else "abandoned"


def sign(webhook: Webhook, _url: str, secrets: Secrets, at: datetime) -> Mapping[str, str]:
    account = {"api_key": "abcd0123"} | {
        name: secrets[name] for name in ("api_key", "application_id") if name in secrets
    }
    said = {"iat": int(at.timestamp()), "jti": str(uuid4()), "iss": "Vonage"} | account
    said["payload_hash"] = hashlib.sha256(webhook.body).hexdigest()
    return {"Authorization": f"Bearer {jwt.encode(said, secrets['signature_secret'], algorithm='HS256')}"}


DIALECT = Dialect("vonage", secrets=lambda text: {"signature_secret": text}, webhooks=webhooks, tells=tells, sign=sign)
