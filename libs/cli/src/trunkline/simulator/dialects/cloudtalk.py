"""CloudTalk (https://help.cloudtalk.io/en/articles/5648924-triggers): the bodies are those of our own workflows.

No body carries a time: the calls service goes by the moment of receipt. "Ended" comes when wrap-up is over.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from trunkline.simulator import truth
from trunkline.simulator.dialects import Dialect, Secrets, Webhook, json_webhook
from trunkline.simulator.scenario import Agent, InventedCall

HEADER = "X-Hook-Secret"


def webhooks(call: InventedCall, _secrets: Secrets) -> list[Webhook]:
    return [
        json_webhook(at, {"schema": "calls.cloudtalk.v1", "event": event} | told) for event, at, told in _told(call)
    ]


def _told(call: InventedCall) -> Iterator[tuple[str, datetime, dict[str, Any]]]:
    outbound = call.direction == "outbound"
    yield "call_started", call.started_at, _of(call, call.agent if outbound else None)
    for ring in call.rings:
        yield "call_ringing_on_agent", ring.at, _of(call, ring.agent)
    if call.answered_at:
        yield "call_answered", call.answered_at, _of(call, call.agent)
    wrap_up = _wrap_up(call)
    address = f"https://my.cloudtalk.io/pub/r/{call.id}/{call.id}.wav" if call.answered_at or call.voicemail else None
    numbers = {name: value for name, value in _of(call, None).items() if name.endswith("_number")}
    if address:
        told = numbers | {"call_id": call.id, "recording_url": address}
        yield "recording_uploaded", call.ended_at + timedelta(seconds=5), told
    ended: dict[str, Any] = {
        "call_id": call.id,
        "waiting_time": int(_waited(call)),
        "talking_time": int(_connected(call)),
    }
    ended |= {"wrapup_time": int(wrap_up), "recording_url": address}
    ended_at = call.ended_at + timedelta(seconds=wrap_up)
    yield "call_ended", ended_at, _of(call, call.last_agent if call.answered_at or outbound else None) | ended
    if call.tags or call.comment:
        yield "call_modified", ended_at + timedelta(seconds=9), {"call_uuid": _uuid(call), "call_id": call.id}


def _of(call: InventedCall, agent: Agent | None) -> dict[str, Any]:
    """With format AUTO, numbers come as integers."""
    return {
        "call_uuid": _uuid(call),
        "direction": "incoming" if call.direction == "inbound" else "outgoing",
        "internal_number": int(call.line.digits),
        "external_number": int(call.number),
        "agent_id": agent.id if agent else None,
        "contact_id": None,
    }


def _uuid(call: InventedCall) -> str:
    return str(UUID(int=call.id, version=4))


def _connected(call: InventedCall) -> float:
    return truth.seconds(call.answered_at, call.ended_at) if call.answered_at else 0.0


def _waited(call: InventedCall) -> float:
    return truth.durations(call)["wait_s"]


def _wrap_up(call: InventedCall) -> float:
    return truth.seconds(call.wrap_ups[-1].at, call.wrap_ups[-1].until) if call.wrap_ups else 0.0


def tells(call: InventedCall) -> dict[str, Any]:
    """No times of its own, no hold, no tags; of several agents' wrap-up the last one's; a voicemail is a recording.

    Who had a transferred call last depends on the order of receipt.
    """
    outbound = call.direction == "outbound"
    return {
        **truth.of(call, *truth.OUTLINE),
        "provider_call_id": _uuid(call),
        "outcome": "answered" if call.answered_at else "unanswered" if outbound else "missed",
        "wait_s": _waited(call),
        "talk_s": _connected(call),
        "wrap_up_s": _wrap_up(call),
        **({} if call.handed_over else {"agent": str(call.agent.id) if call.agent else None}),
        "recording": call.answered_at is not None or call.voicemail,
        "hold_s": None,
        "tags": [],
        "disposition": None,
    }


def sign(_webhook: Webhook, _url: str, secrets: Secrets, _at: datetime) -> Mapping[str, str]:
    return {HEADER: secrets["value"], "user-agent": "cloudtalk-workflow-automation"}


def begins(agent: Agent, at: datetime, _secrets: Secrets) -> Webhook:
    told = {"schema": "calls.cloudtalk.v1", "event": "user_status_changed", "agent_id": agent.id, "status": "online"}
    return json_webhook(at, told)


DIALECT = Dialect(
    "cloudtalk",
    secrets=lambda text: {"value": text},
    webhooks=webhooks,
    tells=tells,
    sign=sign,
    begins=begins,
)
