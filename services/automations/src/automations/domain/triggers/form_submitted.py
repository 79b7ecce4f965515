"""Somebody answered a public form, whether the record is new by it or was there."""

from typing import ClassVar

from automations.domain.clause import Keys
from automations.domain.happening import Happening
from automations.domain.trigger import EventTrigger
from shared.contracts.records import FormSubmitted


class FormWasSubmitted(EventTrigger):
    """``forms`` narrows it to these keys."""

    kind = "form.submitted"
    events: ClassVar[tuple[str, ...]] = (FormSubmitted.type,)

    forms: Keys | None = None

    def matches(self, happening: Happening) -> bool:
        return happening.form is not None and (self.forms is None or happening.form in self.forms)
