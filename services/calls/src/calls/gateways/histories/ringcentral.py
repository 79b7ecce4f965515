"""RingCentral: the company's call log (https://developers.ringcentral.com/guide/voice/call-log/details).

Ten requests a minute, as the call log is of its group Heavy. Of a call that no notification told it tells how it went
as a whole; to a known one it adds the recording. Who took it is the extension of the last leg that was accepted.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from calls.domain.connection import Connection
from calls.domain.fact import Fact
from calls.domain.hook import HookRequest
from calls.domain.reading import Reading, Unintelligible, read_json
from calls.domain.telephone import to_e164
from calls.gateways.api import Api
from calls.gateways.histories import Asked, Batch, Cursor, History, Recorded, Recording
from calls.gateways.ringcentral import CREDENTIALS, access_token

PER_PAGE = 100
DIRECTIONS = {"Inbound": "inbound", "Outbound": "outbound"}
# Where it says "Missed" or "No Answer", the notifications may know better why.
OUTCOMES = {
    "Accepted": "answered",
    "Call connected": "answered",
    "Voicemail": "voicemail",
    "Abandoned": "abandoned",
    "Hang Up": "abandoned",
    "Busy": "busy",
    "Rejected": "failed",
    "Wrong Number": "failed",
    "Call Failed": "failed",
}


async def authorize(client: httpx.AsyncClient, connection: Connection) -> Mapping[str, str]:
    return {"authorization": f"Bearer {await access_token(client, connection.live_secrets)}"}


async def page(api: Api, asked: Asked, cursor: Cursor) -> Batch:
    number = int(cursor.get("page", 1))
    parameters = {
        "view": "Detailed",
        "type": "Voice",
        "dateFrom": _spelled(asked.start),
        "dateTo": _spelled(asked.end),
        "page": number,
        "perPage": PER_PAGE,
    }
    found = await api.get("/restapi/v1.0/account/~/call-log", parameters)
    more = bool((found.get("navigation") or {}).get("nextPage"))
    calls = [call for call in found.get("records") or [] if call.get("result") not in (None, "In Progress")]
    return Batch(calls, {"page": number + 1} if more else None, (found.get("paging") or {}).get("totalElements"))


def _spelled(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def interpret(request: HookRequest) -> list[Fact]:
    call = read_json(request.body)
    subject, began = call.text("telephonySessionId") or call.text("sessionId"), call.moment("startTime")
    if subject is None or began is None:
        raise call.missing("telephonySessionId" if subject is None else "startTime")
    lasted = (call.seconds("durationMs") or 0) / 1_000 or call.seconds("duration") or 0.0
    ended = began + timedelta(seconds=lasted)
    said = _course(call, began, ended) | _parties(call)
    values = {name: value for name, value in said.items() if value is not None}
    session = call.text("sessionId")
    return [Fact(subject, "ended", ended, values, aliases=(session,) if session and session != subject else ())]


def _course(call: Reading, began: datetime, ended: datetime) -> dict[str, Any]:
    outcome, taken = OUTCOMES.get(call.text("result") or ""), _accepted(call)
    took = taken.moment("startTime") if taken and outcome == "answered" else None
    return {
        "started_at": began.isoformat(),
        "answered_at": took.isoformat() if took else None,
        "ended_at": ended.isoformat(),
        "outcome": outcome,
        "voicemail": outcome == "voicemail" or None,
        "recording": call.child("recording") is not None or None,
        "agent": _agent(taken) if taken else None,
    }


def _accepted(call: Reading) -> Reading | None:
    """The leg with the extension that took the call last; the first one is the caller's."""
    legs = [leg for leg in call.children("legs") if leg.text("result") in ("Accepted", "Call connected")]
    with_agent = [leg for leg in legs if leg.child("extension") and not leg.flag("master")]
    return with_agent[-1] if with_agent else None


def _agent(leg: Reading) -> dict[str, Any] | None:
    side = leg.child("to" if leg.text("direction") == "Inbound" else "from") or Reading({})
    extension = (leg.child("extension") or Reading({})).identifier("id")
    return {"agent_id": extension, "agent": extension, "name": side.text("name")} if extension else None


def _parties(call: Reading) -> dict[str, Any]:
    direction = DIRECTIONS.get(call.text("direction") or "")
    if direction is None:
        raise Unintelligible("/direction is neither Inbound nor Outbound")
    numbers = {name: (call.child(name) or Reading({})).text("phoneNumber") for name in ("from", "to")}
    return {
        "direction": direction,
        "internal": call.text("internalType") == "InternalCall" or None,
        "from_number": to_e164(numbers["from"]),
        "to_number": to_e164(numbers["to"]),
    }


async def recording(api: Api, _connection: Connection, recorded: Recorded) -> Recording | None:
    found = await api.get(
        "/restapi/v1.0/account/~/call-log", {"telephonySessionId": recorded.names[0], "view": "Detailed"}
    )
    told = [call["recording"] for call in found.get("records") or [] if call.get("recording")]
    return Recording(told[0]["contentUri"], ours=True) if told else None


HISTORY = History(
    provider="ringcentral",
    base="https://platform.ringcentral.com",
    also=("https://media.ringcentral.com",),
    credentials=CREDENTIALS,
    authorize=authorize,
    page=page,
    interpret=interpret,
    recording=recording,
    per_minute=9,
)
