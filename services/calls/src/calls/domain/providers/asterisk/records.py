"""Call detail records: of one channel each, in the server's own time zone."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from calls.domain.fact import Fact
from calls.domain.providers.asterisk.told import Told, agent_of, first_leg, interface_of, known
from calls.domain.reading import Unintelligible

OUTCOMES = {"NO ANSWER": "unanswered", "BUSY": "busy", "FAILED": "failed", "CONGESTION": "failed"}
# What a caller who leaves a menu did last.
MENUS = ("background", "waitexten", "read")
_DISPOSITION = re.compile(r"disposition=([^;,|]+)")
_CALLER_NAME = re.compile(r'^"?([^"<]*?)"?\s*<')


def detail_record(told: Told) -> list[Fact]:
    """The channel's first and last moment; the answer only of a call we made, where no dial plan answers."""
    channel = told.text("Linkedid") or told.text("LinkedID") or told.text("UniqueID")
    end = _local(told, "EndTime", told.at)
    start = _local(told, "StartTime", _before(told, "Duration"))
    if channel is None:
        raise told.event.missing("UniqueID")
    caller, dialled = told.text("Source"), told.text("Destination")
    ends = first_leg(caller, dialled, told.text("DestinationContext"), told.settings)
    said = {name: ends[name] for name in ("direction", "from_number", "to_number")}
    application = (told.text("LastApplication") or "").lower()
    disposed = _DISPOSITION.search(told.text("UserField") or "")
    said |= {
        "started_at": start.isoformat() if start else None,
        "ended_at": end.isoformat() if end else None,
        "voicemail": application == "voicemail" or None,
        "left_in_ivr": application in MENUS or None,
        "disposition": disposed.group(1).strip() if disposed else None,
    }
    said |= _result(told, ends, application)
    return [Fact(channel, "ended", end or told.at, known(said))]


def _result(told: Told, ends: Mapping[str, Any], application: str) -> dict[str, Any]:
    disposition = (told.text("Disposition") or "").upper()
    if ends["side"] != "agent":
        missed = disposition == "NO ANSWER" and application != "queue"
        return _taken(told) if _is_taken(told, application) else {"outcome": "missed" if missed else None}
    answered = _local(told, "AnswerTime", _before(told, "BillableSeconds")) if disposition == "ANSWERED" else None
    named = _CALLER_NAME.match(told.text("CallerID") or "")
    caller = told.text("Source")
    return {
        "answered_at": answered.isoformat() if answered and ends["direction"] else None,
        "outcome": OUTCOMES.get(disposition),
        "agent": agent_of(caller, named.group(1) if named else None) if caller else None,
    }


def _is_taken(told: Told, application: str) -> bool:
    """By whom a Dial reached; menus and queues "answer" too."""
    disposition = (told.text("Disposition") or "").upper()
    return application == "dial" and disposition == "ANSWERED" and told.text("DestinationChannel") is not None


def _taken(told: Told) -> dict[str, Any]:
    answered = _local(told, "AnswerTime", _before(told, "BillableSeconds"))
    agent = agent_of(interface_of(told.text("DestinationChannel")), None)
    return {"answered_at": answered.isoformat() if answered else None, "outcome": "answered", "agent": agent}


def _before(told: Told, lasted: str) -> datetime:
    return (_local(told, "EndTime", told.at) or told.at) - timedelta(seconds=told.event.seconds(lasted) or 0)


def _local(told: Told, name: str, near: datetime) -> datetime | None:
    """A time in the server's own zone; of the two an hour has when clocks go back, the one nearer to a known moment."""
    text = told.text(name)
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise Unintelligible(f"{told.event.place}/{name} is not a time") from error
    zone = ZoneInfo(told.settings.get("timezone") or "UTC")
    zoned = [found] if found.tzinfo else [found.replace(tzinfo=zone, fold=fold) for fold in (0, 1)]
    return min((each.astimezone(UTC) for each in zoned), key=lambda each: abs(each - near))
