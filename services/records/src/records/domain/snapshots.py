"""Records and projects as others see them: the snapshots that events carry, and that expressions read."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from records.domain.moments import moment_text
from records.domain.record import Record, StageEntry
from records.domain.schema import Schema
from shared.contracts.records import FieldSchema, ListSchema, ProjectChanged, RecordSnapshot, TagSchema

# The newest stays an event carries: a record moved to and fro for ever must still fit into a message.
MOST_STAGES = 500


def record_fields(record: Record, schema: Schema) -> dict[str, Any]:
    """The parts of a `RecordSnapshot` in plain JSON: what `shared.expressions.python` reads as a snapshot."""
    return {
        "id": record.id,
        "project": record.project_id,
        "project_key": schema.project.key,
        "list": record.list,
        "list_category": schema.list(record.list).category,
        "title": record.title,
        "description": record.description,
        "values": dict(record.values),
        "links": {key: list(ids) for key, ids in record.links.items()},
        "tags": list(record.tags),
        "assignees": list(record.assignees),
        "color": record.color,
        "due_at": optional_text(record.due_at),
        "done_at": optional_text(record.done_at),
        "snoozed_until": optional_text(record.snoozed_until),
        "next_activity_at": optional_text(record.next_activity_at),
        "created_at": moment_text(record.created_at),
        "updated_at": moment_text(record.updated_at),
        "entered_list_at": moment_text(record.entered_list_at),
        "last_activity_at": moment_text(record.last_activity_at),
        "version": record.version,
        "imported": record.imported,
        "probability": record.probability,
        "probability_source": record.probability_source,
        "outcome": record.outcome,
        "stage_history": [_stage(each) for each in record.stages[-MOST_STAGES:]],
    }


def record_snapshot(record: Record, schema: Schema) -> RecordSnapshot:
    return RecordSnapshot.model_validate(record_fields(record, schema))


def project_changed(schema: Schema, *, deleted: bool = False) -> ProjectChanged:
    """The event that tells the whole schema."""
    project = schema.project
    return ProjectChanged(
        id=project.id,
        key=project.key,
        name=project.name,
        lists=[ListSchema.model_validate(vars(each)) for each in schema.lists],
        fields=[_field(vars(each) | {"kind": each.kind}) for each in schema.fields],
        tags=[TagSchema.model_validate(vars(each)) for each in schema.tags],
        version=project.version,
        deleted=deleted,
    )


def optional_text(moment: datetime | None) -> str | None:
    return None if moment is None else moment_text(moment)


def _field(parts: Mapping[str, Any]) -> FieldSchema:
    return FieldSchema.model_validate(parts)


def _stage(entry: StageEntry) -> dict[str, Any]:
    return {"list": entry.list, "entered_at": moment_text(entry.entered_at), "left_at": optional_text(entry.left_at)}
