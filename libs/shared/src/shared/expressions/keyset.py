"""Paging by the sort keys of the last row seen, where empty keys come last whichever way the sort runs."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, literal, or_, true

from shared.errors import Invalid
from shared.expressions.schema import Kind

# The key as SQL, its kind, and whether it descends.
Key = tuple[ColumnElement[Any], Kind, bool]


def to_json(value: Any) -> str | bool | None:
    """A key's value as it stands in a cursor."""
    if value is None or isinstance(value, bool):
        return value
    return value.isoformat() if isinstance(value, datetime) else str(value)


def from_json(value: Any, kind: Kind) -> Any:
    """The key's value again. Raises `Invalid` if it was never ours."""
    try:
        return None if value is None else _read(value, kind)
    except (TypeError, ValueError, InvalidOperation):
        raise Invalid.at("/cursor", "The cursor does not belong to this query.") from None


def _read(value: Any, kind: Kind) -> Any:
    match kind:
        case Kind.NUMBER | Kind.MONEY:
            return Decimal(value)
        case Kind.DATETIME:
            return datetime.fromisoformat(value)
        case Kind.LINK:
            return str(UUID(value))
    if isinstance(value, bool) is not (kind is Kind.BOOLEAN):
        raise TypeError(value)
    return value


def after(keys: Sequence[Key], values: Sequence[Any]) -> ColumnElement[bool]:
    """The rows that come strictly after the one with these key values."""
    alternatives = []
    equal: ColumnElement[bool] = true()
    for (key, _, descending), value in zip(keys, values, strict=True):
        last = literal(value, key.type)
        if value is not None:
            alternatives.append(and_(equal, or_(key < last if descending else key > last, key.is_(None))))
        equal = and_(equal, key.is_(None) if value is None else key == last)
    return or_(*alternatives)
