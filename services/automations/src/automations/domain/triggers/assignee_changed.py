"""A record was given to somebody, or taken from somebody."""

from typing import ClassVar

from automations.domain.clause import Keys
from automations.domain.happening import Happening
from automations.domain.trigger import EventTrigger
from shared.contracts.records import RecordCreated, RecordUpdated


class AssigneeChanged(EventTrigger):
    """``users`` narrows it to these ids, given it or taken from."""

    kind = "assignee.changed"
    events: ClassVar[tuple[str, ...]] = (RecordCreated.type, RecordUpdated.type)

    users: Keys | None = None

    def matches(self, happening: Happening) -> bool:
        change = happening.changes.get("assignees")
        if change is None:
            return False
        moved = set(change.before or ()) ^ set(change.after or ())
        return bool(moved if self.users is None else moved.intersection(self.users))
