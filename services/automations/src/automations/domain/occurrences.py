"""When a timer rule fires: counted from an epoch, first after a delay, then every so often while nothing happens."""

from dataclasses import dataclass
from datetime import datetime

from automations.domain.activity import LastActivity
from automations.domain.rules import RuleSettings
from automations.domain.trigger import TimerTrigger
from shared.contracts.records import ProjectChanged, RecordSnapshot


@dataclass(frozen=True)
class Occurrence:
    """The ``number``-th firing (from 1) since ``epoch``. Number 0 is no firing: only a look at when there is one."""

    epoch: datetime
    number: int
    due_at: datetime

    @property
    def key(self) -> str:
        """Tells firings of one rule on one record apart, for ever."""
        return f"{self.epoch.isoformat()}/{self.number}"


@dataclass(frozen=True)
class Watched:
    """A record and what is known of its past. ``seen_at`` is when this service first heard of it."""

    record: RecordSnapshot
    activity: LastActivity
    seen_at: datetime


def first(
    trigger: TimerTrigger,
    settings: RuleSettings,
    enabled_at: datetime,
    watched: Watched,
    project: ProjectChanged | None,
) -> Occurrence | None:
    """The first firing as things stand, or None where the rule has nothing to wait for."""
    if not trigger.applies(watched.record, project):
        return None
    epoch = _counted_from(trigger.epoch(watched.record, watched.activity), settings, enabled_at, watched)
    return Occurrence(epoch, 1, epoch + trigger.delay(watched.record, project)) if epoch else None


def following(trigger: TimerTrigger, fired: Occurrence, now: datetime) -> Occurrence | None:
    """The repetition after a firing. A late one counts from now: what was missed is not made up for in a burst."""
    repeat = trigger.repeat
    if repeat is None or (repeat.max is not None and fired.number >= repeat.max):
        return None
    planned = fired.due_at + repeat.every
    return Occurrence(fired.epoch, fired.number + 1, planned if planned > now else now + repeat.every)


def is_outdated(due: Occurrence, current: Occurrence, now: datetime) -> bool:
    """Whether something happened since the timer was set, or the rule now waits longer."""
    return due.epoch != current.epoch or (due.number <= 1 and current.due_at > now)


def _counted_from(epoch: datetime, settings: RuleSettings, enabled_at: datetime, watched: Watched) -> datetime | None:
    if watched.record.imported and not settings.run_on_history:
        epoch = max(epoch, watched.seen_at)
    if settings.existing == "from_state_entry" or epoch >= enabled_at:
        return epoch
    return enabled_at if settings.existing == "from_now" else None
