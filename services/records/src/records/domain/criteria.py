"""What a dynamic selection asks of a record: a filter, and in it counters of what happened on the record.

``{"counter": "activities", "type"?, "direction"?, "period": "P90D", "op": "eq", "value": 0}`` counts calls, e-mails,
notes …; ``{"counter": "last_activity_age_days", "op": "gt", "value": 14}`` says how long it has been quiet.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, get_args
from zoneinfo import ZoneInfo

from records.domain.activity import ActivityType
from records.domain.pointers import under
from records.domain.workspace import Workspace
from shared.errors import Invalid
from shared.expressions import Filter, parse_filter
from shared.expressions.moments import read_duration

OPERATORS = ("eq", "ne", "lt", "lte", "gt", "gte")
COUNTERS = ("activities", "last_activity_age_days")
DIRECTIONS = {"outgoing": "outbound", "incoming": "inbound", "outbound": "outbound", "inbound": "inbound"}
PARTS = {"counter", "field", "type", "direction", "period", "op", "value"}
LARGEST = 1_000_000
DEEPEST = 16
GROUPS = ("all", "any", "none")


@dataclass(frozen=True)
class Counter:
    """``since`` is None where everything counts; ``types`` are those counted, none: all."""

    counter: str
    op: str
    value: int
    since: datetime | None = None
    types: tuple[str, ...] = ()
    direction: str | None = None


@dataclass(frozen=True)
class Group:
    """``all``, ``any`` or ``none`` of the parts hold."""

    group: str
    parts: "tuple[Criteria, ...]"


Criteria = Filter | Counter | Group


def read_criteria(
    given: Any, project: str, workspace: Workspace, now: datetime, place: str = "/criteria", depth: int = 0
) -> Criteria:
    """Raises `Invalid` with each mistake at its place."""
    if depth > DEEPEST:
        raise Invalid.at(place, "Criteria lie at most 16 deep.")
    if not _counts(given):
        return _filter(given, project, workspace, place)
    if _is_counter(given):
        return _counter(given, workspace, now, place)
    parts = []
    for word, nested in given.items():
        inside = [nested] if word == "not" else nested
        if word not in (*GROUPS, "not") or not isinstance(inside, list):
            raise Invalid.at(f"{place}/{word}", "Counters stand in lists of all, any and none, or in not.")
        several = tuple(
            read_criteria(
                each, project, workspace, now, f"{place}/{word}" + ("" if word == "not" else f"/{number}"), depth + 1
            )
            for number, each in enumerate(inside)
        )
        parts.append(Group("none" if word == "not" else word, several))
    return parts[0] if len(parts) == 1 else Group("all", tuple(parts))


def _filter(given: Any, project: str, workspace: Workspace, place: str) -> Filter:
    try:
        return parse_filter(given, project, workspace.expressions)
    except Invalid as problem:
        errors = [type(each)(each.pointer.removeprefix("/filter"), each.detail) for each in problem.errors]
        raise Invalid(problem.detail, under(place, Invalid(problem.detail, errors))) from problem


def _is_counter(given: Mapping[str, Any]) -> bool:
    return "counter" in given or str(given.get("field", "")).startswith("counters.")


def _counts(given: Any) -> bool:
    if isinstance(given, list):
        return any(_counts(each) for each in given)
    if not isinstance(given, dict):
        return False
    return _is_counter(given) or any(_counts(given.get(word)) for word in (*GROUPS, "not"))


def _counter(given: Mapping[str, Any], workspace: Workspace, now: datetime, place: str) -> Counter:
    name = str(given.get("counter") or given["field"]).removeprefix("counters.")
    if name not in COUNTERS or set(given) - PARTS:
        raise Invalid.at(place, f"A counter is one of {', '.join(COUNTERS)}, with {', '.join(sorted(PARTS))}.")
    op, value = given.get("op", "eq"), given.get("value")
    if op not in OPERATORS:
        raise Invalid.at(f"{place}/op", f"A counter is compared by one of {', '.join(OPERATORS)}.")
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST:
        raise Invalid.at(f"{place}/value", "A counter is compared with a whole number.")
    return Counter(
        name, op, value, _since(given, workspace, now, place), _types(given, place), _direction(given, place)
    )


def _since(given: Mapping[str, Any], workspace: Workspace, now: datetime, place: str) -> datetime | None:
    if given.get("period") is None:
        return None
    relative = read_duration(str(given["period"]))
    if relative is None:
        raise Invalid.at(f"{place}/period", "'period' is a duration like P90D.")
    since = relative.negated().after(now, ZoneInfo(workspace.timezone)).astimezone(UTC)
    if since > now:
        raise Invalid.at(f"{place}/period", "'period' reaches back from now: write it without a sign.")
    return since


def _types(given: Mapping[str, Any], place: str) -> tuple[str, ...]:
    wanted = given.get("type") or []
    types = tuple(wanted) if isinstance(wanted, list) else (wanted,)
    if any(each not in get_args(ActivityType) for each in types):
        raise Invalid.at(f"{place}/type", f"'type' is one of {', '.join(get_args(ActivityType))}, or a list of them.")
    return types


def _direction(given: Mapping[str, Any], place: str) -> str | None:
    if given.get("direction") is None:
        return None
    if given["direction"] not in DIRECTIONS:
        raise Invalid.at(f"{place}/direction", "'direction' is outgoing or incoming.")
    return DIRECTIONS[given["direction"]]
