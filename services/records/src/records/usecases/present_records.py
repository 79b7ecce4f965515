"""Records on their way out: computed values are worked out here, for a whole page at once."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from records.domain.presentation import Reader, presented
from records.domain.record import Record
from records.domain.schema import Schema
from records.domain.snapshots import record_fields
from records.domain.workspace import Workspace
from records.storage.computed import see
from shared.database import Transaction
from shared.expressions import python


async def present_records(
    transaction: Transaction,
    workspace: Workspace,
    page: Sequence[Record],
    *,
    fields: Collection[str] | None = None,
    linked: Mapping[str, Record] | None = None,
) -> list[dict[str, Any]]:
    """Objects as the API describes them.

    ``fields`` says which values are wanted (all); ``linked`` are records that were read already.
    """
    computing = {key for key in {record.project_id for record in page} if _computes(workspace.schemas[key], fields)}
    seen = await see(transaction, workspace, [each for each in page if each.project_id in computing], linked or {})
    readers = {key: _wanted(workspace, key, fields) for key in {record.project_id for record in page}}
    presented_page = []
    for record in page:
        snapshot = seen.snapshots.get(record.id) or record_fields(record, workspace.schemas[record.project_id])
        computed = python.computed(snapshot, seen.context) if record.project_id in computing else {}
        presented_page.append(presented(snapshot, record, computed, readers[record.project_id]))
    return presented_page


def _wanted(workspace: Workspace, project_id: str, fields: Collection[str] | None) -> Mapping[str, Reader]:
    readers = workspace.readers[project_id]
    return readers if fields is None else {key: read for key, read in readers.items() if key in fields}


def _computes(schema: Schema, fields: Collection[str] | None) -> bool:
    return any(fields is None or field.key in fields for field in schema.computed_fields)
