"""Anything that a record holds was changed."""

from typing import ClassVar

from automations.domain.happening import Happening
from automations.domain.trigger import EventTrigger
from shared.contracts.records import RecordUpdated


class RecordWasUpdated(EventTrigger):
    kind = "record.updated"
    events: ClassVar[tuple[str, ...]] = (RecordUpdated.type,)

    def matches(self, happening: Happening) -> bool:
        return bool(happening.changes)
