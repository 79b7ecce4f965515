"""Days and moments as they come in and as they are stored. The years are those every backend can hold."""

import re
from datetime import UTC, date, datetime
from typing import TypeVar

import orjson

from shared.errors import Invalid

FIRST_YEAR, LAST_YEAR = 1900, 2299
Day = TypeVar("Day", bound=date)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d{1,6})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)


def date_of(value: object) -> date:
    """A text ``2026-01-31`` as a day."""
    if not (isinstance(value, str) and _DATE.fullmatch(value)):
        raise Invalid("must be a date like 2026-01-31.")
    try:
        return _possible(date.fromisoformat(value))
    except ValueError as error:
        raise Invalid("is no day of the calendar.") from error


def moment_of(value: object) -> datetime:
    """A text ``2026-01-31T09:30:00+01:00`` (RFC 3339, with its offset) as a moment in UTC."""
    if not (isinstance(value, str) and _MOMENT.fullmatch(value)):
        raise Invalid("must be a time with its offset like 2026-01-31T09:30:00Z.")
    try:
        return _possible(datetime.fromisoformat(value.upper()).astimezone(UTC))
    except (ValueError, OverflowError) as error:
        raise Invalid("is no moment of the calendar.") from error


def moment_text(moment: datetime) -> str:
    """``2026-01-31T08:30:00Z``, with microseconds only where there are any."""
    utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return orjson.dumps(utc, option=orjson.OPT_UTC_Z)[1:-1].decode()  # a quarter of what isoformat takes


def _possible(day: Day) -> Day:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Invalid(f"must lie between the years {FIRST_YEAR} and {LAST_YEAR}.")
    return day
