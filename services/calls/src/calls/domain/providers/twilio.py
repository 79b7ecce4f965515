"""Twilio Voice (https://www.twilio.com/docs/voice).

A platform, not a call centre: what we learn is what the customer's TwiML asks Twilio to tell. Requests are forms; the
signature covers the address as Twilio saw it and every parameter (of a JSON body its hash, which is in the address). No
time is signed, so replays are told by (CallSid, SequenceNumber), or by the body.
A call is its root CallSid with its legs: those of <Dial> name their parent; an agent called through the API is a leg of
the caller that <Queue> later connects it to, and until then nobody's. Within 15 s;
a 5xx is sent again only where asked for.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit, urlunsplit

from calls.domain.availability import State, availability
from calls.domain.fact import Fact, Kind
from calls.domain.hook import Answer, HookRequest
from calls.domain.providers import Provider, Secrets
from calls.domain.reading import Reading, Unintelligible, read_json
from calls.domain.signatures import matches
from calls.domain.telephone import to_e164

KINDS: Mapping[str, Kind] = {
    "queued": "created",
    "initiated": "created",
    "ringing": "ringing",
    "in-progress": "answered",
    "answered": "answered",
    "completed": "ended",
    "busy": "ended",
    "failed": "ended",
    "no-answer": "ended",
    "canceled": "ended",
}
RESULTS = {"busy": "busy", "failed": "failed", "no-answer": "missed", "canceled": "cancelled"}
QUEUE_OUTCOMES = {
    "hangup": "abandoned",
    "queue-full": "missed",
    "system-error": "missed",
    "error": "missed",
    "bridged": "answered",
    "bridging-in-process": "answered",
    "redirected-from-bridged": "answered",
}
LET_GO = ("leave", "redirected")
# Of a reservation only these say that its worker has the call.
TASK_KINDS: Mapping[str, Kind] = {
    "reservation.accepted": "noted",
    "reservation.wrapup": "wrap_up_started",
    "reservation.completed": "wrap_up_ended",
}
ACTIVITIES: Mapping[str, State] = {"available": "available", "idle": "available", "busy": "busy", "offline": "offline"}
OURS = ("client:", "sip:")
PORTS = {"https": 443, "http": 80}
# Twilio sends some forty, and what the customer adds.
MOST_PARAMETERS = 1_000


def verify(request: HookRequest, secrets: Secrets) -> bool:
    shown = request.headers["x-twilio-signature"]
    signed = parse_qs(request.query).get("bodySHA256")
    if signed:
        proven = matches(hashlib.sha256(request.body).hexdigest(), signed)
        return proven and _signed(shown, request.url, "", secrets)
    if "json" in request.headers.get("content-type", ""):
        return False
    pairs = parse_qsl(request.body.decode(), keep_blank_values=True, max_num_fields=MOST_PARAMETERS)
    return _signed(shown, request.url, "".join(name + value for name, value in sorted(set(pairs))), secrets)


def _signed(shown: str, url: str, parameters: str, secrets: Secrets) -> bool:
    """Twilio signs the address with its port or without it."""
    known = [
        base64.b64encode(hmac.digest(token.encode(), (address + parameters).encode(), "sha1"))
        for token in secrets["auth_token"]
        for address in _spellings(url)
    ]
    return matches(shown, known)


def _spellings(url: str) -> set[str]:
    parts = urlsplit(url)
    host = parts.netloc.rsplit(":", 1)[0] if parts.port else parts.netloc
    ports = {f"{host}:{parts.port or PORTS[parts.scheme]}", host if parts.port in (None, PORTS[parts.scheme]) else ""}
    return {url} | {urlunsplit(parts._replace(netloc=each)) for each in ports if each}


def deduplication_key(request: HookRequest) -> str | None:
    """Of what has no number, the body: the idempotency token is not signed."""
    said = _parameters(request)
    if said.text("SequenceNumber"):
        return "/".join(str(said.text(name)) for name in ("CallSid", "SequenceNumber", "CallStatus"))
    return hashlib.sha256(request.body).hexdigest()


def answer(request: HookRequest) -> Answer | None:
    """TaskRouter awaits an empty answer; all else may get the document of the settings."""
    return Answer(204) if "EventType" in _parameters(request).values else None


def interpret(request: HookRequest) -> list[Fact]:
    said = _parameters(request)
    if said.text("EventType"):
        return _task_facts(said, request)
    if said.text("CallSid") is None:
        raise said.missing("CallSid")
    told = _Told(said, request)
    if said.text("RecordingStatus"):
        return [told.recording()]
    if said.text("CallStatus") is None and said.text("ConferenceSid"):
        return []
    if said.text("CallStatus") is None:
        raise said.missing("CallStatus")
    return [each for each in (told.leg(), told.queue(), told.taker(), told.dial(), told.record()) if each]


def _parameters(request: HookRequest) -> Reading:
    if "json" in request.headers.get("content-type", ""):
        return read_json(request.body)
    text = request.body.decode(errors="replace")
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="replace", max_num_fields=MOST_PARAMETERS)
    except ValueError as error:
        raise Unintelligible(f"the form has more than {MOST_PARAMETERS:,} parameters") from error
    return Reading(dict(reversed(pairs)))


@dataclass(frozen=True)
class _Told:
    """What one request says of a call."""

    said: Reading
    request: HookRequest

    @property
    def sid(self) -> str:
        return self.said.text("CallSid") or ""

    @property
    def parent(self) -> str | None:
        return self.said.text("ParentCallSid")

    @property
    def at(self) -> datetime:
        return _moment(self.said, "Timestamp") or self.request.received_at

    def fact(self, kind: Kind, *aliases: str, **values: Any) -> Fact:
        """About the call as a whole."""
        return Fact(self.parent or self.sid, kind, self.at, _known(values), aliases=aliases)

    def leg(self) -> Fact:
        """Of an agent we know of by the API alone, nobody can say yet whose leg it is."""
        kind, status = self._kind(), self.said.text("CallStatus")
        ended = kind == "ended"
        length = self.said.seconds("CallDuration") if ended else None
        inbound = self.said.text("Direction") == "inbound"
        leg = self._who() | {
            "id": self.sid,
            "result": RESULTS.get(status or "") if ended else None,
            "talked_s": None if inbound else length,
        }
        started = self.at - timedelta(seconds=length) if inbound and length is not None else None
        lost = _known({"recording": (bool(self.said.text("RecordingUrl")) and ended) or None})
        values = {"leg": _known(leg), **lost} | _known({"started_at": started.isoformat() if started else None})
        fact = self.fact(kind, *((self.sid, self.parent) if self.parent else ()), **values)
        return replace(fact, scope="alias") if leg.get("side") == "agent" and not inbound and not self.parent else fact

    def _kind(self) -> Kind:
        """Only progress callbacks tell of a moment; other requests merely show how the leg stands."""
        kind = KINDS.get(self.said.text("CallStatus") or "")
        if kind is None:
            raise Unintelligible(f"/CallStatus is {self.said.text('CallStatus')!r}, which we do not know")
        if self.said.text("Timestamp") or self.said.text("CallDuration"):
            return kind
        return "created" if kind in ("created", "ringing") else "noted"

    def _who(self) -> dict[str, Any]:
        """Whose leg it is; of the root also the direction and the numbers of the call."""
        ours, theirs = ("From", "To") if self.said.text("Direction") == "inbound" else ("To", "From")
        address = self.said.text(ours) or ""
        if self.parent:
            to = self.said.text("To") or ""
            return {"to_number": to_e164(to), "agent": _agent(to) if to.startswith(OURS) else None}
        ends = {"from_number": _number(self.said.text("From")), "to_number": _number(self.said.text("To"))}
        if not self._is_ours(address):
            direction = "inbound" if ours == "From" else "outbound"
            return ends | {"root": True, "side": "outside", "direction": direction}
        within = ours == "From" and self._is_ours(self.said.text("To") or "")
        ours_leg = {"root": True, "side": "agent", "agent": _agent(address), "internal": within or None}
        ours_leg |= {"direction": None if within else "outbound"}
        return ours_leg | (ends if ours == "From" else {"from_number": _number(self.said.text(theirs))})

    def _is_ours(self, address: str) -> bool:
        own = self.request.settings.get("own_numbers", ())
        return address.startswith(OURS) or to_e164(address) in own

    def queue(self) -> Fact | None:
        """<Enqueue> tells that the caller waits, or how that ended; <Queue> who took them."""
        queue, waited = self.said.text("QueueSid"), self.said.seconds("QueueTime")
        if queue is None:
            return None
        result, taker = self.said.text("QueueResult"), self.said.text("DequeingCallSid")
        if not result and not taker:
            return self.fact("queued", queue=queue)
        outcome = QUEUE_OUTCOMES.get(result or "")
        over = result == "hangup" or (result == "bridged" and self.said.text("CallStatus") == "completed")
        kind: Kind = "ended" if over else "unqueued"
        taken, let_go = bool(taker) or outcome == "answered" or None, result in LET_GO or None
        values = {"queue": queue, "waited_s": waited, "taken": taken, "let_go": let_go, "outcome": outcome}
        return self.fact(kind, *((taker,) if taker else ()), **values)

    def taker(self) -> Fact | None:
        """The leg that took the caller out of a queue, which it had answered for."""
        taker = self.said.text("DequeingCallSid")
        return self.fact("answered", leg={"id": taker, "joined": True}) if taker else None

    def dial(self) -> Fact | None:
        """What <Dial> tells at its end of the leg it made."""
        sid, status = self.said.text("DialCallSid"), self.said.text("DialCallStatus")
        if not sid or not status:
            return None
        leg = {"id": sid, "result": RESULTS.get(status), "talked_s": self.said.seconds("DialCallDuration")}
        return self.fact("ended", sid, leg=_known(leg))

    def record(self) -> Fact | None:
        """What <Record> tells at its end; the same names on a call's end are of the whole call's recording."""
        recorded = self.said.text("RecordingUrl") and not self.said.text("CallDuration")
        return self.fact("noted", voicemail=True) if recorded else None

    def recording(self) -> Fact:
        if self.said.text("RecordingStatus") != "completed":
            return self.fact("noted")
        if self.said.text("RecordingSource") != "RecordVerb":
            return self.fact("noted", recording=True)
        began = _moment(self.said, "RecordingStartTime")
        return self.fact("noted", voicemail=True, voicemail_at=began.isoformat() if began else None)


def _task_facts(said: Reading, request: HookRequest) -> list[Fact]:
    """TaskRouter: a worker's activity, or a task, which names its call among its attributes."""
    if said.text("EventType") == "worker.activity.update":
        return _presence(said, request)
    attributes = read_json((said.text("TaskAttributes") or "{}").encode())
    call, event = attributes.text("call_sid"), said.text("EventType") or ""
    if call is None:
        return []
    at = said.moment_of_digits("Timestamp") or request.received_at
    values = {
        "task_queue": said.text("TaskQueueName"),
        "worker": _worker(said) if event in TASK_KINDS else None,
        "answered_at": at.isoformat() if event == "reservation.accepted" else None,
        "disposition": said.text("TaskCompletedReason"),
    }
    return [Fact(call, TASK_KINDS.get(event, "noted"), at, _known(values))]


