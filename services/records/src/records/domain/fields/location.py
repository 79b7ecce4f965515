"""A point on the map: latitude (−90..90) and longitude (−180..180) in degrees, with a ``text`` where one is given."""

import re

from records.domain.field_type import Config, FieldType
from records.domain.places import POINT, place_of
from shared.errors import Invalid
from shared.expressions import Kind

_DEGREES = r"([-+]?\d{1,3}(?:\.\d{1,10})?)"
_POINT = re.compile(rf"{_DEGREES}\s*[,; ]\s*{_DEGREES}(?:\s+\((.*)\))?", re.ASCII)


class Location(FieldType):
    name = "location"
    kind = Kind.PLACE

    def parse(self, value: object, config: Config) -> dict[str, str]:  # noqa: ARG002 — nothing to configure
        given = _read(value) if isinstance(value, str) else value
        if not isinstance(given, dict) or any(given.get(name) in (None, "") for name in POINT):
            raise Invalid('must be a point: "52.0907, 5.1214", or an object of latitude, longitude and text.')
        return place_of(given, ())

    def to_text(self, stored: dict[str, str], config: Config) -> str:  # noqa: ARG002 — as stored
        point = ", ".join(stored[name] for name in POINT)
        return point if stored["text"] == point else f"{point} ({stored['text']})"


def _read(line: str) -> dict[str, str] | None:
    found = _POINT.fullmatch(line.strip())
    return dict(zip((*POINT, "text"), (each or "" for each in found.groups()), strict=True)) if found else None


TYPE = Location()
