"""Records on their way out: computed values are worked out here, for a whole page at once."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from records.domain.presentation import presented
from records.domain.record import Record
from records.domain.schema import Schema
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
    computing = {record.project_id for record in page if _computes(workspace.schemas[record.project_id], fields)}
    reached = [record for record in page if record.project_id in computing]
    seen = await see(transaction, workspace, reached, linked or {})
    presented_page = []
    for record in page:
        schema = workspace.schemas[record.project_id]
        computed = python.computed(seen.snapshots[record.id], seen.context) if record.project_id in computing else {}
        kinds = workspace.computed_kinds[schema.project.key]
        presented_page.append(presented(record, schema, computed, kinds, fields))
    return presented_page


def _computes(schema: Schema, fields: Collection[str] | None) -> bool:
    return any(fields is None or field.key in fields for field in schema.computed_fields)
