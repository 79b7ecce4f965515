"""Records as the API gives them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from records.api.wire import Body
from records.usecases.present_records import present_records as present

__all__ = ["RecordOut", "present"]

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
