"""An expression over the record's own fields: ``{amount} - {cost}``.

``display`` says how its result is shown: ``as`` number, currency or percent, with how many ``decimals``. Rounding is
half up and happens on display only.
"""

from typing import Any

from records.domain.configuration import known_settings
from records.domain.displays import display_of
from records.domain.field_type import ComputedType, Config
from shared.errors import Invalid

LONGEST = 4_096


class Formula(ComputedType):
    name = "formula"
    settings = frozenset({"expression", "display"})

    def configure(self, config: Config) -> dict[str, Any]:
        known_settings(config, self.settings)
        expression = config.get("expression")
        if not isinstance(expression, str) or not 0 < len(expression) <= LONGEST:
            raise Invalid.at("/config/expression", f"'expression' is a formula of at most {LONGEST:,} characters.")
        return {"expression": expression} | display_of(config)


TYPE = Formula()
