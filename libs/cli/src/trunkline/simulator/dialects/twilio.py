"""Twilio Voice (https://www.twilio.com/docs/voice): forms, signed over the address and every parameter.

The application queues callers with <Enqueue>, calls agents through the API and joins them with <Dial><Queue>.
"""

import base64
import hmac
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import NAMESPACE_URL, uuid5

from trunkline.simulator import truth
from trunkline.simulator.dialects import Dialect, Secrets, Webhook
from trunkline.simulator.scenario import Agent, InventedCall

ACCOUNT = "AC0000000000000000000000000000c0de"
FORM = "application/x-www-form-urlencoded; charset=UTF-8"

Data = dict[str, Any]


def webhooks(call: InventedCall, _secrets: Secrets) -> list[Webhook]:
    told = _inbound(call) if call.direction == "inbound" else _outbound(call)
    return [_webhook(call, number, *each) for number, each in enumerate(told)]


def _webhook(call: InventedCall, number: int, at: datetime, path: str, said: Data) -> Webhook:
    headers = {"content-type": FORM, "user-agent": "TwilioProxy/1.1"}
    headers["I-Twilio-Idempotency-Token"] = str(uuid5(NAMESPACE_URL, f"{call.id}/{number}"))
    return Webhook(at, urlencode({"AccountSid": ACCOUNT, "ApiVersion": "2010-04-01"} | said).encode(), headers, path)


def _inbound(call: InventedCall) -> Iterator[tuple[datetime, str, Data]]:
    caller = _leg(call, 0, call.number, call.line.digits, "inbound")
    yield call.started_at, "/voice", caller | {"CallStatus": "ringing"}
    if call.team and call.menu_left_at:
        yield from _queued(call, caller, call.menu_left_at, call.team)
    if call.voicemail_at:
        yield call.ended_at + timedelta(seconds=4), "/recording", _recording(call, call.voicemail_at, "RecordVerb")
    if call.answered_at:
        yield call.ended_at + timedelta(seconds=4), "/recording", _recording(call, call.answered_at, "DialVerb")
    yield call.ended_at, "/status", caller | _progress(0, "completed", call.ended_at, call.started_at)


def _queued(call: InventedCall, caller: Data, at: datetime, team: str) -> Iterator[tuple[datetime, str, Data]]:
    waited = int(truth.seconds(at, truth.waited_until(call)))
    queue = {"QueueSid": _queue(team), "CallStatus": "in-progress"}
    yield at, "/enqueue-wait", caller | queue | {"QueuePosition": 1, "QueueTime": 0, "CurrentQueueSize": 1}
    for number, ring in enumerate(call.rings, 1):
        leg = _agent_leg(call, number, ring.agent)
        yield ring.at, "/status", leg | _progress(0, "initiated", ring.at)
        yield ring.at, "/status", leg | _progress(1, "ringing", ring.at)
        if ring.declined_at:
            yield ring.declined_at, "/status", leg | _progress(2, "no-answer", ring.declined_at, ring.declined_at)
        elif call.answered_at:
            yield call.answered_at, "/status", leg | _progress(2, "in-progress", call.answered_at)
            joined = {"QueueTime": waited, "DequeingCallSid": leg["CallSid"]}
            yield call.answered_at, "/queue", caller | queue | joined
            yield call.ended_at, "/status", leg | _progress(3, "completed", call.ended_at, call.answered_at)
        else:
            yield call.ended_at, "/status", leg | _progress(2, "canceled", call.ended_at, call.ended_at)
    yield from _unqueued(call, caller | queue, waited)


def _unqueued(call: InventedCall, queued: Data, waited: int) -> Iterator[tuple[datetime, str, Data]]:
    """What became of the caller in the queue: told when they left it, or when the call was over."""
    results = {"answered": "bridged", "left_in_queue": "hangup"}
    result = {"QueueResult": results.get(call.ending, "leave"), "QueueTime": waited}
    over = result["QueueResult"] != "leave"
    at = call.ended_at if over else truth.waited_until(call)
    yield at, "/enqueue-action", queued | result | {"CallStatus": "completed" if over else "in-progress"}


