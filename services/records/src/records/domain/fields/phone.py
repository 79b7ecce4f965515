"""A telephone number in E.164. ``default_region`` (NL, …) reads numbers written without a country."""

from typing import Any

from records.domain.configuration import known_settings
from records.domain.field_type import Config, FieldType
from records.domain.phones import REGIONS, e164
from shared.errors import Invalid
from shared.expressions import Kind


class Phone(FieldType):
    name = "phone"
    kind = Kind.TEXT
    input = "tel"
    autocomplete = "tel"
    settings = frozenset({"default_region"})

    def configure(self, config: Config) -> dict[str, Any]:
        known_settings(config, self.settings)
        region = config.get("default_region")
        if region is not None and not (isinstance(region, str) and region in REGIONS):
            raise Invalid.at("/config/default_region", "'default_region' is a country's code of two letters, like NL.")
        return {"default_region": region} if region else {}

    def parse(self, value: object, config: Config) -> str:
        return e164(value, config.get("default_region"))


TYPE = Phone()
