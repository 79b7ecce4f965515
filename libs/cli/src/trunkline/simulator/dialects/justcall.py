"""JustCall (https://developer.justcall.io/docs/webhook-events): the whole call in each body, one moment and durations.

The signature covers the address, the type and the moment of sending, not the body.
"""

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import orjson

from trunkline.simulator import truth
from trunkline.simulator.dialects import Dialect, Secrets, Webhook, json_webhook
from trunkline.simulator.scenario import Agent, InventedCall

# What `encodeURIComponent` leaves as it is.
UNQUOTED = "!'()*~"
ZONE = ZoneInfo("Europe/Amsterdam")
REASONS = {
    "closed": "Call arrived after working hours",
    "nobody_answered": "Not picked by any agent",
    "left_in_queue": "Not picked by any agent",
}

Data = dict[str, Any]


def webhooks(call: InventedCall, _secrets: Secrets) -> list[Webhook]:
    return [_webhook(call, number, *told) for number, told in enumerate(_told(call))]


def _webhook(call: InventedCall, number: int, event: str, at: datetime, data: Data) -> Webhook:
    body = {"request_id": f"01SIM{call.id:016d}{number:03d}", "url_id": "65f0c0de0000000000000001", "type": event}
    return json_webhook(at, body | {"data": data})


def _told(call: InventedCall) -> Iterator[tuple[str, datetime, Data]]:
    inbound = call.direction == "inbound"
    caller = None if inbound else call.agent
    yield "call.incoming" if inbound else "call.initiated", call.started_at, _live(call, caller)
    if call.team and call.menu_left_at:
        known = _live(call, None)
        short = {name: known[name] for name in known if name.startswith(("call_s", "contact_n", "justcall", "call_d"))}
        short |= {"call_time": known["call_time"]}
        yield "call.enters_queue", call.menu_left_at, short
        yield "call.exits_queue", truth.waited_until(call), short
    if inbound and call.answered_at:
        yield "call.answered", call.answered_at, _live(call, call.agent, "Answered")
    kind = (
        "call.voicemail" if call.voicemail else "call.missed" if inbound and not call.answered_at else "call.completed"
    )
    over = _over(call, wrapped=False)
    yield kind, call.ended_at + timedelta(seconds=2), over
    if call.answered_at:
        yield "call.updated", max(each.until for each in call.wrap_ups) + timedelta(seconds=4), _noted(call)


def _live(call: InventedCall, agent: Agent | None, kind: str = "") -> Data:
    """As it stands while it goes on: without its number, with its sid."""
    local = call.started_at.astimezone(ZONE)
    return {
        "id": None,
        "call_sid": _sid(call),
        "contact_number": call.number.lstrip("+"),
        "contact_name": call.person.name if call.person else "",
        "contact_email": call.person.email if call.person else "",
        "justcall_number": call.line.digits.lstrip("+"),
        "justcall_line_name": call.line.name,
        "agent_id": agent.id if agent else None,
        "agent_name": agent.name if agent else "",
        "agent_email": agent.email if agent else "",
        "agent_active": agent is not None,
        "call_date": f"{call.started_at:%Y-%m-%d}",
        "call_user_date": f"{local:%Y-%m-%d}",
        "call_time": f"{call.started_at.hour}:{call.started_at:%M:%S}",
        "call_user_time": f"{local.hour}:{local:%M:%S}",
        "cost_incurred": 0.0,
        "call_info": {
            "direction": "Incoming" if call.direction == "inbound" else "Outgoing",
            "type": kind,
            "missed_call_reason": "",
            "status": "Unarchived",
            "disposition": "",
            "notes": "",
            "rating": "",
            "recording": "",
            "recording_child": "",
            "voicemail_transcription": "",
            "call_traits": [],
        },
        "tags": [],
    }


