"""A record: what it holds, where it stands, and how it looks from outside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from shared.errors import NotFound


class RecordNotFound(NotFound):
    def __init__(self, record_id: str) -> None:
        super().__init__(f"There is no record '{record_id}'.")


@dataclass(frozen=True)
class StageEntry:
    """One stay in a list; ``left_at`` is None while it lasts."""

    list: str
    entered_at: datetime
    left_at: datetime | None = None


@dataclass(frozen=True)
class Record:
    """As stored. ``values`` hold canonical JSON by field key, ``links`` the ids of other records by field key.

    ``probability`` is a percentage as a decimal text; ``outcome`` is as `records.domain.outcome` stores it.
    """

    id: str
    project_id: str
    list: str
    title: str
    created_at: datetime
    updated_at: datetime
    entered_list_at: datetime
    last_activity_at: datetime
    description: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    links: Mapping[str, Sequence[str]] = field(default_factory=dict)
    tags: Sequence[str] = ()
    assignees: Sequence[str] = ()
    color: str | None = None
    due_at: datetime | None = None
    done_at: datetime | None = None
    snoozed_until: datetime | None = None
    next_activity_at: datetime | None = None
    deleted_at: datetime | None = None
    version: int = 1
    imported: bool = False
    probability: str | None = None
    probability_source: Literal["stage", "manual"] | None = None
    outcome: Mapping[str, Any] | None = None
    stages: Sequence[StageEntry] = ()

    @classmethod
    def of(cls, parts: Mapping[str, Any]) -> "Record":
        """Of all the parts there are, taken as they are. ``Record(…)`` sets one by one and takes ten times as long."""
        made = object.__new__(cls)
        vars(made).update(parts)
        return made

    def altered(self, **parts: Any) -> "Record":
        """A copy with other parts: `dataclasses.replace`, sooner."""
        return Record.of({**vars(self), **parts})
