"""Twilio: ``Calls.json``, a row a leg (https://www.twilio.com/docs/voice/api/call-resource).

A leg is told as its two callbacks, when it began and when it ended. Queues are only in callbacks.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

from calls.domain.connection import Connection
from calls.domain.hook import HookRequest
from calls.domain.reading import Reading
from calls.gateways.api import Api
from calls.gateways.histories import Asked, Batch, Cursor, History, Recorded, Recording, as_hooks, basic, secret

PER_PAGE = 500
OVER = ("completed", "busy", "failed", "no-answer", "canceled")
NAMES = {"sid": "CallSid", "parent_call_sid": "ParentCallSid", "direction": "Direction", "from": "From", "to": "To"}


async def page(api: Api, asked: Asked, cursor: Cursor) -> Batch:
    account = secret(asked.connection, "account_sid")
    first = {
        "StartTime>": asked.start.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "StartTime<": asked.end.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "PageSize": PER_PAGE,
    }
    link = cursor.get("link")
    found = await (api.get(link) if link else api.get(f"/2010-04-01/Accounts/{account}/Calls.json", first))
    calls = [leg for leg in found.get("calls") or [] if leg.get("status") in OVER and _began_within(leg, asked)]
    link = found.get("next_page_uri")
    return Batch(calls, {"link": link} if link else None)


def _began_within(leg: Mapping[str, Any], asked: Asked) -> bool:
    """The API may look at days only."""
    try:
        began: datetime = parsedate_to_datetime(str(leg.get("start_time")))
    except ValueError:
        return False
    return asked.start <= began < asked.end


def hooks(leg: Reading, _request: HookRequest) -> Iterable[Mapping[str, Any]]:
    about = {theirs: leg.text(ours) for ours, theirs in NAMES.items() if leg.text(ours)}
    length = leg.identifier("duration")
    if leg.text("direction") != "inbound":
        yield about | {"CallStatus": "initiated", "Timestamp": leg.text("start_time")}
    yield about | {
        "CallStatus": leg.text("status"),
        "Timestamp": leg.text("end_time") or leg.text("start_time"),
        "CallDuration": length,
    }


async def recording(api: Api, connection: Connection, recorded: Recorded) -> Recording | None:
    account = f"/2010-04-01/Accounts/{secret(connection, 'account_sid')}"
    found = (await api.get(f"{account}/Calls/{quote(recorded.names[0], safe='')}/Recordings.json")).get(
        "recordings"
    ) or []
    return Recording(f"{account}/Recordings/{quote(str(found[0]['sid']), safe='')}.mp3", ours=True) if found else None


HISTORY = History(
    provider="twilio",
    base="https://api.twilio.com",
    credentials=frozenset({"account_sid", "auth_token"}),
    authorize=basic("account_sid", "auth_token"),
    page=page,
    interpret=as_hooks("twilio", hooks),
    recording=recording,
)
