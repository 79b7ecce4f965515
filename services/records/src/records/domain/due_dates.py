"""A field that says when its record is due: the record's own due time follows it."""

from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from records.domain.changes import changes_between
from records.domain.moments import date_of, moment_of
from records.domain.schema import Field, Schema
from records.domain.versions import Version
from shared.expressions import Kind


def due_by_field(version: Version, schema: Schema, timezone: str) -> Version:
    """The version with the due time that its field says, where the version changes that."""
    field = schema.due_field
    if field is None or not schema.project.has("due_at"):
        return version
    before = version.before.values.get(field.key) if version.before else None
    after = version.after.values.get(field.key)
    if before == after:
        return version
    due = replace(version.after, due_at=None if after is None else _moment(after, field, timezone))
    changes = {name: each for name, each in version.changes.items() if name != "due_at"}
    return replace(version, after=due, changes={**changes, **changes_between(version.before, due)})


def _moment(value: Any, field: Field, timezone: str) -> datetime:
    """Of a day its last second, where the workspace is."""
    if field.kind is Kind.DATETIME:
        return moment_of(value)
    return datetime.combine(date_of(value), time(23, 59, 59), ZoneInfo(timezone)).astimezone(UTC)
