"""A record got a tag, or lost one."""

from typing import ClassVar

from automations.domain.clause import Keys, pointer
from automations.domain.happening import Happening
from automations.domain.trigger import EventTrigger
from shared.contracts.records import ProjectChanged, RecordCreated, RecordUpdated
from shared.errors import FieldError


class _Tags(EventTrigger):
    """``tags`` narrows it to these keys."""

    tags: Keys | None = None

    def problems(self, project: ProjectChanged | None) -> list[FieldError]:
        known = {each.key for each in project.tags} if project else set(self.tags or ())
        return [
            FieldError(pointer("tags", number), f"Project '{project.key if project else ''}' has no tag '{key}'.")
            for number, key in enumerate(self.tags or ())
            if key not in known
        ]

    def _concerns(self, changed: set[str]) -> bool:
        return bool(changed if self.tags is None else changed.intersection(self.tags))


class TagAdded(_Tags):
    kind = "tag.added"
    events: ClassVar[tuple[str, ...]] = (RecordCreated.type, RecordUpdated.type)

    def matches(self, happening: Happening) -> bool:
        before, after = changed_members(happening, "tags")
        return self._concerns(after - before)


class TagRemoved(_Tags):
    kind = "tag.removed"
    events: ClassVar[tuple[str, ...]] = (RecordUpdated.type,)

    def matches(self, happening: Happening) -> bool:
        before, after = changed_members(happening, "tags")
        return self._concerns(before - after)


def changed_members(happening: Happening, noun: str) -> tuple[set[str], set[str]]:
    """The members of a list of the record, before and after; both empty where it did not change."""
    change = happening.changes.get(noun)
    return (set(change.before or ()), set(change.after or ())) if change else (set(), set())