def _over(call: InventedCall, *, wrapped: bool) -> Data:
    agent = call.last_agent if call.answered_at or call.direction == "outbound" else None
    data = _live(call, agent, _type(call)) | {"id": call.id}
    recorded = call.answered_at or call.voicemail
    traits = (["QUEUE", "IVR"] if call.team else []) + (["TRANSFER"] if call.handed_over else [])
    data["call_info"] |= {
        "missed_call_reason": "" if call.answered_at else REASONS.get(call.ending, ""),
        "recording": f"https://recordings.example.com/justcall/{call.id}.mp3" if recorded else "",
        "call_traits": traits,
    }
    return data | {"call_duration": _durations(call, wrapped=wrapped)}


def _noted(call: InventedCall) -> Data:
    data = _over(call, wrapped=True)
    data["call_info"] |= {"disposition": call.disposition or "", "notes": call.comment or ""}
    return data | {"tags": list(call.tags)}


def _type(call: InventedCall) -> str:
    if call.answered_at:
        return "Answered"
    if call.direction == "outbound":
        return "Unanswered"
    if call.voicemail:
        return "Voicemail"
    return "Abandoned" if _hung_up_before_ringing(call) else "Missed"


def _hung_up_before_ringing(call: InventedCall) -> bool:
    return call.ending in ("left_in_menu", "left_in_queue") and not call.rings


def _durations(call: InventedCall, *, wrapped: bool) -> Data:
    measured = truth.durations(call)
    talk, hold = int(measured["talk_s"]), int(measured["hold_s"])
    if call.voicemail_at:
        talk = int(truth.seconds(call.voicemail_at, call.ended_at))
    wrap_up = int(measured["wrap_up_s"]) if wrapped else 0
    return {
        "ring_time": _rang(call),
        "friendly_duration": str(timedelta(seconds=talk + hold)),
        "total_duration": talk + hold,
        "queue_wait_time": int(measured["wait_s"]) if call.team else 0,
        "hold_time": hold,
        "conversation_time": talk,
        "wrap_up_time": wrap_up,
        "handle_time": talk + hold + wrap_up,
    }


def _rang(call: InventedCall) -> int:
    if call.direction == "outbound" or (call.voicemail and not call.team):
        return int(truth.durations(call)["wait_s"])
    return int(truth.seconds(call.rings[-1].at, call.answered_at)) if call.answered_at else 0


def _sid(call: InventedCall) -> str:
    return f"CA{call.id:032d}"


def tells(call: InventedCall) -> dict[str, Any]:
    """Of its moments only the first; busy is unanswered; who rang nobody has abandoned, who rang somebody missed."""
    told = truth.of(call, *truth.OUTLINE, "started_at", "tags", "disposition", "note", "voicemail", "talk_s")
    told |= truth.of(call, "hold_s", "wrap_up_s", "transferred_to") | {"provider_call_id": _sid(call), "queue": None}
    told["recording"] = call.answered_at is not None or call.voicemail
    told["agent"] = call.last_agent.email if call.last_agent else None
    if call.team or call.answered_at or call.voicemail or call.direction == "outbound":
        told |= truth.of(call, "wait_s")
    return told | {"outcome": _outcome(call)}


def _outcome(call: InventedCall) -> str:
    if call.ending == "left_in_queue":
        return "missed" if call.rings else "abandoned"
    return "unanswered" if call.ending == "busy" else str(truth.truth(call)["outcome"])


def sign(webhook: Webhook, url: str, secrets: Secrets, at: datetime) -> Mapping[str, str]:
    secret, kind, stamp = secrets["api_secret"], orjson.loads(webhook.body)["type"], f"{at:%Y-%m-%d %H:%M:%S}"
    message = f"{secret}|{quote(url, safe=UNQUOTED)}|{kind}|{stamp}"
    return {
        "x-justcall-signature": hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest(),
        "x-justcall-signature-version": "v1",
        "x-justcall-request-timestamp": stamp,
    }


DIALECT = Dialect("justcall", secrets=lambda text: {"api_secret": text}, webhooks=webhooks, tells=tells, sign=sign)
