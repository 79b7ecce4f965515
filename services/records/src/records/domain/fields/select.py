"""One of a list of options, kept by its key: renaming an option changes no record.

The options are the field's own, or with ``value_list`` those of an administered list, whatever they are by then.
"""

from typing import Any

from records.domain.configuration import known_settings
from records.domain.field_type import Config, FieldType
from records.domain.options import keep_keys, key_of, name_of, options_of, refuse_archived
from shared.expressions import Kind


class Select(FieldType):
    name = "select"
    kind = Kind.OPTION
    settings = frozenset({"options", "value_list"})

    def configure(self, config: Config) -> dict[str, Any]:
        known_settings(config, self.settings)
        if config.get("value_list") is not None:
            return {"value_list": config["value_list"], "options": config["options"]}
        return {"options": options_of(config.get("options"))}

    def reconfigure(self, before: Config, config: Config) -> dict[str, Any]:
        after = self.configure(config)
        keep_keys(before["options"], after["options"])
        return after

    def parse(self, value: object, config: Config) -> str:
        return key_of(value, config["options"])

    def check_change(self, before: str | None, after: str | None, config: Config) -> None:
        refuse_archived([before] if before else [], [after] if after else [], config["options"])

    def to_text(self, stored: str, config: Config) -> str:
        return name_of(stored, config["options"])


TYPE = Select()
