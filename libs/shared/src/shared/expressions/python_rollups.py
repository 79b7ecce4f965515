"""Rollups in Python: what the values of many records come to."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from shared.expressions.calls import TEXT_LENGTH
from shared.expressions.python_functions import add, divide, number_text

SEPARATOR = ", "


def average(values: Sequence[Decimal]) -> Decimal | None:
    total = add(*values)
    return divide(total, Decimal(len(values))) if values and total is not None else None


def joined(values: Sequence[Any]) -> str | None:
    """In the order of their code points, so that it is the same everywhere."""
    texts = sorted(number_text(value) if isinstance(value, Decimal) else str(value) for value in values)
    return SEPARATOR.join(texts)[:TEXT_LENGTH] or None


AGGREGATES: Mapping[str, Callable[[Sequence[Any]], Any]] = {
    "sum": lambda values: add(*values),
    "average": average,
    "min": lambda values: min(values, default=None),
    "max": lambda values: max(values, default=None),
    "join": joined,
    "count": lambda values: Decimal(len(values)),
    "counta": lambda values: Decimal(len(values)),
}
