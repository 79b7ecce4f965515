"""What a person agreed to: several of a value list. How each was given or withdrawn is kept beside it, for good.

With a value list of purposes these are consents, with one of kinds of mail subscriptions. ``call_lists`` names the
option without which a record is left out of call lists.
"""

from typing import Any

from records.domain.configuration import known_settings
from records.domain.field_type import Config
from records.domain.fields.multi_select import MultiSelect
from records.domain.options import keep_keys
from shared.errors import Invalid


class Consent(MultiSelect):
    name = "consent"
    settings = frozenset({"value_list", "call_lists"})

    def configure(self, config: Config) -> dict[str, Any]:
        known_settings({name: part for name, part in config.items() if name != "options"}, self.settings)
        if config.get("value_list") is None:
            raise Invalid.at("/config/value_list", "'value_list' names the purposes, or the kinds of mail, agreed to.")
        options, call_lists = config["options"], config.get("call_lists")
        if call_lists is not None and call_lists not in {option["key"] for option in options}:
            raise Invalid.at("/config/call_lists", f"There is no '{call_lists}' in '{config['value_list']}'.")
        kept = {"value_list": config["value_list"], "options": options}
        return kept | ({"call_lists": call_lists} if call_lists else {})

    def reconfigure(self, before: Config, config: Config) -> dict[str, Any]:
        after = self.configure(config)
        keep_keys(before["options"], after["options"])
        return after


TYPE = Consent()
