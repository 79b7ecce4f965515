"""Vonage: ``GET /v1/calls``, a row a leg (https://developer.vonage.com/en/api/voice).

The application proves itself by a token it signs with its private key.
"""

import time
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import uuid4

import httpx
import jwt

from calls.domain.connection import Connection
from calls.domain.hook import HookRequest
from calls.domain.reading import Reading
from calls.gateways.api import Api, ProviderFailed
from calls.gateways.histories import Asked, Batch, Cursor, History, Recorded, Recording, as_hooks, secret

PER_PAGE = 100
OVER = ("completed", "busy", "cancelled", "unanswered", "timeout", "rejected", "failed", "disconnected")
LIFETIME_SECONDS = 3_600
REGIONS = tuple(f"https://api-{region}.nexmo.com" for region in ("us", "eu", "ap")) + tuple(
    f"https://api-{region}.vonage.com" for region in ("us", "eu", "ap")
)


async def authorize(_client: httpx.AsyncClient, connection: Connection) -> Mapping[str, str]:
    now = int(time.time())
    claims = {
        "application_id": secret(connection, "application_id"),
        "iat": now,
        "exp": now + LIFETIME_SECONDS,
        "jti": str(uuid4()),
    }
    try:
        token = jwt.encode(claims, secret(connection, "private_key"), algorithm="RS256")
    except (ValueError, TypeError, jwt.PyJWTError) as error:
        raise ProviderFailed("The secret private_key is no RSA key in PEM.") from error
    return {"authorization": f"Bearer {token}"}


async def page(api: Api, asked: Asked, cursor: Cursor) -> Batch:
    index = int(cursor.get("index", 0))
    parameters = {
        "date_start": asked.start.isoformat(),
        "date_end": asked.end.isoformat(),
        "page_size": PER_PAGE,
        "record_index": index,
        "order": "asc",
    }
    found = await api.get("/v1/calls", parameters)
    listed = (found.get("_embedded") or {}).get("calls") or []
    calls = [leg for leg in listed if leg.get("status") in OVER]
    more = len(listed) == PER_PAGE
    return Batch(calls, {"index": index + len(listed)} if more else None, found.get("count"))


def hooks(leg: Reading, request: HookRequest) -> Iterable[Mapping[str, Any]]:
    began, ended = leg.text("start_time"), leg.text("end_time")
    told = leg.seconds("duration")
    about = {
        "uuid": leg.text("uuid"),
        "conversation_uuid": leg.text("conversation_uuid"),
        "direction": leg.text("direction"),
        "from": _number(leg, "from"),
        "to": _number(leg, "to"),
    }
    if began:
        yield about | {"status": "started", "timestamp": began}
    if began and told:
        yield about | {"status": "answered", "timestamp": began}
    over = {"status": leg.text("status"), "timestamp": ended or began or request.received_at.isoformat()}
    yield about | over | {"end_time": ended, "duration": str(told) if told else None}


def _number(leg: Reading, name: str) -> str | None:
    return (leg.child(name) or Reading({})).identifier("number")


async def recording(_api: Api, _connection: Connection, recorded: Recorded) -> Recording | None:
    """No list tells of recordings: the link is that of the webhook, and opens to the application alone."""
    return Recording(recorded.link, ours=True) if recorded.link else None


HISTORY = History(
    provider="vonage",
    base="https://api.nexmo.com",
    also=REGIONS,
    credentials=frozenset({"application_id", "private_key"}),
    authorize=authorize,
    page=page,
    interpret=as_hooks("vonage", hooks),
    recording=recording,
)
