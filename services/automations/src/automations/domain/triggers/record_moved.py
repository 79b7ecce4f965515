"""A record changed its list: a stage change."""

from typing import ClassVar

from pydantic import Field

from automations.domain.clause import Keys
from automations.domain.happening import Happening
from automations.domain.trigger import EventTrigger, unknown_lists
from shared.contracts.records import ProjectChanged, RecordMoved
from shared.errors import FieldError


class RecordWasMoved(EventTrigger):
    """``from`` and ``to`` narrow it to moves out of and into lists."""

    kind = "record.moved"
    events: ClassVar[tuple[str, ...]] = (RecordMoved.type,)

    from_: Keys | None = Field(default=None, alias="from")
    to: Keys | None = None

    def problems(self, project: ProjectChanged | None) -> list[FieldError]:
        return unknown_lists(self.from_, "from", project) + unknown_lists(self.to, "to", project)

    def matches(self, happening: Happening) -> bool:
        left = self.from_ is None or happening.from_list in self.from_
        return left and (self.to is None or happening.to_list in self.to)
