"""Ringover (https://github.com/ringover/ringover-webhooks-php): a JSON Web Token (HS512) over address and body."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import jwt
import orjson

from trunkline.simulator import truth
from trunkline.simulator.dialects import Dialect, Secrets, Webhook, json_webhook
from trunkline.simulator.scenario import Agent, InventedCall

Data = dict[str, Any]


def webhooks(call: InventedCall, _secrets: Secrets) -> list[Webhook]:
    return [_webhook(*told) for told in _told(call)]


def _webhook(resource: str, event: str, at: datetime, data: Data) -> Webhook:
    return json_webhook(
        at, {"event": event, "resource": resource, "timestamp": at.timestamp(), "data": data, "attempt": 1}
    )


def _told(call: InventedCall) -> Iterator[tuple[str, str, datetime, Data]]:
    outbound = call.direction == "outbound"
    yield "call", "ringing", call.started_at, _live(call, "ringing", call.agent if outbound else None)
    if call.answered_at:
        answered = _moment("answered", call.answered_at)
        yield "call", "answered", call.answered_at, _live(call, "answered", call.agent) | answered
    yield from _end(call)
    if call.tags:
        yield "aftercall", "tags_updated", call.ended_at + timedelta(seconds=25), _after(call, comments="")
    if call.comment:
        yield "aftercall", "comments_updated", call.ended_at + timedelta(seconds=60), _after(call)


def _end(call: InventedCall) -> Iterator[tuple[str, str, datetime, Data]]:
    address, over = f"https://cdn.example.com/ringover/{call.id}.mp3", _moment("hangup", call.ended_at)
    names = {"call_id": call.id, "channel_id": f"ch-{call.id}"}
    later = call.ended_at + timedelta(seconds=40)
    if call.answered_at:
        told = _moment("answered", call.answered_at) | over | {"record": address}
        told["duration_in_seconds"] = int(truth.seconds(call.answered_at, call.ended_at))
        yield "call", "hangup", call.ended_at, _live(call, "hangup", call.last_agent) | told
        yield "aftercall", "record_available", later, names | {"record_link": address}
    elif call.voicemail_at:
        told = _moment("answered", call.voicemail_at) | over | {"message": address}
        yield "call", "voicemail", call.ended_at + timedelta(seconds=2), _live(call, "voicemail", None) | told
        yield "aftercall", "voicemail_available", later, names | {"voicemail_link": address, "voicemail_duration": "22"}
    else:
        reason = {"reason": "OUT_PLANNING" if call.ending == "closed" else None}
        caller = call.agent if call.direction == "outbound" else None
        yield "call", "missed", call.ended_at, _live(call, "missed", caller) | over | reason


def _live(call: InventedCall, status: str, agent: Agent | None) -> Data:
    ends = truth.of(call, "from_number", "to_number")
    line = {"name": call.team, "number": call.line.digits.lstrip("+")} if call.team else None
    return {
        "id": f"00000000-0000-4000-8000-{call.id:012x}",
        "call_id": call.id,
        "channel_id": f"ch-{call.id}",
        "direction": call.direction,
        **{name: number.lstrip("+") for name, number in ends.items()},
        "status": status,
        **_moment("start", call.started_at, "start_date_time_atom"),
        "is_internal": False,
        "is_anonymous": False,
        "is_ivr": call.direction == "inbound",
        "ivr_data": None,
        "ivr": line,
        "user_id": agent.id if agent else None,
        "user": _user(agent) if agent else None,
    }


def _moment(name: str, at: datetime, atom: str = "") -> Data:
    return {f"{name}_time": at.timestamp(), atom or f"{name}_date_time_atom": at.isoformat()}


def _user(agent: Agent) -> Data:
    given, family = agent.name.split(" ", 1)
    return {"user_id": agent.id, "firstname": given, "lastname": family, "email": agent.email}


def _after(call: InventedCall, comments: str | None = None) -> Data:
    said = call.comment if comments is None else comments
    return {"call_id": call.id, "channel_id": f"ch-{call.id}", "tags": list(call.tags), "comments": said}


def tells(call: InventedCall) -> dict[str, Any]:
    """Menu and queue are not told apart, hold and wrap-up not at all; nobody tells who hung up first."""
    told = dict(
        truth.of(call, *truth.OUTLINE, *truth.TIMES, "queue", "agent", "tags", "note", "voicemail", "recording")
    )
    told |= {"provider_call_id": str(call.id), "hold_s": None, "wrap_up_s": None, "transferred_to": None}
    told["wait_s"] = truth.seconds(call.started_at, truth.waited_until(call))
    told["talk_s"] = truth.seconds(call.answered_at, call.ended_at) if call.answered_at else 0.0
    plain = {"left_in_menu": "missed", "left_in_queue": "missed", "busy": "unanswered"}
    return told | {"outcome": plain.get(call.ending) or truth.truth(call)["outcome"]}


def again(webhook: Webhook) -> Webhook:
    return replace(webhook, body=orjson.dumps(orjson.loads(webhook.body) | {"attempt": 2}))


def sign(webhook: Webhook, url: str, secrets: Secrets, _at: datetime) -> Mapping[str, str]:
    said = {"url": url, "payload": orjson.loads(webhook.body)}
    return {"X-Ringover-Webhook-Signature": jwt.encode(said, secrets["call_event_key"], algorithm="HS512")}


DIALECT = Dialect(
    "ringover", secrets=lambda text: {"call_event_key": text}, webhooks=webhooks, tells=tells, sign=sign, again=again
)
