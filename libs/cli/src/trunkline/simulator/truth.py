"""What really happened, in the words of the calls service: what any provider's telling of it is measured by.

A line of the file that ``trunkline simulate --truth`` writes is `truth` of a call with its ``provider`` and
``provider_call_id``: enough to compute every statistic of calls without asking Trunkline. Durations are seconds.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import datetime
from typing import Any

from trunkline.simulator.scenario import InventedCall

OUTCOMES = {
    "answered": "answered",
    "left_in_menu": "abandoned",
    "left_in_queue": "abandoned",
    "nobody_answered": "missed",
    "closed": "after_hours",
    "not_reached": "unanswered",
    "busy": "busy",
}


def truth(call: InventedCall) -> dict[str, Any]:
    """``wait_s`` is since the menu was left, of outbound calls the ringing; ``talk_s`` is without hold."""
    ours, theirs = call.line.digits, call.number
    outbound = call.direction == "outbound"
    return {
        "direction": call.direction,
        "ending": call.ending,
        "outcome": "voicemail" if call.voicemail else OUTCOMES[call.ending],
        "started_at": call.started_at,
        "answered_at": call.answered_at,
        "ended_at": call.ended_at,
        "from_number": ours if outbound else theirs,
        "to_number": theirs if outbound else ours,
        "external_number": theirs,
        "queue": call.team,
        "agent": call.last_agent.email if call.last_agent else None,
        "transferred_to": call.handed_over[1].email if call.handed_over else None,
        "tags": list(call.tags),
        "disposition": call.disposition,
        "note": call.comment,
        "csat": call.csat,
        "voicemail": call.voicemail,
        "recording": call.answered_at is not None,
        **durations(call),
    }


def durations(call: InventedCall) -> dict[str, float]:
    held = sum(seconds(at, until) for at, until in call.holds)
    connected = seconds(call.answered_at, call.ended_at) if call.answered_at else 0.0
    queued_at = call.menu_left_at or call.started_at
    return {
        "ivr_s": seconds(call.started_at, queued_at),
        "wait_s": seconds(queued_at, waited_until(call)),
        "talk_s": connected - held,
        "hold_s": held,
        "wrap_up_s": sum(seconds(each.at, each.until) for each in call.wrap_ups),
    }


def waited_until(call: InventedCall) -> datetime:
    """The answer, the beginning of voicemail, or the end."""
    return call.answered_at or call.voicemail_at or call.ended_at


def seconds(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds()


def of(call: InventedCall, *names: str) -> dict[str, Any]:
    """These of its truths."""
    known = truth(call)
    return {name: known[name] for name in names}


# What every provider tells of a call.
OUTLINE = ("direction", "from_number", "to_number", "external_number")
TIMES = ("started_at", "answered_at", "ended_at")

# Two providers' clocks tick within a second; theirs may show fractions.
NEAR = 0.5


def differences(known: Iterable[Any], told: Sequence[Mapping[str, Any]]) -> list[str]:
    """What of these calls (dataclasses or JSON) is not what was told of them, a line each."""
    found, calls = [], [asdict(call) if is_dataclass(call) and not isinstance(call, type) else call for call in known]
    by_id, by_start = _indexed(calls)
    for one in told:
        call = by_id.get(one.get("provider_call_id")) or by_start.get((one.get("started_at"), one["external_number"]))
        if call is None:
            found.append(f"{one} is not known")
            continue
        found += [
            f"{one.get('provider_call_id')} {name}: {_plain(call[name])!r} is not {_plain(value)!r}"
            for name, value in one.items()
            if not _alike(_plain(call[name]), _plain(value))
        ]
    return found + ([f"{len(calls)} calls are known, not {len(told)}"] if len(calls) != len(told) else [])


def _indexed(calls: list[Any]) -> tuple[dict[Any, Any], dict[Any, Any]]:
    starts = {(_plain(each["started_at"]), each["external_number"]): each for each in calls}
    return {each["provider_call_id"]: each for each in calls}, starts


def _plain(value: Any) -> Any:
    if isinstance(value, str) and value[4:5] == "-" and value.endswith("Z"):
        return datetime.fromisoformat(value)
    return list(value) if isinstance(value, tuple) else value


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, datetime) and isinstance(other, datetime):
        return abs(seconds(one, other)) < NEAR
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) < NEAR
    return bool(one == other)
