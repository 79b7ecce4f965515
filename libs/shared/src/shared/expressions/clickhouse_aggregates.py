"""Rollups in ClickHouse's words."""

from collections.abc import Callable, Mapping

from shared.expressions.calls import TEXT_LENGTH
from shared.expressions.clickhouse_functions import bounded, decimal, quotient_of


def total(value: str) -> str:
    return bounded(f"ifNull(sum({value}), {decimal('0')})")


AGGREGATES: Mapping[str, Callable[[str], str]] = {
    "sum": total,
    "average": lambda value: quotient_of(total(value), decimal(f"count({value})")),
    "min": lambda value: f"min({value})",
    "max": lambda value: f"max({value})",
    "join": lambda value: f"leftUTF8(arrayStringConcat(arraySort(groupArray({value})), ', '), {TEXT_LENGTH})",
    "count": lambda _: decimal("count()"),
    "counta": lambda value: decimal(f"count({value})"),
}
# What an aggregate comes to where there is no record at all; the others come to nothing.
OF_NOTHING = dict.fromkeys(("sum", "count", "counta"), decimal("0"))


def money(function: str, amount: str, base: str) -> str:
    """In the base currency; empty where an amount has no rate."""
    if function == "counta":
        return AGGREGATES[function](amount)
    return f"if(count({amount}) = count({base}), {AGGREGATES[function](base)}, NULL)"
