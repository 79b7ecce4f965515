"""The versions of a record. Each is one change, one row of its history and exactly one event."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from records.domain.changes import Changes, changes_between
from records.domain.record import Record
from records.domain.schema import Schema
from records.domain.snapshots import record_fields
from shared.contracts.event import WrittenEvent
from shared.contracts.records import (
    RecordCreated,
    RecordDeleted,
    RecordEvent,
    RecordMoved,
    RecordRestored,
    RecordUpdated,
)

ChangeKind = Literal["created", "updated", "moved", "deleted", "restored"]

_EVENTS: Mapping[ChangeKind, type[RecordEvent]] = {
    "created": RecordCreated,
    "updated": RecordUpdated,
    "moved": RecordMoved,
    "deleted": RecordDeleted,
    "restored": RecordRestored,
}


@dataclass(frozen=True)
class Version:
    kind: ChangeKind
    before: Record | None
    after: Record
    changes: Changes


def first_version(record: Record) -> Version:
    return Version("created", None, record, changes_between(None, record))


def next_version(kind: ChangeKind, before: Record, after: Record, now: datetime) -> Version:
    """The change from ``before`` to ``after``, one version higher."""
    raised = after.altered(version=before.version + 1, updated_at=now)
    return Version(kind, before, raised, changes_between(before, raised))


def with_value(version: Version, key: str, value: Any) -> Version:
    """The version with another value of one field."""
    after = version.after.altered(values={**version.after.values, key: value})
    others = {name: change for name, change in version.changes.items() if name != key}
    return replace(version, after=after, changes={**others, **changes_between(version.before, after)})


def event_of(version: Version, schema: Schema, actor: str | None) -> WrittenEvent:
    """The one event of the version, with the whole record after it."""
    parts = {"record": record_fields(version.after, schema), "changes": version.changes, "actor": actor}
    if version.kind == "moved" and version.before:
        parts |= {"from_list": version.before.list, "to_list": version.after.list}
    return WrittenEvent(_EVENTS[version.kind], version.after.id, parts)
