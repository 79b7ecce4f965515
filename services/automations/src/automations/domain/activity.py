"""What counts as activity on a record, so that silence can be measured."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from automations.domain.happening import Happening

Kind = Literal[
    "record.created",
    "comment.created",
    "call.completed",
    "email.sent",
    "email.received",
    "task.created",
    "note.created",
    "list.changed",
    "field.changed",
    "checklist.item_done",
]

# Always counts: no silence is older than the record, nor than the last activity an imported record came with.
BEGINNING: Kind = "record.created"

_OF_ACTIVITY: dict[str, tuple[Kind, ...]] = {
    "comment": ("comment.created",),
    "call": ("call.completed",),
    "email": ("email.sent", "email.received"),
    "task": ("task.created",),
    "note": ("note.created",),
    "move": ("list.changed",),
}
_OF_EVENT: dict[str, tuple[Kind, ...]] = {
    "records.record.created.v1": (BEGINNING,),
    "records.record.updated.v1": ("field.changed",),
    "records.record.moved.v1": ("list.changed",),
    "records.record.restored.v1": ("field.changed",),
}


@dataclass(frozen=True)
class LastActivity:
    """When each kind of activity was last seen on a record, by people and by automations apart."""

    by_people: Mapping[str, datetime] = field(default_factory=dict)
    by_rules: Mapping[str, datetime] = field(default_factory=dict)

    def latest(self, kinds: Collection[str] | None, *, automations_count: bool) -> datetime | None:
        """The latest of the given kinds, or of any kind."""
        sources = (self.by_people, self.by_rules) if automations_count else (self.by_people,)
        return max(
            (at for each in sources for kind, at in each.items() if kinds is None or kind in kinds), default=None
        )


def kinds_of(happening: Happening) -> tuple[Kind, ...]:
    """The kinds of activity this event is; none for an event that is no activity."""
    if happening.activity:
        return _OF_ACTIVITY[happening.activity.type]
    return _OF_EVENT.get(happening.type, ())


def at(happening: Happening) -> datetime:
    """When the activity took place; a record that was moved in brings the time of its last one."""
    record = happening.record
    if BEGINNING in kinds_of(happening):
        return record.last_activity_at if record.imported else record.created_at
    return happening.at
