"""Money of another field in another currency, at the rate of a day; empty without a rate, never nought.

``source`` is the field, ``currency`` the one wanted, ``at`` the day: ``current``, ``created`` (the record's), a date
like 2026-01-31, or the key of a date field.
"""

from typing import Any

from records.domain.configuration import known_settings
from records.domain.currencies import is_currency
from records.domain.field_type import ComputedType, Config
from shared.errors import Invalid


class CurrencyConversion(ComputedType):
    name = "currency_conversion"
    settings = frozenset({"source", "currency", "at"})

    def configure(self, config: Config) -> dict[str, Any]:
        known_settings(config, self.settings)
        source, at = config.get("source"), config.get("at", "current")
        if not (isinstance(source, str) and source):
            raise Invalid.at("/config/source", "'source' is the key of a field that holds money.")
        if not is_currency(config.get("currency")):
            raise Invalid.at("/config/currency", "'currency' is a code of ISO 4217, like EUR.")
        if not (isinstance(at, str) and at):
            raise Invalid.at("/config/at", "'at' is current, created, a date, or the key of a date field.")
        return {"source": source, "currency": config["currency"], "at": at}


TYPE = CurrencyConversion()
