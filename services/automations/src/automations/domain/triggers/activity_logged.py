"""Something was logged on a record: a comment, a note, a task, an e-mail, a call."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from automations.domain.happening import Happening
from automations.domain.rules import RuleSettings
from automations.domain.trigger import EventTrigger
from automations.domain.triggers.call_ended import FRESH
from shared.contracts.records import ActivityLogged

Type = Literal["call", "email", "comment", "task", "note"]


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


class ActivityWasLogged(EventTrigger):
    """``activity`` narrows it to types of activity."""

    kind = "activity.logged"
    events: ClassVar[tuple[str, ...]] = (ActivityLogged.type,)
    seeks_target: ClassVar[bool] = True

    activity: Annotated[tuple[Type, ...], BeforeValidator(_listed), Field(min_length=1)] | None = None

    def matches(self, happening: Happening) -> bool:
        logged = happening.activity
        return logged is not None and (self.activity is None or logged.type in self.activity)

    def ignores(self, happening: Happening, settings: RuleSettings, now: datetime) -> str | None:
        return "history" if now - happening.at > FRESH and not settings.run_on_history else None
