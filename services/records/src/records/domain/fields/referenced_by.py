"""The records of another project whose reference leads here. A record shows the newest of them; the API lists all."""

from typing import Any

from records.domain.configuration import known_settings
from records.domain.field_type import ComputedType, Config
from shared.errors import Invalid


class ReferencedBy(ComputedType):
    name = "referenced_by"
    settings = frozenset({"project", "field"})

    def configure(self, config: Config) -> dict[str, Any]:
        known_settings(config, self.settings)
        for setting in ("project", "field"):
            if not (isinstance(config.get(setting), str) and config[setting]):
                raise Invalid.at(f"/config/{setting}", "'project' and 'field' say whose reference leads here.")
        return {"project": config["project"], "field": config["field"]}


TYPE = ReferencedBy()
