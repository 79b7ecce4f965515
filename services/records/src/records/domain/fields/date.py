"""A day of the calendar, without a time and so without a time zone."""

from records.domain.field_type import Config, FieldType
from records.domain.moments import date_of
from records.domain.notation import PLAIN, Notation, written_date
from shared.expressions import Kind


class Date(FieldType):
    name = "date"
    kind = Kind.DATE

    def parse(self, value: object, config: Config) -> str:  # noqa: ARG002 — nothing to configure
        return date_of(value).isoformat()

    def from_text(self, text: str, config: Config, notation: Notation = PLAIN) -> str:  # noqa: ARG002 — nothing to configure
        return written_date(text, notation).isoformat()


TYPE = Date()
