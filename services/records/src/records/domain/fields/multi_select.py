"""Several of a list of options, kept by their keys in the order of the list."""

from typing import Any

from records.domain.field_type import Config, FieldType
from records.domain.fields import select
from records.domain.notation import PLAIN, Notation
from records.domain.options import key_of, refuse_archived, text_among, words_in
from shared.errors import Invalid
from shared.expressions import Kind


class MultiSelect(FieldType):
    name = "multi_select"
    kind = Kind.OPTIONS
    settings = select.TYPE.settings

    def configure(self, config: Config) -> dict[str, Any]:
        return select.TYPE.configure(config)

    def reconfigure(self, before: Config, config: Config) -> dict[str, Any]:
        return select.TYPE.reconfigure(before, config)

    def parse(self, value: object, config: Config) -> list[str]:
        if not isinstance(value, list):
            raise Invalid("must be a list of options.")
        chosen = {key_of(each, config["options"]) for each in value}
        return [option["key"] for option in config["options"] if option["key"] in chosen]

    def check_change(self, before: list[str] | None, after: list[str] | None, config: Config) -> None:
        refuse_archived(before or (), after or (), config["options"])

    def to_text(self, stored: list[str], config: Config) -> str:
        return ", ".join(text_among(key, config["options"]) for key in stored)

    def from_text(self, text: str, config: Config, notation: Notation = PLAIN) -> list[str]:  # noqa: ARG002 — as named
        return self.parse(words_in(text, config["options"]), config)


TYPE = MultiSelect()
