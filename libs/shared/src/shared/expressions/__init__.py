"""Filters and formulas: parsed and typed once, then compiled to PostgreSQL, to ClickHouse, or run in Python.

The three backends agree, to the record and to the digit; a property test says so on the real engines.
The backends are the modules ``postgres``, ``clickhouse`` and ``python``.
"""

from shared.expressions.fields import (
    RESERVED_KEYS,
    SYSTEM_FIELDS,
    check_project,
    computed_operands,
    fields_read,
    find_operand,
    hops_in,
    lists_read,
    looks_back,
    needed_hops,
)
from shared.expressions.filters import parse_filter, parse_sort
from shared.expressions.formulas import parse_formula
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
from shared.expressions.tree import Back, Filter, Finding, Money, Operand, Sort, Step

__all__ = [
    "FIRST_YEAR",
    "INTEGER_DIGITS",
    "LAST_YEAR",
    "RESERVED_KEYS",
    "SCALE",
    "SYSTEM_FIELDS",
    "Back",
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
    "Step",
    "check_project",
    "computed_operands",
    "fields_read",
    "find_operand",
    "hops_in",
    "lists_read",
    "looks_back",
    "needed_hops",
    "parse_filter",
    "parse_formula",
    "parse_sort",
    "project_from",
]
