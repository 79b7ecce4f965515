"""A day of the calendar, without a time and so without a time zone."""

from typing import Any

from records.domain.configuration import flag, known_settings
from records.domain.field_type import Config, FieldType
from records.domain.moments import date_of
from records.domain.notation import PLAIN, Notation, written_date
from shared.expressions import Kind

# The record is due then.
DUE = "is_due_date"


class Date(FieldType):
    name = "date"
    kind = Kind.DATE
    input = "date"
    settings = frozenset({DUE})

    def configure(self, config: Config) -> dict[str, Any]:
        known_settings(config, self.settings)
        return {DUE: True} if flag(config, DUE) else {}

    def parse(self, value: object, config: Config) -> str:  # noqa: ARG002 — it is read the same
        return date_of(value).isoformat()

    def from_text(self, text: str, config: Config, notation: Notation = PLAIN) -> str:  # noqa: ARG002 — it is read the same
        return written_date(text, notation).isoformat()


TYPE = Date()
