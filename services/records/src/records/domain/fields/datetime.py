"""A moment, given with its offset, kept and shown in UTC."""

from typing import Any

from records.domain.configuration import flag, known_settings
from records.domain.field_type import Config, FieldType
from records.domain.moments import moment_of, moment_text
from records.domain.notation import PLAIN, Notation, written_moment
from shared.expressions import Kind

# The record is due then.
DUE = "is_due_date"


class Datetime(FieldType):
    name = "datetime"
    kind = Kind.DATETIME
    settings = frozenset({DUE})

    def configure(self, config: Config) -> dict[str, Any]:
        known_settings(config, self.settings)
        return {DUE: True} if flag(config, DUE) else {}

    def parse(self, value: object, config: Config) -> str:  # noqa: ARG002 — it is read the same
        return moment_text(moment_of(value))

    def from_text(self, text: str, config: Config, notation: Notation = PLAIN) -> str:
        return self.parse(moment_text(written_moment(text, notation)), config)


TYPE = Datetime()
