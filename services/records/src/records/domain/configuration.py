"""Reading the configuration of a field: each mistake is an `Invalid` that names its setting."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from records.domain.decimals import canonical, decimal_of
from shared.errors import Invalid


def known_settings(config: Mapping[str, Any], allowed: frozenset[str]) -> None:
    unknown = sorted(set(config) - allowed)
    if unknown:
        offer = ", ".join(sorted(allowed)) or "none"
        raise Invalid.at(f"/config/{unknown[0]}", f"There is no setting '{unknown[0]}' here; there is {offer}.")


def flag(config: Mapping[str, Any], setting: str) -> bool:
    value = config.get(setting, False)
    if not isinstance(value, bool):
        raise Invalid.at(f"/config/{setting}", f"'{setting}' is true or false.")
    return value


def bounds(config: Mapping[str, Any]) -> dict[str, str]:
    """``min`` and ``max`` as canonical decimals, where given."""
    given = {name: _bound(config[name], name) for name in ("min", "max") if config.get(name) is not None}
    if len(given) == len(("min", "max")) and given["min"] > given["max"]:
        raise Invalid.at("/config/min", "'min' is above 'max'.")
    return {name: canonical(value) for name, value in given.items()}


def within(value: Decimal, config: Mapping[str, Any]) -> Decimal:
    """The value, if it keeps to ``min`` and ``max``."""
    if "min" in config and value < Decimal(config["min"]):
        raise Invalid(f"must be at least {config['min']}.")
    if "max" in config and value > Decimal(config["max"]):
        raise Invalid(f"must be at most {config['max']}.")
    return value


def _bound(value: object, name: str) -> Decimal:
    try:
        return decimal_of(value)
    except Invalid as problem:
        raise Invalid.at(f"/config/{name}", f"'{name}' {problem.detail}") from problem
