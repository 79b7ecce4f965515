"""Filters and formulas: parsed and typed once, then compiled to PostgreSQL, to ClickHouse, or run in Python.

The three backends agree, to the record and to the digit; a property test says so on the real engines.
"""

from shared.expressions.schema import (
    FIRST_YEAR,
    INTEGER_DIGITS,
    LAST_YEAR,
    SCALE,
    BoardList,
    Field,
    Kind,
    Project,
    Schema,
    project_from,
)
from shared.expressions.tree import Filter, Finding, Money, Operand, Sort

__all__ = [
    "FIRST_YEAR",
    "INTEGER_DIGITS",
    "LAST_YEAR",
    "SCALE",
    "BoardList",
    "Field",
    "Filter",
    "Finding",
    "Kind",
    "Money",
    "Operand",
    "Project",
    "Schema",
    "Sort",
    "project_from",
]
