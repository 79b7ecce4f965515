"""One of certain fields of a record got another value, was filled or was emptied."""

from typing import ClassVar

from automations.domain.clause import Keys, pointer
from automations.domain.happening import Happening
from automations.domain.trigger import EventTrigger
from shared.contracts.records import ProjectChanged, RecordUpdated
from shared.errors import FieldError

OF_EVERY_RECORD = ("title", "due_at", "done_at", "color")


class FieldChanged(EventTrigger):
    """``fields`` are keys of stored fields, or ``title``, ``due_at``, ``done_at``, ``color``."""

    kind = "field.changed"
    events: ClassVar[tuple[str, ...]] = (RecordUpdated.type,)

    fields: Keys

    def problems(self, project: ProjectChanged | None) -> list[FieldError]:
        if project is None:
            return []
        stored = {each.key: each.kind is not None for each in project.fields} | dict.fromkeys(OF_EVERY_RECORD, True)
        return [
            FieldError(pointer("fields", number), _sentence(key, project.key, known=key in stored))
            for number, key in enumerate(self.fields)
            if not stored.get(key)
        ]

    def matches(self, happening: Happening) -> bool:
        return any(key in happening.changes for key in self.fields)


def _sentence(key: str, project: str, *, known: bool) -> str:
    if known:
        return f"'{key}' is computed, so it is never changed itself; name the fields it is made of."
    return f"Project '{project}' has no field '{key}'."
