"""A record was made: by hand, a form, another rule, or, when asked for, an import."""

from datetime import datetime
from typing import ClassVar

from automations.domain.clause import Keys
from automations.domain.happening import Happening
from automations.domain.rules import RuleSettings
from automations.domain.trigger import EventTrigger, unknown_lists
from shared.contracts.records import ProjectChanged, RecordCreated
from shared.errors import FieldError


class RecordWasCreated(EventTrigger):
    """``lists`` narrows it to records that start there."""

    kind = "record.created"
    events: ClassVar[tuple[str, ...]] = (RecordCreated.type,)

    lists: Keys | None = None

    def problems(self, project: ProjectChanged | None) -> list[FieldError]:
        return unknown_lists(self.lists, "lists", project)

    def matches(self, happening: Happening) -> bool:
        return self.lists is None or happening.record.list in self.lists

    def ignores(self, happening: Happening, settings: RuleSettings, now: datetime) -> str | None:
        del now
        return "imported" if happening.record.imported and not settings.run_on_import else None
