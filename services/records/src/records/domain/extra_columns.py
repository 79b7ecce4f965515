"""The further columns that a value list's items have: declared by the list, held against each item."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Any, Literal, get_args

import orjson

from records.domain.currencies import is_currency
from records.domain.decimals import decimal_of
from records.domain.pointers import pointer
from records.domain.schema_parts import checked_key
from records.domain.texts import text_of
from shared.errors import FieldError, Invalid

# GDPR, article 6(1).
LegalBasis = Literal["consent", "contract", "legal_obligation", "vital_interests", "public_task", "legitimate_interest"]
TYPES = ("any", "text", "number", "boolean", "option", "currency")
PARTS = frozenset({"type", "options", "required"})
MOST_COLUMNS = 30
LONGEST_TEXT = 2_000
LARGEST_EXTRA = 8_000
DEEPEST = 8
# Items with these columns are classes of amounts, whose ranges (both ends within; none: without end) are apart.
RANGE = frozenset({"from", "to", "currency"})

# ``{"type", "options"?, "required"?}``
Column = Mapping[str, Any]

# What is meant by a column of which the list gives the name only.
_GROUPS = ["customer", "lost", "partner", "potential_customer", "other"]
KNOWN: Mapping[str, Column] = {
    "category_group": {"type": "option", "options": _GROUPS},
    "lead_status_enabled": {"type": "boolean"},
    "probability": {"type": "number"},
    "kind": {"type": "text"},
    "direction": {"type": "option", "options": ["incoming", "outgoing", "none"]},
    "intention": {"type": "text"},
    "color": {"type": "text"},
    "all_day": {"type": "boolean"},
    "free": {"type": "boolean"},
    "from": {"type": "number", "required": True},
    "to": {"type": "number"},
    "currency": {"type": "currency", "required": True},
    "legal_basis": {"type": "option", "options": [*get_args(LegalBasis)]},
}


def columns_of(given: object, place: str) -> dict[str, Column]:
    """Columns by name, or just their names. Raises `Invalid`."""
    if isinstance(given, list | tuple) and all(isinstance(each, str) for each in given):
        given = {name: KNOWN.get(name, {"type": "any"}) for name in given}
    if not isinstance(given, dict) or len(given) > MOST_COLUMNS:
        raise Invalid.at(place, f"It is a list of at most {MOST_COLUMNS} names, or an object of columns by name.")
    return {checked_key(name, f"{place}/{name}"): _column(each, f"{place}/{name}") for name, each in given.items()}


def check_extra(extra: Mapping[str, Any], columns: Mapping[str, Column], place: str) -> Iterator[FieldError]:
    """The mistakes of one item's further columns."""
    errors = [*_unknown(extra, columns, place), *_unfit(extra, columns, place)]
    if not errors and len(orjson.dumps(extra)) > LARGEST_EXTRA:
        errors.append(FieldError(place, f"The columns of an item hold at most {LARGEST_EXTRA:,} bytes."))
    if not errors and columns.keys() >= RANGE and not _is_range(extra):
        errors.append(FieldError(place + pointer("to"), "A range does not end before it begins."))
    yield from errors


def overlaps(extras: Mapping[int, Mapping[str, Any]], columns: Mapping[str, Column]) -> Iterator[tuple[int, int]]:
    """The items, by place, whose range of amounts overlaps that of another, with the other."""
    if not columns.keys() >= RANGE:
        return
    whole = {place: extra for place, extra in extras.items() if not list(check_extra(extra, columns, ""))}
    ranges = sorted((extra["currency"], *_ends(extra), place) for place, extra in whole.items())
    for (currency, _, end, other), (same, start, _, place) in pairwise(ranges):
        if currency == same and start <= end:
            yield place, other


def _unknown(extra: Mapping[str, Any], columns: Mapping[str, Column], place: str) -> Iterator[FieldError]:
    for name in sorted(extra.keys() - columns.keys()):
        offer = ", ".join(columns) or "none"
        yield FieldError(place + pointer(name), f"The list declares no column '{name}' in 'extra'; it has {offer}.")


def _unfit(extra: Mapping[str, Any], columns: Mapping[str, Column], place: str) -> Iterator[FieldError]:
    for name, column in columns.items():
        value = extra.get(name)
        if value is None and column.get("required"):
            yield FieldError(place + pointer(name), f"'{name}' is required.")
        elif value is not None and (fault := _fault(value, column)):
            yield FieldError(place + pointer(name), f"'{name}' {fault}")


def _column(given: object, place: str) -> Column:
    if not isinstance(given, dict) or set(given) - PARTS or given.get("type", "any") not in TYPES:
        raise Invalid.at(place, f"A column has a type ({', '.join(TYPES)}), options and required.")
    options, required = given.get("options"), given.get("required", False)
    if (given.get("type") == "option") != (_are_texts(options)) or not isinstance(required, bool):
        raise Invalid.at(
            place, "A column of type 'option' has 'options', a list of texts; 'required' is true or false."
        )
    column: dict[str, Any] = {"type": given.get("type", "any")}
    return column | ({"options": list(options)} if options else {}) | ({"required": True} if required else {})


def _are_texts(value: Any) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(_fault_of_text(each) is None for each in value)


def _fault(value: Any, column: Column) -> str | None:
    match column["type"]:
        case "text":
            return _fault_of_text(value)
        case "number":
            return _fault_of_number(value)
        case "boolean":
            return None if isinstance(value, bool) else "is true or false."
        case "option":
            return None if value in column["options"] else f"is one of {', '.join(column['options'])}."
        case "currency":
            return None if is_currency(value) else "is a currency, like EUR."
    return _fault_of_any(value)


def _fault_of_text(value: Any) -> str | None:
    try:
        text_of(value, LONGEST_TEXT, lines=True)
    except Invalid as problem:
        return problem.detail
    return None


def _fault_of_number(value: Any) -> str | None:
    try:
        decimal_of(value)
    except Invalid as problem:
        return problem.detail
    return None


def _fault_of_any(value: Any, depth: int = 0) -> str | None:
    """JSON that the database can keep."""
    match value:
        case str():
            return _fault_of_text(value)
        case bool() | None:
            return None
        case int() | float():
            return _fault_of_number(value)
        case _ if depth > DEEPEST:
            return "is too deep."
        case dict():
            value = [*value.keys(), *value.values()]
    return next(filter(None, (_fault_of_any(each, depth + 1) for each in value)), None)


def _is_range(extra: Mapping[str, Any]) -> bool:
    start, end = _ends(extra)
    return start <= end


def _ends(extra: Mapping[str, Any]) -> tuple[Decimal, Decimal]:
    end = extra.get("to")
    return decimal_of(extra["from"]), Decimal("Infinity") if end is None else decimal_of(end)
