"""CloudTalk: the list of calls, and each call's detail (https://developers.cloudtalk.io/).

60 requests a minute for a company. The list knows when a call ended, and calls it by its number; only the detail knows
its uuid, by which its webhooks go, the queue, the hold and what a contact rated. A call without a detail waits under
its number until a webhook tells whose that is.
"""

from datetime import datetime
from typing import Any

from calls.domain.connection import Connection
from calls.domain.fact import Fact
from calls.domain.hook import HookRequest
from calls.domain.reading import Reading, read_json
from calls.domain.telephone import to_e164
from calls.gateways.api import Api, NotThere
from calls.gateways.histories import Asked, Batch, Cursor, History, Recorded, Recording, basic

PER_PAGE = 100
DETAILS = "https://analytics-api.cloudtalk.io"
DIRECTIONS = {"incoming": "inbound", "outgoing": "outbound"}
NO_RATING = 0


async def page(api: Api, asked: Asked, cursor: Cursor) -> Batch:
    """The list's page, then the calls' details one by one."""
    number = int(cursor.get("page", 1))
    parameters = {"date_from": _spelled(asked.start), "date_to": _spelled(asked.end), "limit": PER_PAGE, "page": number}
    found = (await api.get("/api/calls/index.json", parameters)).get("responseData") or {}
    calls = [{"listed": each, "detail": await _detail(api, each)} for each in found.get("data") or []]
    more = number < int(found.get("pageCount") or 1)
    return Batch(calls, {"page": number + 1} if more else None, found.get("itemsCount"))


async def _detail(api: Api, listed: dict[str, Any]) -> dict[str, Any] | None:
    number = str((listed.get("Cdr") or {}).get("id"))
    try:
        return await api.get(f"{''.join(api.also)}/api/calls/{number}") if number.isdecimal() else None
    except NotThere:
        return None


def _spelled(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def interpret(request: HookRequest) -> list[Fact]:
    body = read_json(request.body)
    listed, detail = body.child("listed") or Reading({}), body.child("detail") or Reading({}, "/detail")
    cdr = listed.child("Cdr")
    if cdr is None:
        raise listed.missing("Cdr")
    number, uuid = cdr.identifier("id"), detail.text("uuid")
    ended = cdr.moment("ended_at")
    if number is None or ended is None:
        raise cdr.missing("id" if number is None else "ended_at")
    values = {
        name: value for name, value in (_course(cdr, detail) | _words(listed, detail)).items() if value is not None
    }
    if uuid:
        return [Fact(uuid, "ended", ended, values, aliases=(number,))]
    return [Fact(number, "ended", ended, values, scope="alias")]


def _course(cdr: Reading, detail: Reading) -> dict[str, Any]:
    times = detail.child("call_times") or Reading({})
    talked, waited = cdr.seconds("talking_time"), cdr.seconds("waiting_time")
    direction = DIRECTIONS.get(cdr.text("type") or "")
    ours, theirs = to_e164(cdr.identifier("public_internal")), to_e164(cdr.identifier("public_external"))
    agent = cdr.identifier("user_id") if talked or direction == "outbound" else None
    voicemail = cdr.flag("is_voicemail")
    return {
        "direction": direction,
        "internal": cdr.text("type") == "internal" or None,
        "from_number": theirs if direction == "inbound" else ours,
        "to_number": ours if direction == "inbound" else theirs,
        "started_at": _time(cdr, "started_at"),
        "answered_at": None if voicemail else _time(cdr, "answered_at"),
        "ended_at": _time(cdr, "ended_at"),
        "outcome": "answered" if talked else "after_hours" if detail.flag("out_of_office") else _left(detail),
        "voicemail": voicemail or None,
        "recording": (cdr.flag("recorded") and not voicemail) or None,
        "connected_s": talked,
        "hold_s": times.seconds("holding_time"),
        "wait_s": waited,
        "wrap_up_s": cdr.seconds("wrapup_time"),
        **_parts(waited, times, detail),
        "queue": _queue(detail),
        "agent": {"agent_id": agent, "agent": agent} if agent else None,
    }


def _parts(waited: float | None, times: Reading, detail: Reading) -> dict[str, Any]:
    """The menus before the wait; of the wait, how long it rang."""
    menus = [step.seconds("total_time") for step in detail.children("call_steps") if step.text("type") == "ivr"]
    rang = times.seconds("ringing_time")
    whole = waited is not None and rang is not None and bool(_queues(detail)) and rang <= waited
    return {
        "ivr_s": sum(each for each in menus if each) if menus else None,
        "ring_s": rang if whole else None,
        "queue_s": (waited or 0) - (rang or 0) if whole else None,
    }


def _left(detail: Reading) -> str | None:
    """The caller hung up in a queue."""
    gone = [step for step in _queues(detail) if step.text("reason") == "canceled" and step.text("status") == "missed"]
    return "abandoned" if gone else None


def _queues(detail: Reading) -> list[Reading]:
    return [step for step in detail.children("call_steps") if step.text("type") == "queue"]


def _queue(detail: Reading) -> str | None:
    return next((step.text("name") for step in _queues(detail)), None)


def _words(listed: Reading, detail: Reading) -> dict[str, Any]:
    notes = [note.text("note") for note in listed.children("Notes")]
    rating = detail.child("call_rating")
    by_contact = rating is not None and rating.text("type") == "contact"
    transfers = [step for step in detail.children("call_steps") if step.text("type") == "transfer"]
    return {
        "tags": list(dict.fromkeys(filter(None, _tags(listed, detail)))),
        "note": notes[-1] if notes else None,
        "csat": int(rating.seconds("rating") or NO_RATING) or None if rating and by_contact else None,
        "transferred_to": transfers[-1].text("name") if transfers else None,
    }


def _tags(listed: Reading, detail: Reading) -> list[str | None]:
    named = [tag.text("name") for tag in listed.children("Tags")]
    return named + [tag.text("label") for tag in detail.children("call_tags")]


def _time(cdr: Reading, name: str) -> str | None:
    moment = cdr.moment(name)
    return moment.isoformat() if moment else None


async def recording(_api: Api, _connection: Connection, recorded: Recorded) -> Recording | None:
    """Asked for by the call's number."""
    number = next((name for name in recorded.names if name.isdecimal()), None)
    return Recording(f"/api/calls/recording/{number}.json", ours=True) if number else None


HISTORY = History(
    provider="cloudtalk",
    base="https://my.cloudtalk.io",
    also=(DETAILS,),
    credentials=frozenset({"api_key_id", "api_key_secret"}),
    authorize=basic("api_key_id", "api_key_secret"),
    page=page,
    interpret=interpret,
    recording=recording,
    per_minute=55,
    reset_header="x-cloudtalkapi-resettime",
)
