"""From an event to the rows it means: pure, the same for every order and every repeat.

A row's key and partition come from what never changes (`first_seen_at`, the id); the highest ``version`` wins.
Telephone numbers are not kept here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from shared.contracts.calls import AvailabilityChanged, CallEnded, CallSnapshot, CallUpdated, SpendChanged
from shared.contracts.event import Event
from shared.contracts.records import Activity, ActivityLogged, RateChanged, RecordDeleted, RecordEvent, RecordSnapshot
from shared.errors import Invalid
from shared.expressions import FIRST_YEAR, LAST_YEAR

Columns = Mapping[str, Any]
UNKNOWN_QUEUE = "unknown"
SCORES = range(1, 6)
# What a row of `call` takes over from the snapshot as it is; where it is null, the column has its default.
COPIED = (
    "id", "connection", "provider", "provider_call_id", "version", "first_seen_at", "direction", "status", "outcome",
    "started_at", "answered_at", "ended_at_estimated", "ivr_s", "queue_s", "ring_s", "wait_s", "talk_s", "hold_s",
    "wrap_up_s", "agent", "agent_name", "source", "disposition", "tags", "voicemail", "recording", "csat", "resolved",
    "escalated", "topic", "converted", "appointment", "flags", "campaign",
)  # fmt: skip
COPIED_OF_RECORD = {
    "id", "list", "list_category", "title", "links", "tags", "assignees", "created_at", "updated_at",
    "entered_list_at", "last_activity_at", "next_activity_at", "snoozed_until", "due_at", "done_at", "imported",
    "version",
}  # fmt: skip
LARGEST = 1 << 63


@dataclass(frozen=True, slots=True)
class Row:
    """One version of one fact, on its way into a table."""

    table: str
    columns: Columns


def facts(event: Event, trace_id: str = "") -> list[Row]:
    """The rows an event means; none for events that are no facts here."""
    if isinstance(event, CallUpdated | CallEnded):
        return [Row("call", call_columns(event.call, trace_id))]
    if isinstance(event, RecordEvent):
        return _record_rows(event.record, trace_id, deleted=isinstance(event, RecordDeleted))
    if isinstance(event, ActivityLogged):
        return _activity_rows(event, trace_id)
    return [_told(event)] if isinstance(event, AvailabilityChanged | RateChanged | SpendChanged) else []


def call_columns(call: CallSnapshot, trace_id: str = "") -> Columns:
    """A call as a row of `call`, with the few things that metrics would otherwise derive again and again.

    Raises `Invalid` for what no table can hold.
    """
    _check(call.version, call.first_seen_at, call.started_at or call.first_seen_at)
    if call.csat is not None and call.csat not in SCORES:
        raise Invalid.at("/call/csat", f"A satisfaction score is 1 to 5, not {call.csat}.")
    stored = {name: value for name in COPIED if (value := getattr(call, name)) is not None}
    return stored | {
        "queue": call.queue or UNKNOWN_QUEUE,
        "arrived_at": call.started_at or call.first_seen_at,
        "ended_at": call.ended_at,
        "answered": answered(call),
        "past_ivr": past_ivr(call),
        "waited_s": waited(call),
        "wait_basis": call.basis.get("wait_s", ""),
        "talk_basis": call.basis.get("talk_s", ""),
        "transferred": call.transferred_to is not None,
        "segments": [each.model_dump(exclude={"position"}) for each in call.segments],
        "trace_id": trace_id,
        "is_deleted": call.gone,
    }


def answered(call: CallSnapshot) -> bool:
    """Whether it reached a human; some providers tell the outcome without the moment."""
    return call.outcome == "answered" or (call.outcome is None and call.answered_at is not None)


def past_ivr(call: CallSnapshot) -> bool:
    """False only where the call is known to have ended in the menu."""
    waited_behind_it = any(each is not None for each in (call.wait_s, call.queue_s, call.ring_s))
    return call.ivr_s is None or waited_behind_it or answered(call)


def waited(call: CallSnapshot) -> float | None:
    """Seconds from the queue (or the first ring) to the answer or the end, as the provider means it."""
    if call.wait_s is not None:
        return call.wait_s
    if call.queue_s is None and call.ring_s is None:
        return None
    return (call.queue_s or 0.0) + (call.ring_s or 0.0)


def _record_rows(record: RecordSnapshot, trace_id: str, *, deleted: bool) -> list[Row]:
    _check(record.version, record.created_at, record.entered_list_at)
    row = Row("record", _record_columns(record, trace_id, deleted=deleted))
    stays = {(each.entered_at, each.list) for each in record.stage_history} | {(record.entered_list_at, record.list)}
    return [row, *(Row("stage_entry", _stay_columns(record, *stay, deleted=deleted)) for stay in sorted(stays))]


def _record_columns(record: RecordSnapshot, trace_id: str, *, deleted: bool) -> Columns:
    return record.model_dump(include=COPIED_OF_RECORD) | {
        "project": record.project_key,
        "values": orjson.dumps(record.values).decode(),
        "color": record.color or "",
        "probability": record.probability or "",
        "outcome": (record.outcome or {}).get("state", ""),
        "stages": [each.model_dump() for each in record.stage_history],
        "first_seen_at": record.created_at,
        "is_deleted": deleted,
        "trace_id": trace_id,
    }


def _stay_columns(record: RecordSnapshot, entered_at: datetime, stage: str, *, deleted: bool) -> Columns:
    return {
        "record": record.id,
        "project": record.project_key,
        "list": stage,
        "entered_at": entered_at,
        "imported": record.imported,
        "version": record.version,
        "is_deleted": deleted,
    }


def _activity_rows(event: ActivityLogged, trace_id: str) -> list[Row]:
    """Those it replaces go, in whatever version they are."""
    over = {"version": event.record.version + 1, "is_deleted": True}
    gone = [{**_activity_columns(event, each, trace_id), **over} for each in event.replaces]
    return [Row("activity", each) for each in (_activity_columns(event, event.activity, trace_id), *gone)]


def _activity_columns(event: ActivityLogged, activity: Activity, trace_id: str) -> Columns:
    return {
        "id": activity.id,
        "record": event.record.id,
        "project": event.record.project_key,
        "type": activity.type,
        "at": activity.at,
        "actor": activity.actor or "",
        "call": activity.call.id if activity.call else "",
        "version": event.record.version,
        "trace_id": trace_id,
    }


def _told(event: AvailabilityChanged | RateChanged | SpendChanged) -> Row:
    """Of what is told once and for all, or again in a higher version."""
    if isinstance(event, AvailabilityChanged):
        return Row("availability", _availability_columns(event))
    if isinstance(event, RateChanged):
        return Row("rate", _rate_columns(event))
    _check(event.version)
    return Row("spend", event.model_dump() | {"amount": str(event.amount)})


def _availability_columns(event: AvailabilityChanged) -> Columns:
    _check(1, event.since)
    return event.model_dump(exclude_none=True) | {"version": 1}


def _rate_columns(event: RateChanged) -> Columns:
    _check(event.version)
    return {
        "date": event.date,
        "from": event.source,
        "to": event.target,
        "rate": event.rate,
        "version": event.version,
        "is_deleted": event.deleted,
    }


def _check(version: int, *moments: datetime) -> None:
    """The engine would wrap such numbers around and clamp such times, and count them somewhere."""
    if not 0 <= version < LARGEST:
        raise Invalid.at("/version", f"{version} is no version.")
    for moment in moments:
        if not FIRST_YEAR <= moment.year <= LAST_YEAR:
            raise Invalid.at("/first_seen_at", f"The year {moment.year} is no year of a call or a record.")
