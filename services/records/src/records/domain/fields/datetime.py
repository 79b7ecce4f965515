"""A moment, given with its offset, kept and shown in UTC."""

from records.domain.field_type import Config, FieldType
from records.domain.moments import moment_of, moment_text
from records.domain.notation import PLAIN, Notation, written_moment
from shared.expressions import Kind


class Datetime(FieldType):
    name = "datetime"
    kind = Kind.DATETIME

    def parse(self, value: object, config: Config) -> str:  # noqa: ARG002 — nothing to configure
        return moment_text(moment_of(value))

    def from_text(self, text: str, config: Config, notation: Notation = PLAIN) -> str:
        return self.parse(moment_text(written_moment(text, notation)), config)


TYPE = Datetime()
