"""RingCentral (https://developers.ringcentral.com/guide/voice/telephony-session-notifications): states of parties.

The caller is party 1; each menu and each agent rung is a party more. "Answered" of the caller is said of whatever picks
up. ``sequence`` numbers the states of a session, from 2 on. A token in a header is all that proves it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import orjson

from trunkline.simulator import truth
from trunkline.simulator.dialects import Dialect, Secrets, Webhook, json_webhook
from trunkline.simulator.scenario import Agent, InventedCall

ACCOUNT = "90000001"
MENU, MAILBOX = "62000050", "62000060"
QUEUES = {"Sales": "62000077", "Support": "62000078", "Outbound": "62000079"}
MOMENT = timedelta(milliseconds=60)
# The system hangs up within this of an agent's refusal; a caller who leaves so soon cannot be told from it.
AT_ONCE = 3

Data = dict[str, Any]
# When, whose state, its code, and why.
State = tuple[datetime, Data, str, str | None]


def webhooks(call: InventedCall, _secrets: Secrets) -> list[Webhook]:
    states = sorted(_inbound(call) if call.direction == "inbound" else _outbound(call), key=lambda each: each[0])
    return [_webhook(call, sequence, *state) for sequence, state in enumerate(states, 2)]


def _webhook(call: InventedCall, sequence: int, at: datetime, party: Data, code: str, reason: str | None) -> Webhook:
    where = f"extension/{party['extensionId']}/" if "extensionId" in party else ""
    status = {"code": code, "rcc": False} | ({"reason": reason} if reason else {})
    body = {
        "sequence": sequence,
        "sessionId": str(call.id),
        "telephonySessionId": _session(call),
        "serverId": "10.0.0.1.XXX",
        "eventTime": _iso(at),
        "parties": [party | {"accountId": ACCOUNT, "status": status, "missedCall": reason == "NoAnswer"}],
        "origin": {"type": "Call"},
    }
    notice = {
        "uuid": f"{call.id}{sequence:03d}",
        "event": f"/restapi/v1.0/account/{ACCOUNT}/{where}telephony/sessions",
        "timestamp": _iso(at + MOMENT),
        "subscriptionId": "00000000-0000-4000-8000-00000000ac01",
        "ownerId": ACCOUNT,
        "body": body,
    }
    return json_webhook(at + MOMENT, notice)


def _inbound(call: InventedCall) -> Iterator[State]:
    yield call.started_at, _caller(call), "Setup", None
    if call.ending != "closed" or not call.voicemail:
        yield from _menu(call)
    if call.team and call.menu_left_at:
        at = call.menu_left_at + MOMENT
        yield at, _caller(call, f"{call.team} queue", QUEUES[call.team]), "Answered", None
    for number, ring in enumerate(call.rings, 3):
        yield from _ringing(call, _agent(call, number, ring.agent), ring.at, ring.declined_at)
    if call.handed_over:
        at, second = call.handed_over
        party = _agent(call, 90, second)
        yield from ((at + MOMENT, party, code, None) for code in ("Setup", "Proceeding", "Answered"))
        yield call.ended_at, party, "Disconnected", None
    if call.voicemail_at:
        party = _inside(call, 91, MAILBOX, MAILBOX, "Mailbox")
        yield from ((call.voicemail_at - MOMENT, party, code, None) for code in ("Setup", "Proceeding"))
        yield call.voicemail_at, party, "VoiceMail", None
        yield call.ended_at, party, "Disconnected", "Voicemail"
    yield call.ended_at + MOMENT, _caller(call), "Disconnected", None


def _menu(call: InventedCall) -> Iterator[State]:
    party = _inside(call, 2, MENU, MENU, "Main menu")
    yield call.started_at + MOMENT, party, "Setup", None
    yield call.started_at + 2 * MOMENT, _caller(call, "Main menu", MENU), "Answered", None
    left_at = call.menu_left_at if call.team and call.menu_left_at else call.voicemail_at or call.ended_at
    yield left_at, party, "Disconnected", "CallerInputRedirect" if call.team else None


def _ringing(call: InventedCall, party: Data, at: datetime, declined_at: datetime | None) -> Iterator[State]:
    yield at, party, "Setup", None
    yield at + MOMENT, party, "Proceeding", None
    if declined_at:
        yield declined_at, party, "Disconnected", "NoAnswer"
    elif call.answered_at:
        yield from _talking(call, party, call.answered_at)
    else:
        yield call.ended_at + 2 * MOMENT, party, "Disconnected", "Cancelled"


def _talking(call: InventedCall, party: Data, answered_at: datetime) -> Iterator[State]:
    recorded = party | {"recordings": [{"id": str(call.id), "active": True}]}
    yield answered_at, party, "Answered", None
    for held_at, resumed_at in call.holds:
        yield held_at, recorded, "Hold", None
        yield resumed_at, recorded, "Answered", None
    if call.handed_over:
        yield call.handed_over[0], recorded, "Disconnected", "BlindTransfer"
    else:
        yield call.ended_at, recorded, "Disconnected", None


def _outbound(call: InventedCall) -> Iterator[State]:
    agent = call.agent
    if agent is None:
        return
    ours = {"phoneNumber": call.line.digits, "name": agent.name, "extensionId": _extension(agent)}
    ends = {"to": {"phoneNumber": call.number}, "from": ours}
    dialling = ends | {"id": _party(call, 1), "extensionId": _extension(agent), "direction": "Outbound"}
    reached = ends | {"id": _party(call, 2), "direction": "Inbound"}
    yield call.started_at, dialling, "Setup", None
    yield call.started_at + MOMENT, reached, "Proceeding", None
    yield call.started_at + 2 * MOMENT, dialling, "Proceeding", None
    if not call.answered_at:
        refusal = "TargetBusy" if call.ending == "busy" else "NoAnswer"
        yield call.ended_at, reached, "Disconnected", refusal
        yield call.ended_at + MOMENT, dialling, "Disconnected", None
        return
    yield call.answered_at, reached, "Answered", None
    for at, party, code, reason in _talking(call, dialling, call.answered_at):
        yield at + MOMENT, party, code, reason
    yield call.ended_at + 2 * MOMENT, reached, "Disconnected", None


def _caller(call: InventedCall, name: str | None = None, extension: str | None = None) -> Data:
    """The party's direction is not the call's."""
    heard = {"name": name, "extensionId": extension} if extension else {}
    to, from_ = {"phoneNumber": call.line.digits} | heard, {"phoneNumber": call.number}
    return {"id": _party(call, 1), "direction": "Outbound", "to": to, "from": from_}


def _inside(call: InventedCall, number: int, extension: str, called: str, name: str) -> Data:
    to = {"phoneNumber": call.line.digits, "name": name, "extensionId": called}
    party = {"id": _party(call, number), "extensionId": extension, "direction": "Inbound"}
    return party | {"to": to, "from": {"phoneNumber": call.number}}


def _agent(call: InventedCall, number: int, agent: Agent) -> Data:
    """One who is rung from a queue; whom it was transferred to is called directly."""
    if not call.team or (call.handed_over and agent == call.handed_over[1]):
        return _inside(call, number, _extension(agent), _extension(agent), agent.name)
    name = f"{call.team} queue"
    shown = {"queueCall": True, "uiCallInfo": {"primary": {"type": "QueueName", "value": name}}}
    return _inside(call, number, _extension(agent), QUEUES[call.team], name) | shown


def _extension(agent: Agent) -> str:
    return str(61_290_000 + agent.id)


def _session(call: InventedCall) -> str:
    return f"s-{call.id:032x}"


def _party(call: InventedCall, number: int) -> str:
    return f"p-{call.id:032x}-{number}"


def _iso(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def tells(call: InventedCall) -> Data:
    """No wrap-up, no words; after hours and a caller gone in the menu look alike."""
    told = truth.of(call, *truth.OUTLINE, *truth.TIMES, "voicemail", "talk_s")
    told |= {"provider_call_id": _session(call), "wrap_up_s": None, "tags": [], "disposition": None}
    told["queue"] = f"{call.team} queue" if call.team else None
    told["recording"] = bool(call.holds) or call.answered_at is not None
    told["agent"] = _extension(call.last_agent) if call.last_agent else None
    told["transferred_to"] = _extension(call.handed_over[1]) if call.handed_over else None
    told |= truth.of(call, "hold_s") if call.answered_at else {}
    told |= truth.of(call, "wait_s") if call.answered_at or call.ending in ("left_in_queue", "not_reached") else {}
    return told | _outcome(call)


def _outcome(call: InventedCall) -> Data:
    refused = [ring.declined_at for ring in call.rings if ring.declined_at]
    if call.ending == "left_in_queue" and refused and truth.seconds(refused[-1], call.ended_at) < AT_ONCE:
        return {}
    if call.ending == "closed" and not call.voicemail:
        return {"outcome": "abandoned"}
    return truth.of(call, "outcome")


def again(webhook: Webhook) -> Webhook:
    """A second delivery comes under another uuid."""
    return replace(webhook, body=orjson.dumps(orjson.loads(webhook.body) | {"uuid": str(uuid4().int)}))


def sign(_webhook: Webhook, _url: str, secrets: Secrets, _at: datetime) -> Mapping[str, str]:
    return {"Verification-Token": secrets["verification_token"], "user-agent": "RingCentral-Webhook/8.3"}


def begins(agent: Agent, at: datetime, _secrets: Secrets) -> Webhook:
    free = {"telephonyStatus": "NoCall", "presenceStatus": "Available", "dndStatus": "TakeAllCalls"}
    event = f"/restapi/v1.0/account/{ACCOUNT}/extension/{_extension(agent)}/presence?detailedTelephonyState=true"
    body = {"extensionId": _extension(agent), "sequence": int(at.timestamp())} | free
    return json_webhook(at, {"uuid": str(uuid4()), "event": event, "timestamp": at.isoformat(), "body": body})


DIALECT = Dialect(
    "ringcentral",
    begins=begins,
    secrets=lambda text: {"verification_token": text},
    webhooks=webhooks,
    tells=tells,
    sign=sign,
    again=again,
    greets=True,
)
