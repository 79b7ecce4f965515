"""One line of text."""

from records.domain.field_type import Config, FieldType
from records.domain.texts import text_of
from shared.expressions import Kind

LONGEST = 1_000


class Text(FieldType):
    name = "text"
    kind = Kind.TEXT

    def parse(self, value: object, config: Config) -> str:  # noqa: ARG002 — nothing to configure
        return text_of(value, LONGEST)


TYPE = Text()
