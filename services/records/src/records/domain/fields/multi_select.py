"""Several of a list of options, kept by their keys in the order of the list."""

from typing import Any

from records.domain.configuration import known_settings
from records.domain.field_type import Config, FieldType
from records.domain.options import keep_keys, key_of, name_of, options_of
from shared.errors import Invalid
from shared.expressions import Kind


class MultiSelect(FieldType):
    name = "multi_select"
    kind = Kind.OPTIONS
    settings = frozenset({"options"})

    def configure(self, config: Config) -> dict[str, Any]:
        known_settings(config, self.settings)
        return {"options": options_of(config.get("options"))}

    def reconfigure(self, before: Config, config: Config) -> dict[str, Any]:
        after = self.configure(config)
        keep_keys(before["options"], after["options"])
        return after

    def parse(self, value: object, config: Config) -> list[str]:
        if not isinstance(value, list):
            raise Invalid("must be a list of options.")
        chosen = {key_of(each, config["options"]) for each in value}
        return [option["key"] for option in config["options"] if option["key"] in chosen]

    def to_text(self, stored: list[str], config: Config) -> str:
        return ", ".join(name_of(key, config["options"]) for key in stored)


TYPE = MultiSelect()