def _outbound(call: InventedCall) -> Iterator[tuple[datetime, str, Data]]:
    leg = _leg(call, 0, call.line.digits, call.number, "outbound-api")
    yield call.started_at, "/status", leg | _progress(0, "initiated", call.started_at)
    yield call.started_at, "/status", leg | _progress(1, "ringing", call.started_at)
    if not call.answered_at:
        status = "busy" if call.ending == "busy" else "no-answer"
        yield call.ended_at, "/status", leg | _progress(2, status, call.ended_at, call.ended_at)
        return
    yield call.answered_at, "/status", leg | _progress(2, "in-progress", call.answered_at)
    yield call.ended_at, "/status", leg | _progress(3, "completed", call.ended_at, call.answered_at)
    yield call.ended_at + timedelta(seconds=4), "/recording", _recording(call, call.answered_at, "OutboundAPI")


def _leg(call: InventedCall, number: int, from_: str, to: str, direction: str) -> Data:
    ends = {"From": from_, "To": to, "Caller": from_, "Called": to}
    return {"CallSid": _sid(call, number), "Direction": direction} | ends


def _agent_leg(call: InventedCall, number: int, agent: Agent) -> Data:
    return _leg(call, number, call.line.digits, _client(agent), "outbound-api")


def _client(agent: Agent) -> str:
    return f"client:{agent.email.partition('@')[0]}"


def _sid(call: InventedCall, number: int = 0) -> str:
    return f"CA{call.id * 100 + number:032d}"


def _queue(team: str) -> str:
    return f"QU{len(team):032d}"


def _progress(sequence: int, status: str, at: datetime, since: datetime | None = None) -> Data:
    """``since`` of a leg that is over."""
    said = {"CallStatus": status, "CallbackSource": "call-progress-events", "SequenceNumber": sequence}
    said["Timestamp"] = format_datetime(at)
    if since is None:
        return said
    length = int(truth.seconds(since, at))
    return said | {"CallDuration": length, "Duration": -(-length // 60)}


def _recording(call: InventedCall, since: datetime, source: str) -> Data:
    sid = f"RE{call.id:032d}"
    return {
        "CallSid": _sid(call),
        "RecordingSid": sid,
        "RecordingUrl": f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Recordings/{sid}",
        "RecordingStatus": "completed",
        "RecordingDuration": int(truth.seconds(since, call.ended_at)),
        "RecordingChannels": 2,
        "RecordingStartTime": format_datetime(since),
        "RecordingSource": source,
        "RecordingTrack": "both",
    }


def tells(call: InventedCall) -> Data:
    """With <Enqueue> the wait in the queue; no hold, no transfer, no wrap-up, and not why a menu was left."""
    told = truth.of(call, *truth.OUTLINE, *truth.TIMES, "voicemail", "recording")
    told |= {"provider_call_id": _sid(call), "hold_s": None, "wrap_up_s": None, "transferred_to": None, "tags": []}
    told["queue"] = _queue(call.team) if call.team else None
    told["agent"] = _client(call.agent) if call.agent and call.direction == "inbound" else None
    told["talk_s"] = truth.seconds(call.answered_at, call.ended_at) if call.answered_at else 0.0
    told |= truth.of(call, "wait_s") if call.team or call.direction == "outbound" else {}
    told |= truth.of(call, "outcome") if call.ending in ("answered", "left_in_queue", "not_reached", "busy") else {}
    return told | ({"outcome": "voicemail"} if call.voicemail else {})


def sign(webhook: Webhook, url: str, secrets: Secrets, _at: datetime) -> Mapping[str, str]:
    pairs = sorted(set(parse_qsl(webhook.body.decode(), keep_blank_values=True)))
    signed = url + "".join(name + value for name, value in pairs)
    proof = hmac.digest(secrets["auth_token"].encode(), signed.encode(), "sha1")
    return {"X-Twilio-Signature": base64.b64encode(proof).decode()}


DIALECT = Dialect("twilio", secrets=lambda text: {"auth_token": text}, webhooks=webhooks, tells=tells, sign=sign)
