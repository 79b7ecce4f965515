"""A country by its code of ISO 3166 (NL), or with ``multiple`` several. Names are understood in English and Dutch."""

import re
from typing import Any

from records.domain.configuration import flag, known_settings, same_number
from records.domain.countries import code_of, name_of
from records.domain.field_type import Config, FieldType
from records.domain.notation import PLAIN, Notation
from shared.errors import Invalid
from shared.expressions import Kind

MOST_COUNTRIES = 250


class Country(FieldType):
    name = "country"
    kind = Kind.OPTION
    settings = frozenset({"multiple"})

    def kind_of(self, config: Config) -> Kind:
        return Kind.OPTIONS if config.get("multiple") else Kind.OPTION

    def configure(self, config: Config) -> dict[str, Any]:
        known_settings(config, self.settings)
        return {"multiple": True} if flag(config, "multiple") else {}

    def reconfigure(self, before: Config, config: Config) -> dict[str, Any]:
        return same_number(before, self.configure(config))

    def parse(self, value: object, config: Config) -> str | list[str]:
        if not config.get("multiple"):
            return code_of(value)
        if not isinstance(value, list) or len(value) > MOST_COUNTRIES:
            raise Invalid(f"must be a list of at most {MOST_COUNTRIES} countries.")
        return list(dict.fromkeys(code_of(each) for each in value))

    def to_text(self, stored: str | list[str], config: Config) -> str:  # noqa: ARG002 — as stored
        return name_of(stored) if isinstance(stored, str) else "; ".join(name_of(each) for each in stored)

    def from_text(self, text: str, config: Config, notation: Notation = PLAIN) -> str | list[str]:  # noqa: ARG002 — names
        if not config.get("multiple"):
            return self.parse(text, config)
        return self.parse([each.strip() for each in re.split(r"[;|\n]", text) if each.strip()], config)


TYPE = Country()
