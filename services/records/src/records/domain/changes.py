"""What a change changed: values before and after, in canonical JSON, by field key or by the record's own part."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from records.domain.record import Record
from records.domain.schema import Schema
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
    new = _comparable(after)
    if before is None:
        return {key: {"before": None, "after": value} for key, value in new.items() if value is not None}
    old = _comparable(before)
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


def seen_changes(changes: Changes, schema: Schema) -> Changes:
    """Without the fields that ``schema`` does not show; lists and tags that it does not show are left blank."""
    known = {"list": set(schema.lists_by_key), "tags": {tag.key for tag in schema.tags}}
    shown = {key: change for key, change in changes.items() if key in schema.fields_by_key or key in (*_PARTS, *_SETS)}
    return {
        key: {side: _among(value, known[key]) for side, value in change.items()} if key in known else change
        for key, change in shown.items()
    }


def seen_deed(changes: Changes, schema: Schema) -> Changes:
    """Without the stages among it that are lists which ``schema`` does not show."""
    hidden = [each.key for each in (schema.whole or schema).lists if each.key not in schema.lists_by_key]
    return {
        part: {side: value for side, value in change.items() if value not in hidden} for part, change in changes.items()
    }


def _among(value: Any, known: set[str]) -> Any:
    if isinstance(value, list):
        return [each for each in value if each in known] or None
    return value if value in known else None
