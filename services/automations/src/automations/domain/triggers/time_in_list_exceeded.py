"""A record stays in its list for longer than it should: a deal that ages."""

from datetime import datetime, timedelta
from typing import Literal

from pydantic import Field, model_validator

from automations.domain.activity import LastActivity
from automations.domain.clause import Duration, Keys
from automations.domain.trigger import TimerTrigger, unknown_lists
from shared.contracts.records import ProjectChanged, RecordSnapshot
from shared.errors import FieldError


class TimeInListExceeded(TimerTrigger):
    """``per_list`` takes each list's own ``max_age_days`` (a list without one is never too long), ``for`` one for all.

    Days are calendar days. A record that is done is left alone.
    """

    kind = "record.time_in_list_exceeded"

    per_list: Literal["max_age_days"] | None = None
    for_: Duration | None = Field(default=None, alias="for")
    lists: Keys | None = None
    unit: Literal["calendar_days"] = "calendar_days"

    @model_validator(mode="after")
    def _has_one_limit(self) -> "TimeInListExceeded":
        if (self.per_list is None) == (self.for_ is None):
            raise ValueError("say how long: either per_list or for")
        return self

    def problems(self, project: ProjectChanged | None) -> list[FieldError]:
        return unknown_lists(self.lists, "lists", project)

    def applies(self, record: RecordSnapshot, project: ProjectChanged | None) -> bool:
        wanted = self.lists is None or record.list in self.lists
        return record.done_at is None and wanted and self._limit(record.list, project) is not None

    def epoch(self, record: RecordSnapshot, activity: LastActivity) -> datetime:
        del activity
        return record.entered_list_at

    def delay(self, record: RecordSnapshot, project: ProjectChanged | None) -> timedelta:
        return self._limit(record.list, project) or timedelta(0)

    def is_affected(self, before: ProjectChanged | None, after: ProjectChanged) -> bool:
        return self.per_list is not None and (before is None or _ages(before) != _ages(after))

    def _limit(self, key: str, project: ProjectChanged | None) -> timedelta | None:
        if self.for_:
            return self.for_
        days = _ages(project).get(key) if project else None
        return timedelta(days=days) if days else None


def _ages(project: ProjectChanged) -> dict[str, int | None]:
    return {each.key: each.max_age_days for each in project.lists}
