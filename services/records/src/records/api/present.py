"""Records on their way out: computed values are worked out here, for a whole page at once."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from records.api.wire import Body
from records.domain.presentation import presented
from records.domain.record import Record
from records.domain.schema import Schema
from records.domain.workspace import Workspace
from records.storage.linked import with_linked
from shared.database import Transaction
from shared.expressions import python

_EXAMPLE = {
    "amount": {"amount": "25000.00", "currency": "EUR"},
    "cost": {"amount": "15000.00", "currency": "EUR"},
    "profit": {"amount": "10000.00", "currency": "EUR"},
    "customer": "0193e0a1-5f0b-7c3e-9d52-2a0a4a8f6b11",
    "customer_name": "Bakkerij Smit",
}


class RecordOut(Body):
    """`project` is the project's id; `list`, `tags` and the keys of `values` are keys. Empty values are absent."""

    id: str
    project: str
    list: Annotated[str, Field(examples=["contract_out"])]
    title: Annotated[str, Field(examples=["Website for Bakkerij Smit"])]
    description: str | None
    values: Annotated[dict[str, Any], Field(description="Stored and computed values", examples=[_EXAMPLE])]
    tags: Sequence[str]
    assignees: Sequence[str]
    color: str | None
    due_at: datetime | None
    done_at: datetime | None
    snoozed_until: datetime | None
    next_activity_at: datetime | None
    created_at: datetime
    updated_at: datetime
    entered_list_at: datetime
    last_activity_at: datetime
    version: int
    imported: bool
    probability: Annotated[str | None, Field(description="A percentage", examples=["50"])]
    probability_source: Annotated[
        Literal["stage", "manual"] | None, Field(description="Whose it is: it follows the stage until it is changed")
    ]
    outcome: Annotated[
        dict[str, Any] | None,
        Field(
            description="Won, lost, or stalled until a day",
            examples=[{"state": "lost", "reason": "price", "at": "2026-01-31T09:30:00Z"}],
        ),
    ]


async def present(
    transaction: Transaction,
    workspace: Workspace,
    page: Sequence[Record],
    *,
    fields: Collection[str] | None = None,
    linked: Mapping[str, Record] | None = None,
) -> list[dict[str, Any]]:
    """Objects as `RecordOut` describes them.

    ``fields`` says which values are wanted (all); ``linked`` are records that were read already.
    """
    computing = {record.project_id for record in page if _computes(workspace.schemas[record.project_id], fields)}
    reached = [record for record in page if record.project_id in computing]
    snapshots = await with_linked(transaction.connection, workspace, reached, linked or {})
    context = python.Context(workspace.expressions, now=transaction.now, resolve=snapshots.get)
    presented_page = []
    for record in page:
        schema = workspace.schemas[record.project_id]
        computed = python.computed(snapshots[record.id], context) if record.project_id in computing else {}
        kinds = workspace.computed_kinds[schema.project.key]
        presented_page.append(presented(record, schema, computed, kinds, fields))
    return presented_page


def _computes(schema: Schema, fields: Collection[str] | None) -> bool:
    return any(fields is None or field.key in fields for field in schema.computed_fields)