def _presence(said: Reading, request: HookRequest) -> list[Fact]:
    """Activities are named by the customer: those that TaskRouter begins with are known, in others nobody works."""
    worker, activity = _worker(said), said.text("WorkerActivityName") or ""
    if worker is None:
        return []
    state = ACTIVITIES.get(activity.lower(), "away")
    at = said.moment_of_digits("Timestamp") or request.received_at
    return [availability(worker["agent_id"], at, state, worker, reason=activity if state == "away" else None)]


def _worker(said: Reading) -> dict[str, Any] | None:
    worker, sid = said.text("WorkerName"), said.text("WorkerSid")
    email = read_json((said.text("WorkerAttributes") or "{}").encode()).text("email")
    return (
        _known({"agent_id": sid, "agent": email or worker, "name": worker, "email": email}) if worker and sid else None
    )


def _moment(said: Reading, name: str) -> datetime | None:
    text = said.text(name)
    try:
        found = parsedate_to_datetime(text) if text else None
        return found.astimezone(UTC) if found else None
    except (ValueError, OverflowError) as error:
        raise Unintelligible(f"/{name} is not a time") from error


def _number(address: str | None) -> str | None:
    return to_e164(address) or (address if address and address.startswith(OURS) else None)


def _agent(address: str | None) -> dict[str, Any] | None:
    return {"agent_id": address, "agent": address} if address else None


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


PROVIDER = Provider(
    name="twilio",
    verify=verify,
    interpret=interpret,
    deduplication_key=deduplication_key,
    answer=answer,
    needs=frozenset({"auth_token"}),
    signs_address=True,
)
