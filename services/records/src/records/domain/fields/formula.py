"""An expression over the record's own fields: ``{amount} - {cost}``.

``display`` says how its result is shown: ``as`` number, currency or percent, with how many ``decimals``. Rounding is
half up and happens on display only.
"""

from typing import Any

from records.domain.configuration import known_settings
from records.domain.currencies import is_currency
from records.domain.decimals import DECIMALS
from records.domain.field_type import ComputedType, Config
from shared.errors import Invalid

LONGEST = 4_096
SHOWN_AS = ("number", "currency", "percent")


class Formula(ComputedType):
    name = "formula"
    settings = frozenset({"expression", "display"})

    def configure(self, config: Config) -> dict[str, Any]:
        known_settings(config, self.settings)
        expression = config.get("expression")
        if not isinstance(expression, str) or not 0 < len(expression) <= LONGEST:
            raise Invalid.at("/config/expression", f"'expression' is a formula of at most {LONGEST:,} characters.")
        display = config.get("display")
        return {"expression": expression} | ({"display": _display(display)} if display else {})


def _display(given: object) -> dict[str, Any]:
    if not isinstance(given, dict) or set(given) - {"as", "currency", "decimals"}:
        raise Invalid.at("/config/display", "'display' is an object of as, currency and decimals.")
    if given.get("as", "number") not in SHOWN_AS:
        raise Invalid.at("/config/display/as", f"'as' is one of {', '.join(SHOWN_AS)}.")
    if not is_currency(given.get("currency", "EUR")):
        raise Invalid.at("/config/display/currency", "'currency' is a code of ISO 4217, like EUR.")
    decimals = given.get("decimals")
    if isinstance(decimals, bool) or decimals not in (None, *range(DECIMALS + 1)):
        raise Invalid.at("/config/display/decimals", f"'decimals' is a whole number up to {DECIMALS}.")
    return {name: value for name, value in given.items() if value is not None}


TYPE = Formula()
