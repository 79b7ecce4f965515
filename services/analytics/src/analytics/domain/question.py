"""What is asked of a metric: over which time, in which parts."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Bucket = Literal["hour", "day", "week", "month"]
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Period:
    """From ``start`` on, up to but without ``end``; both in UTC. ``weekdays`` (1 is Monday) leaves other days out."""

    start: datetime
    end: datetime
    weekdays: tuple[int, ...] = ()

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    def before(self) -> "Period":
        """The period of the same length that ends where this one starts."""
        return Period(self.start - self.length, self.start)

    def same_weekdays_before(self, weeks: int, zone: ZoneInfo) -> "Period":
        """The weeks before it, and of those only the weekdays that this period has."""
        days = {day.isoweekday() for day in self.days(zone)}
        return Period(self.start - weeks * WEEK, self.start, tuple(sorted(days)) if len(days) < len(range(7)) else ())

    def days(self, zone: ZoneInfo) -> list[date]:
        """The calendar days it touches, where the workspace is."""
        first, last = self.start.astimezone(zone).date(), (self.end - timedelta(microseconds=1)).astimezone(zone).date()
        days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        return [day for day in days if not self.weekdays or day.isoweekday() in self.weekdays]

    def buckets(self, bucket: Bucket, zone: ZoneInfo) -> Iterator[date | datetime]:
        """The start of each bucket that it touches: instants in UTC for hours, local dates for the others."""
        if bucket == "hour":
            yield from self._hours(zone)
            return
        seen = None
        for day in replace(self, weekdays=()).days(zone):
            begins = bucket_of(day, bucket)
            if begins != seen:
                yield begins
            seen = begins

    def _hours(self, zone: ZoneInfo) -> Iterator[datetime]:
        local = self.start.astimezone(zone)
        hour = self.start - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        while hour < self.end:
            yield hour.astimezone(UTC)
            hour += timedelta(hours=1)


def bucket_of(day: date, bucket: Literal["day", "week", "month"]) -> date:
    """The first day of the day's bucket; weeks begin on Monday."""
    if bucket == "month":
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if bucket == "week" else day
