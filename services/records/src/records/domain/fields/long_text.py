"""Several lines of text."""

from records.domain.field_type import Config, FieldType
from records.domain.texts import text_of
from shared.expressions import Kind

LONGEST = 20_000


class LongText(FieldType):
    name = "long_text"
    kind = Kind.TEXT
    input = "textarea"

    def parse(self, value: object, config: Config) -> str:  # noqa: ARG002 — nothing to configure
        return text_of(value, LONGEST, lines=True)


TYPE = LongText()
