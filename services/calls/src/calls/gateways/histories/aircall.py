"""Aircall: ``GET /v1/calls``, the calls as its webhooks write them (https://developer.aircall.io/api-references/).

120 requests a minute for a company. A link leads to the next page. Hold and wrap-up are not in it.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from calls.domain.connection import Connection
from calls.domain.hook import HookRequest
from calls.domain.reading import Reading
from calls.gateways.api import Api
from calls.gateways.histories import Asked, Batch, Cursor, History, Recorded, Recording, as_hooks, basic

PER_PAGE = 50


async def page(api: Api, asked: Asked, cursor: Cursor) -> Batch:
    first = {
        "from": int(asked.start.timestamp()),
        "to": int(asked.end.timestamp()),
        "order": "asc",
        "per_page": PER_PAGE,
        "fetch_call_timeline": "true",
    }
    link = cursor.get("link")
    found = await (api.get(link) if link else api.get("/v1/calls", first))
    meta = found.get("meta") or {}
    link = meta.get("next_page_link")
    calls = [call for call in found.get("calls") or [] if call.get("status") == "done"]
    return Batch(calls, {"link": link} if link else None, meta.get("total"))


def hooks(call: Reading, request: HookRequest) -> Iterable[Mapping[str, Any]]:
    """The call as it stood when we asked."""
    yield {"event": "call.ended", "timestamp": request.received_at.timestamp(), "data": call.values}


async def recording(api: Api, _connection: Connection, recorded: Recorded) -> Recording | None:
    """Aircall's links are good for minutes, so a fresh one is asked for."""
    call = (await api.get(f"/v1/calls/{quote(recorded.names[0], safe='')}")).get("call") or {}
    return Recording(call["recording"], ours=False) if call.get("recording") else None


HISTORY = History(
    provider="aircall",
    base="https://api.aircall.io",
    credentials=frozenset({"api_id", "api_token"}),
    authorize=basic("api_id", "api_token"),
    page=page,
    interpret=as_hooks("aircall", hooks),
    per_minute=110,
    reset_header="x-aircallapi-reset",
    recording=recording,
    media=("aircall.io", "amazonaws.com"),
)
