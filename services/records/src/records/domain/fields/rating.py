"""Stars: a number from ``min`` (0) to ``max`` (5) in steps of ``step`` (1)."""

from decimal import Decimal
from typing import Any

from records.domain.configuration import bounds, known_settings
from records.domain.field_type import Config
from records.domain.fields.number import Number
from shared.errors import Invalid

DEFAULTS = {"min": 0, "max": 5, "step": 1}
MOST_STARS = 100


class Rating(Number):
    name = "rating"
    settings = frozenset(DEFAULTS)

    def configure(self, config: Config) -> dict[str, Any]:
        known_settings(config, self.settings)
        given = DEFAULTS | {name: value for name, value in config.items() if value is not None}
        step = bounds({"min": given["step"]})["min"]
        limits = bounds(given)
        if Decimal(step) <= 0 or not 0 <= Decimal(limits["min"]) < Decimal(limits["max"]) <= MOST_STARS:
            raise Invalid.at("/config/max", f"A rating goes from 0 or more up to {MOST_STARS} in steps above 0.")
        return limits | {"step": step}

    def parse(self, value: object, config: Config) -> str:
        stars = super().parse(value, config)
        if (Decimal(stars) - Decimal(config["min"])) % Decimal(config["step"]):
            raise Invalid(f"must go in steps of {config['step']} from {config['min']}.")
        return stars


TYPE = Rating()
