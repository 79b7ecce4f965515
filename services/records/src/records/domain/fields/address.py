"""An address in its parts, or just one line. ``parts`` says which there are (all); a line alone is kept as its text.

The country is a code of ISO 3166; names of countries are understood. ``geocode`` says whether a point is looked for.
"""

from typing import Any

from records.domain.configuration import known_settings
from records.domain.countries import code_of
from records.domain.field_type import Config, FieldType
from records.domain.places import PARTS, line_of, place_of, read_line
from shared.errors import Invalid
from shared.expressions import Kind

GEOCODING = ("never", "optional")


class Address(FieldType):
    name = "address"
    kind = Kind.PLACE
    input = "textarea"
    autocomplete = "street-address"
    settings = frozenset({"parts", "geocode"})

    def configure(self, config: Config) -> dict[str, Any]:
        known_settings(config, self.settings)
        parts, geocode = config.get("parts", list(PARTS)), config.get("geocode", "never")
        if not isinstance(parts, list) or not parts or any(part not in PARTS for part in parts):
            raise Invalid.at("/config/parts", f"'parts' is a list of some of {', '.join(PARTS)}.")
        if geocode not in GEOCODING:
            raise Invalid.at("/config/geocode", f"'geocode' is one of {', '.join(GEOCODING)}.")
        return {"parts": [part for part in PARTS if part in parts], "geocode": geocode}

    def reconfigure(self, before: Config, config: Config) -> dict[str, Any]:
        after = self.configure(config)
        gone = sorted(set(before["parts"]) - set(after["parts"]))
        if gone:
            raise Invalid.at("/config/parts", f"Addresses may have a part '{gone[0]}', so it stays.")
        return after

    def parse(self, value: object, config: Config) -> dict[str, str] | None:
        given = read_line(value) if isinstance(value, str) else value
        if not isinstance(given, dict):
            raise Invalid("must be an address: one line of text, or an object of its parts.")
        if given.get("country"):
            given = given | {"country": _country(given["country"])}
        return place_of(given, config["parts"]) or None

    def to_text(self, stored: dict[str, str], config: Config) -> str:  # noqa: ARG002 — as stored
        return line_of(stored)


def _country(value: object) -> str:
    try:
        return code_of(value)
    except Invalid as problem:
        raise Invalid.at("/country", f"has a country that {problem.detail}") from problem


TYPE = Address()
