"""Comparing a column with many values by one array: the statement stays the same, and prepared, however many."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, any_, literal
from sqlalchemy.dialects.postgresql import ARRAY


def one_of(column: ColumnElement[Any], values: Iterable[Any]) -> ColumnElement[bool]:
    return column == any_(literal(list(values), ARRAY(column.type)))
