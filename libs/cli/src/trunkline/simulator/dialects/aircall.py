"""Aircall's webhooks (https://developer.aircall.io/docs/webhooks): JSON, the token inside, the whole call in each."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import orjson

from trunkline.simulator import truth
from trunkline.simulator.dialects import Dialect, Secrets, Webhook
from trunkline.simulator.scenario import Agent, InventedCall

REASONS = {
    "left_in_menu": "abandoned_in_ivr",
    "left_in_queue": "abandoned_in_classic",
    "nobody_answered": "agents_did_not_answer",
    "closed": "out_of_opening_hours",
}
ESSENTIAL = {
    "call.ringing_on_agent", "call.hold", "call.unhold", "call.transferred", "call.ended", "call.commented",
    "user.wut_start.v2", "user.wut_end.v2",
}  # fmt: skip
ENDED_AFTER, ASSETS_AFTER, COMMENT_AFTER = timedelta(seconds=30), timedelta(seconds=42), timedelta(seconds=90)

Data = dict[str, Any]


def webhooks(call: InventedCall, secrets: Secrets) -> list[Webhook]:
    """In the order of the call's life."""
    essential = ESSENTIAL | ({"call.answered"} if call.handed_over else set())  # it alone names the first agent
    events = sorted([*_of_call(call), *_of_agents(call)], key=lambda each: each[1])
    return [_webhook(event, at, data, secrets, essential=event in essential) for event, at, data in events]


def _webhook(event: str, at: datetime, data: Data, secrets: Secrets, *, essential: bool) -> Webhook:
    body = {"resource": event.partition(".")[0], "event": event, "timestamp": _unix(at), "token": secrets["token"]}
    return Webhook(at, orjson.dumps(body | {"data": data}), {"content-type": "application/json"}, essential=essential)


def _of_agents(call: InventedCall) -> Iterator[tuple[str, datetime, Data]]:
    for each in call.wrap_ups:
        yield "user.wut_start.v2", each.at, _user(each.agent)
        yield "user.wut_end.v2", each.until, _user(each.agent)


def _of_call(call: InventedCall) -> Iterator[tuple[str, datetime, Data]]:
    """(event, moment, the call as it stood then)."""
    begun = _begun(call)
    yield "call.created", call.started_at, begun
    if call.menu_left_at:
        yield "call.ivr_option_selected", call.menu_left_at, begun | _menu(call)
    for ring in call.rings:
        rung = begun | {"user": _user(ring.agent), "teams": _teams(call)}
        yield "call.ringing_on_agent", ring.at, rung
        if ring.declined_at:
            yield "call.agent_declined", ring.declined_at, rung
    if call.answered_at:
        yield from _conversation(call, begun, call.answered_at)
    yield from _end(call, begun)


def _conversation(call: InventedCall, begun: Data, answered_at: datetime) -> Iterator[tuple[str, datetime, Data]]:
    connected = begun | _menu(call) | {"status": "answered", "answered_at": _unix(answered_at)}
    connected |= {"user": _user(call.agent) if call.agent else None, "teams": _teams(call)}
    yield "call.answered", answered_at, connected
    for held_at, resumed_at in call.holds:
        yield "call.hold", held_at, connected
        yield "call.unhold", resumed_at, connected
    if call.handed_over:
        yield "call.transferred", call.handed_over[0], connected | _handed_over(call)


def _end(call: InventedCall, begun: Data) -> Iterator[tuple[str, datetime, Data]]:
    over = begun | _menu(call) | _over(call) | _handed_over(call)
    tagged = over | {"tags": [{"id": 730_000 + len(tag), "name": tag} for tag in call.tags]}
    yield "call.hungup", call.ended_at, over
    if call.tags:
        yield "call.tagged", call.ended_at + timedelta(seconds=8), tagged
    yield "call.ended", call.ended_at + ENDED_AFTER, tagged | _assets(call)
    if call.answered_at:
        yield "call.comm_assets_generated", call.ended_at + ASSETS_AFTER, over | _assets(call)
    if call.comment:
        at = call.ended_at + COMMENT_AFTER
        comment = {"id": call.id, "content": call.comment, "posted_at": _unix(at), "posted_by": over["user"]}
        yield "call.commented", at, over | {"comments": [comment]}


