"""Places as they are stored: one line of ``text``, made of the parts wherever there are any."""

import re
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from records.domain.decimals import canonical, decimal_of
from records.domain.texts import text_of
from shared.errors import Invalid

PARTS = ("street", "postcode", "city", "region", "country")
POINT = ("latitude", "longitude")
FURTHEST = {"latitude": 90, "longitude": 180}
LONGEST = 1_000
LONGEST_PART = 200
_LABELS = "|".join((*PARTS, *POINT))
# A cell of a line: its label if it has one, then a quoted value with doubled quotes inside, or all up to a semicolon.
_CELL = re.compile(rf'\s*(?:({_LABELS}):\s*)?("(?:[^"]|"")*"|[^;]*?)\s*(?:;|$)', re.DOTALL)
_NEEDS_QUOTES = re.compile(rf'.*[;"].*|\s*(?:{_LABELS}):.*', re.DOTALL)


def place_of(given: Mapping[str, Any], parts: Collection[str]) -> dict[str, str]:
    """The place of an object of ``text``, ``parts`` and a point. Raises `Invalid`.

    With parts, the text is made of them: whoever changes the street need not mend the line.
    """
    unknown = sorted(set(given) - {"text", *parts, *POINT})
    if unknown:
        raise Invalid.at(f"/{unknown[0]}", f"has no part '{unknown[0]}'; there is text, {', '.join((*parts, *POINT))}.")
    kept = {name: text for name in PARTS if (text := _part(given, name, LONGEST_PART))}
    line = ", ".join(kept.values()) or _part(given, "text", LONGEST)
    found = point_of(given)
    line = line or ", ".join(found.values())
    return {"text": line} | kept | found if line else {}


def point_of(given: Mapping[str, Any]) -> dict[str, str]:
    """Latitude and longitude in degrees, both or neither."""
    degrees = {name: given[name] for name in POINT if given.get(name) not in (None, "")}
    if degrees and len(degrees) < len(POINT):
        raise Invalid("has a latitude and a longitude, or neither.")
    return {name: _degrees(value, name) for name, value in degrees.items()}


def line_of(place: Mapping[str, str]) -> str:
    """The place as a cell: its text alone, or each part with its name, ``street: Kade 1; city: Utrecht``."""
    cells = [f"{name}: {_quoted(place[name])}" for name in (*PARTS, *POINT) if name in place]
    if not set(place) & set(PARTS):
        cells = [_quoted(place["text"]), *cells]
    return "; ".join(cells)


def read_line(line: str) -> dict[str, str]:
    """What `line_of` wrote, or any other line as the text."""
    cells = [(label, _unquoted(value)) for label, value in _CELL.findall(line) if value]
    parts = {label: value for label, value in cells if label}
    if parts or len(cells) == 1:
        texts = [value for label, value in cells if not label]
        return parts | ({"text": "; ".join(texts)} if texts else {})
    return {"text": line}


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _NEEDS_QUOTES.fullmatch(text) else text


def _unquoted(text: str) -> str:
    quoted = text.startswith('"') and text.endswith('"') and len(text) > 1
    return text[1:-1].replace('""', '"') if quoted else text


def _part(given: Mapping[str, Any], name: str, longest: int) -> str:
    try:
        return " ".join(text_of(given.get(name) or "", longest, lines=True).split())
    except Invalid as problem:
        raise Invalid.at(f"/{name}", f"has a {name} that {problem.detail}") from problem


def _degrees(value: object, name: str) -> str:
    try:
        degrees = decimal_of(value)
    except Invalid as problem:
        raise Invalid.at(f"/{name}", f"has a {name} that {problem.detail}") from problem
    if abs(degrees) > Decimal(FURTHEST[name]):
        raise Invalid.at(f"/{name}", f"has a {name} that lies outside −{FURTHEST[name]}..{FURTHEST[name]}.")
    return canonical(degrees)
