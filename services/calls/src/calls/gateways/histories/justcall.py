"""JustCall: ``GET /v2.1/calls``, the calls as its webhooks write them (https://developer.justcall.io/reference).

The last three months only, asked for in the user's own time zone (the connection's ``timezone``). 30 requests a minute
on the smallest plan.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from calls.domain.connection import Connection
from calls.domain.hook import HookRequest
from calls.domain.reading import Reading
from calls.gateways.api import Api
from calls.gateways.histories import Asked, Batch, Cursor, History, Recorded, Recording, as_hooks, secret

PER_PAGE = 100


async def authorize(_client: httpx.AsyncClient, connection: Connection) -> Mapping[str, str]:
    return {"authorization": f"{secret(connection, 'api_key')}:{secret(connection, 'api_secret')}"}


async def page(api: Api, asked: Asked, cursor: Cursor) -> Batch:
    number = int(cursor.get("page", 0))
    zone = ZoneInfo(asked.connection.settings.get("timezone") or "UTC")
    parameters = {
        "from_datetime": _spelled(asked.start, zone),
        "to_datetime": _spelled(asked.end, zone),
        "per_page": PER_PAGE,
        "page": number,
        "sort": "id",
        "order": "asc",
        "fetch_queue_data": "true",
    }
    found = await api.get("/v2.1/calls", parameters)
    calls = found.get("data") or []
    more = bool(found.get("next_page_link")) and bool(calls)
    return Batch(calls, {"page": number + 1} if more else None, found.get("total_count"))


def _spelled(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def hooks(call: Reading, _request: HookRequest) -> Iterable[Mapping[str, Any]]:
    """How it ended, and what was said of it since: an update's words count even where they are empty."""
    kind = ((call.child("call_info") or Reading({})).text("type") or "").lower()
    event = {"missed": "call.missed", "voicemail": "call.voicemail"}.get(kind, "call.completed")
    yield {"type": event, "data": call.values}
    yield {"type": "call.updated", "data": call.values}


async def recording(api: Api, _connection: Connection, recorded: Recorded) -> Recording | None:
    """Asked for by the call's number; where that was never told, as a webhook told it."""
    number = next((name for name in recorded.names if name.isdecimal()), None)
    found = (await api.get(f"/v2.1/calls/{number}")).get("data") if number else None
    call = found[0] if isinstance(found, list) and found else found
    link = (call.get("call_info") or {}).get("recording") if isinstance(call, dict) else recorded.link
    return Recording(str(link), ours=False) if link else None


HISTORY = History(
    provider="justcall",
    base="https://api.justcall.io",
    credentials=frozenset({"api_key", "api_secret"}),
    authorize=authorize,
    page=page,
    interpret=as_hooks("justcall", hooks),
    recording=recording,
    media=("justcall.io", "amazonaws.com"),
    per_minute=28,
    reaches=timedelta(days=92),
)
