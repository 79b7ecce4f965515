"""A number of at most 15 digits, 10 of them decimals: what a JSON number carries without loss."""

from typing import Any

from records.domain.configuration import bounds, known_settings, within
from records.domain.decimals import canonical, decimal_of, number_of
from records.domain.field_type import Config, FieldType
from records.domain.notation import PLAIN, Notation, written_number
from shared.expressions import Kind


class Number(FieldType):
    name = "number"
    kind = Kind.NUMBER
    settings = frozenset({"min", "max"})

    def configure(self, config: Config) -> dict[str, Any]:
        known_settings(config, self.settings)
        return dict(bounds(config))

    def parse(self, value: object, config: Config) -> str:
        return canonical(within(decimal_of(value), config))

    def present(self, stored: str, config: Config) -> int | float:  # noqa: ARG002 — as stored
        return number_of(stored)

    def to_text(self, stored: str, config: Config) -> str:  # noqa: ARG002 — as stored
        return stored

    def from_text(self, text: str, config: Config, notation: Notation = PLAIN) -> str:
        return self.parse(written_number(text.strip().rstrip("%"), notation), config)


TYPE = Number()
