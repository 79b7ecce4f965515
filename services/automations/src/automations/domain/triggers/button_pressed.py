"""Somebody pressed a button of the record, and confirmed it as it asks."""

from typing import ClassVar

from automations.domain.clause import Keys
from automations.domain.happening import Happening
from automations.domain.trigger import EventTrigger
from shared.contracts.records import ButtonPressed


class ButtonWasPressed(EventTrigger):
    """``buttons`` narrows it to these fields."""

    kind = "button.pressed"
    events: ClassVar[tuple[str, ...]] = (ButtonPressed.type,)

    buttons: Keys | None = None

    def matches(self, happening: Happening) -> bool:
        return happening.button is not None and (self.buttons is None or happening.button in self.buttons)
