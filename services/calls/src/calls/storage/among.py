"""Conditions on many values at once, as one array each: the statement is the same however many there are.

``IN (…)`` is another statement for every number of values, which the server prepares and plans anew.
"""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, any_, func, literal, select, tuple_


def among(column: ColumnElement[Any], values: Collection[Any]) -> ColumnElement[bool]:
    return column == any_(literal(list(values), ARRAY(column.type)))


def pairs_among(
    columns: tuple[ColumnElement[Any], ColumnElement[Any]], pairs: Collection[Sequence[Any]]
) -> ColumnElement[bool]:
    """Whether both columns together are one of the pairs."""
    sides = zip(*pairs, strict=True) if pairs else ((), ())
    given = [
        func.unnest(literal(list(side), ARRAY(column.type)), type_=column.type)
        for column, side in zip(columns, sides, strict=True)
    ]
    return tuple_(*columns).in_(select(*given))
