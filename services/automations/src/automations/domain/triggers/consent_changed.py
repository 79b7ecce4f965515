"""Somebody agreed to something, or withdrew."""

from typing import ClassVar, Literal

from automations.domain.clause import Keys
from automations.domain.happening import Happening
from automations.domain.trigger import EventTrigger
from shared.contracts.records import ConsentChanged


class ConsentWasChanged(EventTrigger):
    """``options`` narrows it to these purposes or kinds of mail, ``state`` to a yes or a no."""

    kind = "consent.changed"
    events: ClassVar[tuple[str, ...]] = (ConsentChanged.type,)

    options: Keys | None = None
    state: Literal["given", "withdrawn"] | None = None

    def matches(self, happening: Happening) -> bool:
        said = happening.consent
        if said is None or self.state not in (None, said.state):
            return False
        return self.options is None or said.option in self.options
