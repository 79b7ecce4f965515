"""Reading what a stranger sent: every wrong type is named with its place, nothing is guessed."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

# Seconds since 1970 of the years 2000 and 2100: anything outside is a mistake or another unit.
EARLIEST, LATEST = 946_684_800, 4_102_444_800
LONGEST_TEXT = 10_000
# No provider says more at once, and it would cost everybody else too much.
LONGEST_LIST = 500
LONGEST_SECONDS = 10_000_000
LONGEST_DIGITS = 12
CLOCK = re.compile(r"(?:(\d{1,6})\.)?(\d{1,6}):(\d{1,6}):(\d{1,6}(?:\.\d{1,9})?)")
SPELLED = {"true": True, "1": True, "false": False, "0": False, "": False}
_UNSTORABLE = {0: "\ufffd"} | dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


class Unintelligible(Exception):
    """An authentic delivery that cannot be understood; it is kept, with this sentence as the reason."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A JSON object with its place in the body."""

    values: Mapping[str, Any]
    place: str = ""

    def text(self, name: str) -> str | None:
        """A text (PostgreSQL cannot hold NUL and lone surrogates: they become U+FFFD), or None."""
        value = self.values.get(name)
        if value is not None and not isinstance(value, str):
            raise self._wrong(name, "a text")
        return value.translate(_UNSTORABLE)[:LONGEST_TEXT] if value else None

    def identifier(self, name: str) -> str | None:
        """An id as text: numbers grow beyond what JSON readers hold."""
        value = self.values.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 64:
            return str(value)
        return self.text(name)

    def moment(self, name: str) -> datetime | None:
        """Unix seconds (whole or not) or an RFC 3339 text with its zone, in UTC."""
        value = self.values.get(name)
        if value is None:
            return None
        found = _moment(value)
        if found is None or not EARLIEST <= found.timestamp() <= LATEST:
            raise self._wrong(name, "a time")
        return found

    def seconds(self, name: str) -> float | None:
        """A duration: a number, a number as text, or ``hh:mm:ss``, with the days before it (``1.02:03:04``)."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        found = _seconds(value)
        if found is None or not 0 <= found <= LONGEST_SECONDS:
            raise self._wrong(name, "a duration in seconds")
        return found

    def texts(self, name: str) -> list[str]:
        """A list of texts; empty where absent."""
        value = self._list(name, str, "a list of texts")
        return [each.translate(_UNSTORABLE)[:LONGEST_TEXT] for each in value]

    def flag(self, name: str) -> bool:
        """True, or 1 as some write it, also as a text; false where absent."""
        value = self.values.get(name)
        value = SPELLED.get(value.lower(), value) if isinstance(value, str) else value
        if value not in (None, True, False):
            raise self._wrong(name, "true or false")
        return bool(value)

    def moment_of_digits(self, name: str) -> datetime | None:
        """Unix seconds, spelled as a text."""
        digits = self.values.get(name)
        short = isinstance(digits, str) and digits.isdecimal() and len(digits) <= LONGEST_DIGITS
        return Reading({name: int(str(digits))}, self.place).moment(name) if short else self.moment(name)

    def boolean(self, name: str) -> bool | None:
        """True, false, or None where nothing is said."""
        value = self.values.get(name)
        if value is not None and not isinstance(value, bool):
            raise self._wrong(name, "true or false")
        return value

    def child(self, name: str) -> "Reading | None":
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self._wrong(name, "an object")
        return Reading(value, f"{self.place}/{name}")

    def children(self, name: str) -> list["Reading"]:
        """A list of objects; empty where absent."""
        value = self._list(name, dict, "a list of objects")
        return [Reading(each, f"{self.place}/{name}/{index}") for index, each in enumerate(value)]

    def _list(self, name: str, kind: type, expected: str) -> list[Any]:
        value = self.values.get(name)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(each, kind) for each in value):
            raise self._wrong(name, expected)
        if len(value) > LONGEST_LIST:
            raise Unintelligible(f"{self.place}/{name} has {len(value):,} entries; {LONGEST_LIST} are read")
        return value

    def _wrong(self, name: str, expected: str) -> Unintelligible:
        return Unintelligible(f"{self.place}/{name} is not {expected}")

    def missing(self, name: str) -> Unintelligible:
        return Unintelligible(f"{self.place}/{name} is missing")


def parse(body: bytes) -> Any:
    """JSON in UTF-8, quickly; what only the more lenient reader takes (NaN, half a surrogate pair) is taken too.

    Raises `ValueError` or `RecursionError`.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return json.loads(body.decode())


def read_json(body: bytes) -> Reading:
    """The object in a body. Raises `Unintelligible`."""
    try:
        parsed = parse(body)
    except (ValueError, RecursionError) as error:
        raise Unintelligible("the body is no JSON") from error
    if not isinstance(parsed, dict):
        raise Unintelligible("the body is no JSON object")
    return Reading(parsed)


def _seconds(value: Any) -> float | None:
    if isinstance(value, str) and (clock := CLOCK.fullmatch(value.strip())):
        days, hours, minutes, seconds = (float(part or 0) for part in clock.groups())
        return days * 86_400 + hours * 3600 + minutes * 60 + seconds
    try:
        return float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else None
    except (ValueError, OverflowError):
        return None


def _moment(value: Any) -> datetime | None:
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        parsed = datetime.fromisoformat(value) if isinstance(value, str) else None
    except (ValueError, OverflowError, OSError):
        return None
    return parsed.astimezone(UTC) if parsed and parsed.tzinfo else None
