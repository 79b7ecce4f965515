"""How many seconds a record has spent in a list, all its stays together; without a list, in the one where it stands.

Time spent in a list counts on when the list is renamed or removed.
"""

from typing import Any

from records.domain.configuration import known_settings
from records.domain.field_type import ComputedType, Config
from shared.errors import Invalid


class TimeInList(ComputedType):
    name = "time_in_list"
    settings = frozenset({"list"})

    def configure(self, config: Config) -> dict[str, Any]:
        known_settings(config, self.settings)
        if not isinstance(config.get("list"), str | None):
            raise Invalid.at("/config/list", "'list' is the key of a list; null: the one where the record stands.")
        return {"list": config.get("list") or None}


TYPE = TimeInList()
