"""Rollups in PostgreSQL's words."""

from collections.abc import Callable, Mapping

from shared.expressions.calls import TEXT_LENGTH
from shared.expressions.postgres_functions import bounded, quotient_of


def total(value: str) -> str:
    return bounded(f"coalesce(sum({value}), 0)")


AGGREGATES: Mapping[str, Callable[[str], str]] = {
    "sum": total,
    "average": lambda value: quotient_of(total(value), f"count({value})"),
    "min": lambda value: f"min({value})",
    "max": lambda value: f"max({value})",
    "join": lambda value: f"left(string_agg({value}, ', ' ORDER BY {value} COLLATE \"C\"), {TEXT_LENGTH})",
    "count": lambda _: "count(*)::numeric",
    "counta": lambda value: f"count({value})::numeric",
}


def money(function: str, amount: str, base: str) -> str:
    """In the base currency; empty where an amount has no rate."""
    if function == "counta":
        return AGGREGATES[function](amount)
    return f"(CASE WHEN count({amount}) = count({base}) THEN {AGGREGATES[function](base)} END)"
