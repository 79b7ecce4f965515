"""Yes or no. A box nobody has touched is empty, which is neither."""

from records.domain.field_type import Config, FieldType
from records.domain.notation import PLAIN, Notation, written_flag
from shared.errors import Invalid
from shared.expressions import Kind


class Checkbox(FieldType):
    name = "checkbox"
    kind = Kind.BOOLEAN
    input = "checkbox"

    def parse(self, value: object, config: Config) -> bool:  # noqa: ARG002 — nothing to configure
        if not isinstance(value, bool):
            raise Invalid("must be true or false.")
        return value

    def to_text(self, stored: bool, config: Config) -> str:  # noqa: ARG002, FBT001 — a stored value
        return "true" if stored else "false"

    def from_text(self, text: str, config: Config, notation: Notation = PLAIN) -> bool:  # noqa: ARG002 — nothing to ask
        return written_flag(text)


TYPE = Checkbox()
