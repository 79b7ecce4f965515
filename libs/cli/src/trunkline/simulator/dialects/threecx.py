"""3CX: its CRM template posts once, when a call is over. The body is ours; there is neither an id nor a line."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from trunkline.simulator import truth
from trunkline.simulator.dialects import Dialect, Secrets, Webhook, json_webhook
from trunkline.simulator.scenario import InventedCall


def webhooks(call: InventedCall, _secrets: Secrets) -> list[Webhook]:
    return [json_webhook(call.ended_at + timedelta(seconds=3), _report(call))]


def _report(call: InventedCall) -> dict[str, Any]:
    outbound = call.direction == "outbound"
    agent = call.last_agent
    given, family = agent.name.split(" ", 1) if agent else ("", "")
    talked = timedelta(seconds=_connected(call))
    return {
        "schema": "calls.threecx.v1",
        "call_type": ("Outbound" if outbound else "Inbound")
        if call.answered_at
        else "Notanswered"
        if outbound
        else "Missed",
        "number": call.number,
        "name": call.person.name if call.person else "",
        "agent": agent.extension if agent else "",
        "agent_first_name": given,
        "agent_last_name": family,
        "agent_email": agent.email if agent else "",
        "duration": f"{talked.seconds // 3600:02d}:{talked.seconds // 60 % 60:02d}:{talked.seconds % 60:02d}",
        "started_at": _utc(call.started_at),
        "established_at": _utc(call.answered_at) if call.answered_at else "",
        "ended_at": _utc(call.ended_at),
        "entity_type": "",
        "entity_id": "",
        "recording_url": f"https://pbx.example.com/recordings/{call.id}.wav" if call.answered_at else "",
    }


def _utc(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _connected(call: InventedCall) -> float:
    return truth.seconds(call.answered_at, call.ended_at) if call.answered_at else 0.0


def tells(call: InventedCall) -> dict[str, Any]:
    """Nobody knows the line, the queue, or why nobody answered; the whole time before the answer is the wait."""
    outbound = call.direction == "outbound"
    told = truth.of(call, *truth.TIMES, "direction", "external_number", "recording")
    told |= {"to_number" if outbound else "from_number": call.number, "from_number" if outbound else "to_number": None}
    return told | {
        "outcome": "answered" if call.answered_at else "unanswered" if outbound else "missed",
        "agent": call.last_agent.extension if call.last_agent else None,
        "wait_s": truth.seconds(call.started_at, call.answered_at or call.ended_at),
        "talk_s": _connected(call),
        "queue": None,
        "hold_s": None,
        "wrap_up_s": None,
        "tags": [],
    }


def sign(_webhook: Webhook, _url: str, secrets: Secrets, _at: datetime) -> Mapping[str, str]:
    return {"Authorization": secrets["value"]}


DIALECT = Dialect(
    "threecx", secrets=lambda text: {"value": f"Bearer {text}"}, webhooks=webhooks, tells=tells, sign=sign
)
