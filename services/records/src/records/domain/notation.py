"""Values as people and spreadsheets write them: ``1.234,56``, ``31-1-2026``, ``ja``. Nothing is guessed.

The API's own forms are always understood. What could mean two things is refused unless the `Notation` settles it.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from records.domain.moments import date_of, moment_of
from shared.errors import Invalid

_GAPS = re.compile(r"[\s'\u2019_]")
_SEPARATORS = re.compile(r"[.,]")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*", re.ASCII)
_DAY = re.compile(r"(\d{1,4})[-/. ](\d{1,2}|[^\W\d_]{3,9}\.?)[-/. ](\d{1,4})")
_CLOCK = re.compile(r"(.*?)[ T,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?")
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DUTCH_MONTHS = {"maa": 3, "mrt": 3, "mei": 5, "okt": 10}
YES = frozenset({"true", "yes", "y", "1", "x", "on", "checked", "ja", "j", "waar", "aan"})
NO = frozenset({"false", "no", "n", "0", "off", "unchecked", "nee", "onwaar", "uit"})
SHORT_YEAR = 100
LONG_YEAR_DIGITS = 4


@dataclass(frozen=True)
class Notation:
    """How a file or a person writes. ``decimal`` is ``.`` or ``,``; None: whatever is clear by itself.

    Times without an offset are of ``timezone``.
    """

    day_first: bool = True
    decimal: str | None = None
    timezone: str = "UTC"


PLAIN = Notation()


def written_number(text: str, notation: Notation = PLAIN) -> str:
    """The number as a plain decimal text: ``1.234,56`` → ``1234.56``. Raises `Invalid` where it may mean two."""
    bare = _GAPS.sub("", text)
    found = set(_SEPARATORS.findall(bare))
    if not found:
        return bare
    decimal = notation.decimal or _decimal_sign(bare, found)
    whole, _, rest = bare.rpartition(decimal) if decimal in bare else (bare, "", "")
    grouped = ({".", ","} - {decimal}).pop()
    whole = whole.replace(grouped, "")
    if set(_SEPARATORS.findall(whole + rest)):
        raise Invalid("must be a number, like 12.5.")
    return f"{whole}.{rest}" if rest else whole


def _decimal_sign(bare: str, found: set[str]) -> str:
    """A point alone is one; of two different signs it is the last; a comma alone may be either."""
    last = max(found, key=bare.rfind)
    if len(found) > 1:
        return last
    if bare.count(last) > 1:
        return "," if last == "." else "."
    if last == "," and _GROUPED.fullmatch(bare):
        raise Invalid("may mean two numbers; write it without the comma, or say which sign is the decimal one.")
    return last


def written_flag(text: str) -> bool:
    word = text.strip().casefold()
    if word not in YES | NO:
        raise Invalid("must be yes or no.")
    return word in YES


def written_date(text: str, notation: Notation = PLAIN) -> date:
    """``2026-01-31``, ``31-1-2026``, ``31/01/26``, ``31 jan 2026``; a time after it is ignored."""
    clock = _CLOCK.fullmatch(text.strip())
    bare = clock[1] if clock else text.strip().partition("T")[0]
    match = _DAY.fullmatch(bare)
    if not match:
        return date_of(bare)
    first, middle, last = match.groups()
    if len(first) == LONG_YEAR_DIGITS:
        year, month, day = first, middle, last
    elif notation.day_first or not middle.isdigit():
        day, month, year = first, middle, last
    else:
        month, day, year = first, middle, last
    return date_of(f"{_year(year):04}-{_month(month):02}-{int(day):02}")


def written_moment(text: str, notation: Notation = PLAIN) -> datetime:
    """A day with a time, of the notation's time zone where it names none; a day alone begins at midnight there."""
    try:
        return moment_of(text.strip())
    except Invalid:
        pass
    clock = _CLOCK.fullmatch(text.strip())
    day = written_date(text, notation)
    hour, minute, second = (int(each or 0) for each in clock.groups()[1:]) if clock else (0, 0, 0)
    try:
        local = datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=ZoneInfo(notation.timezone))
    except ValueError as error:
        raise Invalid("is no moment of the calendar.") from error
    return local.astimezone(UTC)


def _year(text: str) -> int:
    year = int(text)
    if year >= SHORT_YEAR:
        return year
    return 2000 + year if year < 70 else 1900 + year  # noqa: PLR2004 — the century POSIX gives two digits


def _month(text: str) -> int:
    if text.isdigit():
        return int(text)
    short = text.casefold()[:3]
    if short in _DUTCH_MONTHS:
        return _DUTCH_MONTHS[short]
    if short in _MONTHS:
        return _MONTHS.index(short) + 1
    raise Invalid("names no month we know.")
