"""Ringover: ``GET /v2/calls`` (https://developer.ringover.com). No limit is documented; we ask once a second.

Accounts in America say ``https://public-api-us.ringover.com`` as ``api_url``.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import httpx

from calls.domain.connection import Connection
from calls.domain.hook import HookRequest
from calls.domain.reading import Reading
from calls.gateways.api import Api
from calls.gateways.histories import Asked, Batch, Cursor, History, Recorded, Recording, as_hooks, secret

PER_PAGE = 500
DIRECTIONS = {"in": "inbound", "out": "outbound"}


async def authorize(_client: httpx.AsyncClient, connection: Connection) -> Mapping[str, str]:
    return {"authorization": secret(connection, "api_key")}


async def page(api: Api, asked: Asked, cursor: Cursor) -> Batch:
    offset = int(cursor.get("offset", 0))
    parameters = {
        "start_date": asked.start.isoformat(),
        "end_date": asked.end.isoformat(),
        "limit_count": PER_PAGE,
        "limit_offset": offset,
    }
    found = await api.get("/v2/calls", parameters)
    listed = found.get("call_list") or []
    calls = [call for call in listed if call.get("end_time")]
    more = len(listed) == PER_PAGE
    return Batch(calls, {"offset": offset + len(listed)} if more else None, found.get("total_call_count"))


def hooks(call: Reading, request: HookRequest) -> Iterable[Mapping[str, Any]]:
    """Its last state in the words of the event for it; the note, if there is one."""
    told = call.text("direction") or ""
    state = (call.text("last_state") or "").upper()
    answered = call.values.get("answered_time") is not None
    event = "voicemail" if "VOICEMAIL" in state else "hangup" if answered else "missed"
    data = dict(call.values) | {
        "direction": DIRECTIONS.get(told.lower(), told),
        "hangup_time": call.values.get("end_time"),
    }
    yield {"event": event, "resource": "call", "timestamp": call.values.get("end_time"), "data": data}
    if call.text("note"):
        after = {"call_id": call.values.get("call_id"), "comments": call.text("note")}
        moment = request.received_at.timestamp()
        yield {"event": "comments_updated", "resource": "aftercall", "timestamp": moment, "data": after}


async def recording(_api: Api, _connection: Connection, recorded: Recorded) -> Recording | None:
    """Its links open to whoever has them, as webhooks tell them."""
    return Recording(recorded.link, ours=False) if recorded.link else None


HISTORY = History(
    provider="ringover",
    base="https://public-api.ringover.com",
    credentials=frozenset({"api_key"}),
    authorize=authorize,
    page=page,
    interpret=as_hooks("ringover", hooks),
    recording=recording,
    media=("ringover.com",),
    opens=frozenset(),
)
