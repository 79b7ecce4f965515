"""RingCentral (https://developers.ringcentral.com/guide/voice/telephony-session-notifications).

One stream of states of parties, in no order, numbered by ``sequence``: who has an ``extensionId`` is of the company (an
agent or a menu), who has none is outside. ``direction`` is the party's, not the call's. "Answered" of the outside party
is often said of a menu or a queue. Nothing is signed: a token of our choosing comes back in a header, by its older name
or its newer. Answers within 3 s, never 4xx for an event we merely dislike: both lead to the blacklist.
A subscription is made by a handshake, which is answered only while we are making one.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from calls.domain.availability import State, availability
from calls.domain.fact import Fact, Kind
from calls.domain.hook import Answer, HookRequest
from calls.domain.providers import Provider, Secrets
from calls.domain.reading import Reading, Unintelligible, read_json
from calls.domain.signatures import shows_any
from calls.domain.telephone import to_e164

HEADERS = ("verification-token", "validation-token")
LONGEST_ECHO = 512
# A message being spoken while whom it is for listens, who may still take the call.
SCREENING = "VoiceMailScreening"
KINDS: Mapping[str, Kind] = {
    "Setup": "created",
    "Proceeding": "ringing",
    "Answered": "answered",
    "Hold": "held",
    "Parked": "held",
    "VoiceMail": "noted",
    SCREENING: "noted",
    "FaxReceive": "noted",
    "Disconnected": "ended",
    "Gone": "ended",
}
RESULTS = {
    "NoAnswer": "missed",
    "Cancelled": "cancelled",
    "CallerCancelled": "cancelled",
    "TargetBusy": "busy",
    "Busy": "busy",
    "Rejected": "failed",
    "InvalidNumber": "failed",
    "Unreachable": "failed",
    "Failed": "failed",
}
TRANSFERS = frozenset(
    {
        "BlindTransfer",
        "AttendedTransfer",
        "RccTransfer",
        "DtmfTransfer",
        "CallFlip",
        "CallFlipForward",
        "CallRedirected",
    }
)
# States only a person (or what stands for one) has: menus are set up, and disconnected.
PERSONAL = frozenset({"Proceeding", "Answered", "Hold", "Parked", "VoiceMail", SCREENING})
# How the id of the party ends that began the session.
FIRST = "-1"
# A message is told without its call: it is joined by its numbers and the minute it was left in.
NEAR_MINUTES = range(-1, 5)


PRESENCE: Mapping[str, State] = {"Available": "available", "Busy": "away", "Offline": "offline"}
ON_PHONE = ("CallConnected", "OnHold", "ParkedCall")
REFUSING = ("DoNotAcceptAnyCalls", "DoNotAcceptDepartmentCalls")


def verify(request: HookRequest, secrets: Secrets) -> bool:
    return shows_any(request, HEADERS, secrets["verification_token"])


def handshake(request: HookRequest) -> Answer | None:
    """An echo, as long as a subscription of ours is being made; deliveries carry the same header, but also an event."""
    until, token = request.settings.get("handshake_until"), request.headers.get("validation-token")
    if not until or not token or len(token) > LONGEST_ECHO or _is_event(request.body):
        return None
    if request.received_at > datetime.fromisoformat(until):
        return None
    return Answer(200, headers={"validation-token": token, "content-type": "application/json"})


def _is_event(body: bytes) -> bool:
    try:
        return bool(json.loads(body or b"null"))
    except ValueError:
        return True


def deduplication_key(request: HookRequest) -> str | None:
    """A second delivery of a state may come under another uuid."""
    notice = read_json(request.body)
    body = notice.child("body") or notice
    session, sequence = body.text("telephonySessionId"), body.identifier("sequence")
    if session is None or sequence is None:
        return notice.identifier("uuid")
    parties = [(party.text("id"), (party.child("status") or party).text("code")) for party in body.children("parties")]
    return f"{session}/{sequence}/{parties}"


def interpret(request: HookRequest) -> list[Fact]:
    notice = read_json(request.body)
    event = notice.text("event") or ""
    if "pn_apns" in notice.values or "/subscription/" in event:
        return []
    body = notice.child("body")
    if body is None:
        raise notice.missing("body")
    if "/presence" in event:
        return [_presence(body, notice.moment("timestamp") or request.received_at)]
    if "/voicemail" in event or "/message-store" in event:
        return [_message_fact(body)]
    session, at = body.text("telephonySessionId"), body.moment("eventTime")
    if session is None:
        raise body.missing("telephonySessionId")
    if at is None:
        raise body.missing("eventTime")
    sequence = int(body.seconds("sequence") or 0)
    return [_party_fact(session, at, sequence, party) for party in body.children("parties")]


def _presence(body: Reading, at: datetime) -> Fact:
    """Of an extension, whatever it is; who takes no calls may be there all the same."""
    extension = body.identifier("extensionId")
    if extension is None:
        raise body.missing("extensionId")
    refuses, shown = (body.text(name) or "" for name in ("dndStatus", "presenceStatus"))
    on_phone = body.text("telephonyStatus") in ON_PHONE
    state: State = "busy" if on_phone else "away" if refuses in REFUSING else PRESENCE.get(shown, "away")
    reason = refuses if state == "away" and refuses in REFUSING else None
    return availability(extension, at, state, {"agent_id": extension, "agent": extension}, reason=reason)


def _party_fact(session: str, at: datetime, sequence: int, party: Reading) -> Fact:
    status = party.child("status")
    code = (status.text("code") if status else None) or ""
    if status is None or code not in KINDS:
        raise Unintelligible(f"{party.place}/status/code is {code!r}, which we do not know")
    leg = _leg(party, code, status.text("reason") or "")
    values = {
        "leg": _known(leg | {"sequence": sequence}),
        "queue": _queue(party),
        "voicemail": leg["voicemail"] if code != SCREENING else None,
        "screened": code == SCREENING or None,
        "recording": bool(party.children("recordings")) or None,
    }
    return Fact(session, KINDS[code], at, _known(values), aliases=_other_names(status, leg, at))


def _leg(party: Reading, code: str, reason: str) -> dict[str, Any]:
    party_id, extension = party.text("id"), party.identifier("extensionId")
    if party_id is None:
        raise party.missing("id")
    from_, to = _end(party, "from"), _end(party, "to")
    refused = RESULTS.get(reason) or ("missed" if party.flag("missedCall") else None)
    return {
        "id": party_id,
        "root": party_id.endswith(FIRST) or None,
        "side": "agent" if extension else "outside",
        "direction": _direction(extension, to),
        "from_number": to_e164(from_.text("phoneNumber")) or from_.identifier("extensionId"),
        "to_number": to_e164(to.text("phoneNumber")) or to.identifier("extensionId"),
        "address": extension,
        "internal": (from_.identifier("extensionId") and to.identifier("extensionId") and True) or None,
        "agent": _agent(extension, from_, to, code) if extension else None,
        "picked_up_by": _picked_up_by(to) if code == "Answered" and not extension else None,
        "result": refused if code == "Disconnected" else None,
        "moved": code == "Gone" or (code == "Disconnected" and reason in TRANSFERS) or None,
        "menu": reason == "CallerInputRedirect" or None,
        "voicemail": code.startswith("VoiceMail") or reason == "Voicemail" or None,
        "queue_call": party.flag("queueCall") or None,
    }


def _end(party: Reading, name: str) -> Reading:
    return party.child(name) or Reading({}, f"{party.place}/{name}")


def _direction(extension: str | None, to: Reading) -> str | None:
    """Of the call, should this party have begun it; calls between extensions have none."""
    if extension is None:
        return "inbound"
    return None if to.identifier("extensionId") else "outbound"


def _agent(extension: str, from_: Reading, to: Reading, code: str) -> dict[str, Any] | None:
    own = next((end for end in (from_, to) if end.identifier("extensionId") == extension), None)
    if code not in PERSONAL and own is not from_:
        return None
    return {"agent_id": extension, "agent": extension, "name": own.text("name") if own else None}


def _picked_up_by(to: Reading) -> dict[str, Any] | None:
    extension = to.identifier("extensionId")
    return {"address": extension, "name": to.text("name")} if extension else None


def _queue(party: Reading) -> str | None:
    primary = (party.child("uiCallInfo") or Reading({})).child("primary")
    if primary and (primary.text("type") or "").lower() == "queuename":
        return primary.text("value")
    return _end(party, "to").text("name") if party.flag("queueCall") else None


def _other_names(status: Reading, leg: Mapping[str, Any], at: datetime) -> tuple[str, ...]:
    """The session it went on in, and what a message left in it will be known by."""
    peer = (status.child("peerId") or Reading({})).text("telephonySessionId") if leg["moved"] else None
    minutes = NEAR_MINUTES if leg["voicemail"] else ()
    near = [_message_name(leg["from_number"], leg["to_number"], at + timedelta(minutes=each)) for each in minutes]
    return (peer, *near) if peer else tuple(near)


def _message_name(from_number: str | None, to_number: str | None, at: datetime) -> str:
    return f"voicemail/{from_number}/{to_number}/{at:%Y-%m-%dT%H:%M}"


def _message_fact(body: Reading) -> Fact:
    at = body.moment("creationTime")
    if at is None:
        raise body.missing("creationTime")
    to = next(iter(body.children("to")), Reading({}))
    numbers = [to_e164(each.text("phoneNumber")) or each.identifier("extensionId") for each in (_end(body, "from"), to)]
    return Fact(_message_name(numbers[0], numbers[1], at), "noted", at, {"voicemail": True}, scope="alias")


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


PROVIDER = Provider(
    name="ringcentral",
    verify=verify,
    interpret=interpret,
    deduplication_key=deduplication_key,
    handshake=handshake,
    greets=True,
    needs=frozenset({"verification_token"}),
    secret_headers=frozenset(HEADERS),
    measures_hold=True,
)
