"""An exchange rate: from a day on, what one unit of a currency is worth in another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from records.domain.currencies import is_currency
from records.domain.decimals import canonical, decimal_of
from records.domain.pointers import pointer
from shared.contracts.records import RateChanged
from shared.errors import FieldError, Invalid
from shared.expressions.moments import read_date

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Rate:
    """``source`` and ``target`` are codes of ISO 4217, ``date`` is ISO text."""

    date: str
    source: str
    target: str
    rate: Decimal
    version: int = 1

    @property
    def key(self) -> Key:
        return self.date, self.source, self.target


def read_rates(given: Sequence[Mapping[str, Any]]) -> list[Rate]:
    """From the API's objects. Raises `Invalid` with all mistakes, each with its place."""
    errors, rates = list[FieldError](), dict[Key, Rate]()
    for number, each in enumerate(given):
        mistakes = _mistakes(each)
        errors += [FieldError(pointer(number, name), detail) for name, detail in mistakes.items()]
        if mistakes:
            continue
        rate = Rate(each["date"], each["from"], each["to"], decimal_of(each["rate"]))
        if rate.key in rates:
            errors.append(FieldError(pointer(number), "This pair and day stand here twice."))
        rates[rate.key] = rate
    if errors:
        raise Invalid("; ".join(each.detail for each in errors[:3]), errors)
    return list(rates.values())


def _mistakes(given: Mapping[str, Any]) -> dict[str, str]:
    found = {name: "A code of ISO 4217, like USD." for name in ("from", "to") if not is_currency(given[name])}
    if not found and given["from"] == given["to"]:
        found["to"] = "A rate is between two currencies."
    if not (isinstance(given["date"], str) and read_date(given["date"])):
        found["date"] = "A date like 2026-01-31."
    try:
        if decimal_of(given["rate"]) <= 0:
            found["rate"] = "A rate is above 0."
    except Invalid as problem:
        found["rate"] = f"A rate {problem.detail}"
    return found


def rate_changed(rate: Rate) -> RateChanged:
    return RateChanged(
        date=rate.date,
        source=rate.source,
        target=rate.target,
        rate=canonical(rate.rate),
        version=rate.version,
    )
