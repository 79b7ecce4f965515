"""Working time: on which days and between which hours people work, so that a due date never falls on a Sunday."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Calendar:
    """``working_days`` are numbers from 0 (Monday); work is from ``opens`` to ``closes`` on each but the holidays."""

    zone: ZoneInfo
    working_days: Collection[int] = frozenset(range(5))
    opens: time = time(9)
    closes: time = time(17)
    holidays: Collection[date] = frozenset()

    def after(self, start: datetime, offset: timedelta) -> datetime:
        """The moment, in UTC, when so much working time has passed: whole days first, then hours within days.

        A start outside working time counts from the next opening; a day later is the same hour of the next working
        day, by the clock on the wall whatever summer time does.
        """
        days, rest = divmod(offset, DAY)
        moment = self._open(start.astimezone(self.zone).replace(tzinfo=None))
        for _ in range(days):
            moment = self._on_working_day(moment + DAY)
        while rest:
            left = datetime.combine(moment.date(), self.closes) - moment
            if rest <= left:
                return self._utc(moment + rest)
            rest -= left
            moment = self._open(datetime.combine(moment.date() + DAY, self.opens))
        return self._utc(moment)

    def _open(self, moment: datetime) -> datetime:
        """This moment, or the next at which people work."""
        if moment.time() >= self.closes:
            moment = datetime.combine(moment.date() + DAY, self.opens)
        elif moment.time() < self.opens:
            moment = datetime.combine(moment.date(), self.opens)
        if self._is_working_day(moment.date()):
            return moment
        return self._on_working_day(datetime.combine(moment.date(), self.opens))

    def _on_working_day(self, moment: datetime) -> datetime:
        while not self._is_working_day(moment.date()):
            moment += DAY
        return moment

    def _is_working_day(self, day: date) -> bool:
        return day.weekday() in self.working_days and day not in self.holidays

    def _utc(self, moment: datetime) -> datetime:
        return moment.replace(tzinfo=self.zone).astimezone(UTC)
