"""Nothing happened on a record for a while. What happens moves the moment on; the timer itself looks when it fires."""

from datetime import datetime, timedelta
from typing import Literal

from pydantic import Field

from automations.domain.activity import BEGINNING, Kind, LastActivity
from automations.domain.clause import Duration, Keys
from automations.domain.trigger import TimerTrigger, unknown_lists
from shared.contracts.records import ProjectChanged, RecordSnapshot
from shared.errors import FieldError

_RESETS: dict[str, Kind] = {"record.moved": "list.changed", "record.updated": "field.changed"}


class RecordInactive(TimerTrigger):
    """``for`` how long, in which ``lists``, and what ``activity_is`` (everything, unless given).

    What automations do is no activity, unless ``ignore_actors`` is emptied. A record that is done is left alone.
    """

    kind = "record.inactive"

    for_: Duration = Field(alias="for")
    lists: Keys | None = None
    activity_is: tuple[Kind, ...] | None = None
    ignore_actors: tuple[Literal["automation"], ...] = ("automation",)

    def problems(self, project: ProjectChanged | None) -> list[FieldError]:
        return unknown_lists(self.lists, "lists", project)

    def applies(self, record: RecordSnapshot, project: ProjectChanged | None) -> bool:
        del project
        return record.done_at is None and (self.lists is None or record.list in self.lists)

    def epoch(self, record: RecordSnapshot, activity: LastActivity) -> datetime:
        latest = activity.latest(self._counted(), automations_count="automation" not in self.ignore_actors)
        return max(record.created_at, latest or record.created_at)

    def delay(self, record: RecordSnapshot, project: ProjectChanged | None) -> timedelta:
        del record, project
        return self.for_

    def _counted(self) -> frozenset[str] | None:
        if self.activity_is is None:
            return None
        return frozenset((BEGINNING, *self.activity_is, *(_RESETS[each] for each in self.reset_on)))
