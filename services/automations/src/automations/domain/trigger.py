"""What every trigger answers. Each type is one file in `triggers/`."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import ClassVar, Literal

from pydantic import Field

from automations.domain.activity import LastActivity
from automations.domain.clause import Clause, Condition, Duration, pointer
from automations.domain.happening import Happening
from automations.domain.rules import RuleSettings
from shared.contracts.records import ProjectChanged, RecordSnapshot
from shared.errors import FieldError


class Trigger(Clause):
    """``type`` is the word in the rule."""

    type: str

    def problems(self, project: ProjectChanged | None) -> list[FieldError]:
        """What the project's schema does not bear out, pointing into the trigger."""
        del project
        return []


class EventTrigger(Trigger):
    """Fires on events. ``events`` are the types it wants to be told of."""

    events: ClassVar[tuple[str, ...]]
    # Whether the rule may be about another record than the event's: see `targets`.
    seeks_target: ClassVar[bool] = False

    def matches(self, happening: Happening) -> bool:
        """Whether this is what the rule waits for. Every match becomes exactly one run."""
        raise NotImplementedError

    def ignores(self, happening: Happening, settings: RuleSettings, now: datetime) -> str | None:
        """Why the run is skipped although it matches: the past, which only counts when asked for."""
        del happening, settings, now
        return None


class Repeat(Clause):
    """Fire again every so often while nothing happens, ``max`` times in all."""

    every: Duration
    max: int | None = Field(default=None, ge=1)


class TimerTrigger(Trigger):
    """Fires when a moment comes that is counted from an epoch, the last time that mattered."""

    repeat: Repeat | None = None
    skip_when: Condition | None = None
    reset_on: tuple[Literal["record.moved", "record.updated"], ...] = ()

    def applies(self, record: RecordSnapshot, project: ProjectChanged | None) -> bool:
        """Whether time counts for this record at all, as it and its project's schema are now."""
        raise NotImplementedError

    def epoch(self, record: RecordSnapshot, activity: LastActivity) -> datetime:
        """From when time counts."""
        raise NotImplementedError

    def delay(self, record: RecordSnapshot, project: ProjectChanged | None) -> timedelta:
        """How long after the epoch it fires first."""
        raise NotImplementedError

    def is_affected(self, before: ProjectChanged | None, after: ProjectChanged) -> bool:
        """Whether a change of the schema moves the moments it waits for."""
        del before, after
        return False


def unknown_lists(keys: Iterable[str] | None, place: str, project: ProjectChanged | None) -> list[FieldError]:
    """One error for each key that is no list of the project."""
    if keys is None or project is None:
        return []
    known = {each.key for each in project.lists}
    return [
        FieldError(pointer(place, number), f"Project '{project.key}' has no list '{key}'.")
        for number, key in enumerate(keys)
        if key not in known
    ]
