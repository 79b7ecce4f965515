"""Dates and moments as conditions name them: fixed, or relative to now; days are those of the workspace's zone."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from shared.errors import Invalid
from shared.expressions.schema import FIRST_YEAR, LAST_YEAR

DURATION: Final = re.compile(
    r"(?P<sign>-?)P(?!$)(?:(?P<years>\d{1,3})Y)?(?:(?P<months>\d{1,4})M)?(?:(?P<weeks>\d{1,4})W)?(?:(?P<days>\d{1,5})D)?"
    r"(?:T(?!$)(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,7})M)?(?:(?P<seconds>\d{1,9})S)?)?",
    re.ASCII,
)
MAXIMUM_YEARS = 100


@dataclass(frozen=True, slots=True)
class Relative:
    """So far from now, as ISO 8601 says it: ``P7D``, ``-P1M``, ``PT36H``. Months keep the day where there is one."""

    months: int
    days: int
    seconds: int

    def negated(self) -> "Relative":
        return Relative(-self.months, -self.days, -self.seconds)

    def after(self, now: datetime, zone: ZoneInfo) -> datetime:
        """That moment, in UTC. Months and days are of the zone's calendar, hours are elapsed time."""
        local = now.astimezone(zone)
        day = add_months(local.date(), self.months) + timedelta(days=self.days)
        moved = datetime.combine(day, local.time(), zone).astimezone(UTC)
        return moved + timedelta(seconds=self.seconds)


When = datetime | date | Relative


def add_months(day: date, months: int) -> date:
    """The same day so many months on, or the last of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = date(year + month // 11, (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), following - timedelta(days=1))


def read_duration(text: str) -> Relative | None:
    """None if the text is no duration of at most a hundred years."""
    match = DURATION.fullmatch(text)
    if match is None:
        return None
    part = {name: int(match[name] or 0) for name in match.re.groupindex if name != "sign"}
    relative = Relative(
        part["years"] * 12 + part["months"],
        part["weeks"] * 7 + part["days"],
        part["hours"] * 3_600 + part["minutes"] * 60 + part["seconds"],
    )
    if relative.months / 12 + relative.days / 365 + relative.seconds / 31_536_000 > MAXIMUM_YEARS:
        return None
    return relative.negated() if match["sign"] else relative


def read_date(text: str) -> date | None:
    """None if the text is no ``YYYY-MM-DD`` of our years."""
    try:
        day = date.fromisoformat(text) if len(text) == len("2026-01-31") else None
    except ValueError:
        return None
    return day if day and FIRST_YEAR <= day.year <= LAST_YEAR else None


def read_moment(text: str) -> datetime | None:
    """None if the text is no RFC 3339 time of our years, with its offset."""
    try:
        moment = datetime.fromisoformat(text) if "T" in text.upper() else None
        utc = moment.astimezone(UTC) if moment and moment.tzinfo else None
    except (ValueError, OverflowError):
        return None
    return utc if utc and FIRST_YEAR <= utc.year <= LAST_YEAR else None


def read_when(text: object, *, moments: bool) -> When:
    """A date, a duration or (if ``moments``) a time. Raises `Invalid`."""
    if isinstance(text, str):
        found = read_duration(text) or read_date(text) or (read_moment(text) if moments else None)
        if found is not None:
            return found
    example = '"2026-01-31T09:00:00Z", "2026-01-31"' if moments else '"2026-01-31"'
    raise Invalid(f'{show(text)} is not a time: write {example} or, from now, "P7D".')


def show(value: object) -> str:
    text = repr(value) if not isinstance(value, str) else f"'{value}'"
    return text if len(text) <= 60 else f"{text[:57]}…"  # noqa: PLR2004 — what fits into a sentence


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of that day in the zone, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)