def _begun(call: InventedCall) -> Data:
    outbound = call.direction == "outbound"
    return {
        "id": call.id,
        "call_uuid": f"CA{call.id:030d}",
        "direction": call.direction,
        "status": "initial",
        "missed_call_reason": None,
        "started_at": _unix(call.started_at),
        "answered_at": None,
        "ended_at": None,
        "duration": 0,
        "voicemail": None,
        "recording": None,
        "raw_digits": call.number,
        "user": _user(call.agent) if outbound and call.agent else None,
        "contact": _contact(call),
        "assigned_to": None,
        "tags": [],
        "transferred_by": None,
        "transferred_to": None,
        "teams": [],
        "comments": [],
        "number": {"id": call.line.id, "name": call.line.name, "digits": call.line.digits, "is_ivr": not outbound},
        "ivr_options_selected": [],
    }


def _contact(call: InventedCall) -> Data | None:
    if call.person is None:
        return None
    given, family = call.person.name.split()
    return {"first_name": given, "last_name": family, "company_name": call.person.company}


def _menu(call: InventedCall) -> Data:
    if not call.menu_left_at:
        return {}
    option = {"title": call.team, "key": "1", "branch": call.team, "transition_ended_at": call.menu_left_at.isoformat()}
    return {"ivr_options_selected": [option]}


def _teams(call: InventedCall) -> list[Data]:
    return [{"id": 740_000 + len(call.team), "name": call.team}] if call.team else []


def _handed_over(call: InventedCall) -> Data:
    if not call.handed_over or not call.agent:
        return {}
    to = _user(call.handed_over[1])
    return {"user": to, "transferred_by": _user(call.agent), "transferred_to": to}


def _over(call: InventedCall) -> Data:
    return {
        "status": "done",
        "missed_call_reason": REASONS.get(call.ending),
        "answered_at": _unix(call.answered_at) if call.answered_at else None,
        "ended_at": _unix(call.ended_at),
        "duration": _unix(call.ended_at) - _unix(call.started_at),
        "user": _user(call.agent) if call.agent else None,
        "teams": _teams(call),
    }


def _assets(call: InventedCall) -> Data:
    address = f"https://assets.example.com/aircall/{call.id}"
    if call.voicemail:
        return {"voicemail": f"{address}/voicemail.mp3"}
    return {"recording": f"{address}/recording.mp3"} if call.answered_at else {}


def _user(agent: Agent) -> Data:
    return {"id": agent.id, "name": agent.name, "email": agent.email, "time_zone": "Europe/Amsterdam"}


def _unix(moment: datetime) -> int:
    return int(moment.timestamp())


def tells(call: InventedCall) -> Data:
    """An unanswered call shows no reason but the caller's or the agents'; what is said after the menu is measured."""
    told = truth.of(call, *truth.OUTLINE, *truth.TIMES, "tags", "note", "voicemail", "transferred_to")
    told |= truth.of(call, "queue", "agent", "talk_s") | {"provider_call_id": str(call.id)}
    known = truth.truth(call)
    told["outcome"] = "unanswered" if call.ending == "busy" else known["outcome"]
    if call.answered_at:
        told |= truth.of(call, "wait_s", "hold_s", "wrap_up_s", "recording")
    return told


def begins(agent: Agent, at: datetime, secrets: Secrets) -> Webhook:
    return _webhook("user.connected", at, _user(agent) | {"availability_status": "available"}, secrets, essential=False)


DIALECT = Dialect(
    provider="aircall", secrets=lambda text: {"token": text}, webhooks=webhooks, tells=tells, begins=begins
)
