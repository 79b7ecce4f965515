"""What a change changed: values before and after, in canonical JSON, by field key or by the record's own part."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from records.domain.record import Record
from records.domain.snapshots import optional_text

# By part or field: ``{"before", "after"}``, as in the events' `Change`.
Changes = Mapping[str, Mapping[str, Any]]
_PARTS = (
    "title",
    "description",
    "list",
    "color",
    "due_at",
    "done_at",
    "snoozed_until",
    "next_activity_at",
    "probability",
    "outcome",
)
_SETS = ("tags", "assignees")


def changes_between(before: Record | None, after: Record) -> Changes:
    """Empty where nothing differs. Of a new record every part that is not empty is a change."""
    old, new = _comparable(before) if before else {}, _comparable(after)
    keys = dict.fromkeys((*old, *new))
    return {key: {"before": old.get(key), "after": new.get(key)} for key in keys if old.get(key) != new.get(key)}


def _comparable(record: Record) -> dict[str, Any]:
    """Every part that a change may touch, flat: field keys never equal the names of a record's parts."""
    parts = {name: _json(getattr(record, name)) for name in _PARTS}
    sets = {name: list(getattr(record, name)) or None for name in _SETS}
    links = {key: list(ids) for key, ids in record.links.items()}
    return parts | sets | dict(record.values) | links


def _json(value: Any) -> Any:
    return optional_text(value) if isinstance(value, datetime) else value
