"""How a computed number is shown: as what, in which currency, with how many decimals."""

from collections.abc import Mapping
from typing import Any

from records.domain.currencies import is_currency
from records.domain.decimals import DECIMALS
from shared.errors import Invalid

SHOWN_AS = ("number", "currency", "percent")


def display_of(config: Mapping[str, Any]) -> dict[str, Any]:
    """The setting ``display``, checked, where there is one. Raises `Invalid`."""
    return {"display": _display(config["display"])} if config.get("display") else {}


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
