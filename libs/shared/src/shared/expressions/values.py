"""What a filter's value must be for the kind of its field, and how it is read."""

import re
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from functools import partial
from typing import Any
from uuid import UUID

from shared.errors import Invalid
from shared.expressions.moments import read_when, show
from shared.expressions.schema import INTEGER_DIGITS, SCALE, Kind, Schema
from shared.expressions.tree import Money, Operand

CATEGORIES = ("open", "won", "lost", "neutral")
CURRENCY = re.compile("[A-Z]{3}")
OUTCOMES = ("won", "lost", "stalled")
STEP = Decimal(1).scaleb(-SCALE)
BOUND = Decimal(10) ** INTEGER_DIGITS
EXACT = Context(prec=100, rounding=ROUND_HALF_UP)


def read_value(raw: Any, operand: Operand, schema: Schema) -> Any:
    """The value as conditions hold it: str (texts folded), Decimal, Money, bool, or a date, time or duration.

    Raises `Invalid`, saying what is wanted.
    """
    if raw is None or raw == "":
        raise Invalid("An empty value matches nothing: ask with is_empty or is_not_empty.")
    if operand.field == "list":
        return _list_key(raw, operand, schema)
    if operand.field == "list_category":
        return _category(raw)
    if operand.field == "record.outcome":
        return _outcome(raw)
    if operand.kind is Kind.MONEY:
        return _money(raw, operand, schema)
    return READERS[operand.kind](raw)


def _list_key(raw: Any, operand: Operand, schema: Schema) -> str:
    keys = [stage.key for stage in schema.project(operand.project).lists]
    if raw not in keys:
        raise Invalid(f"There is no list {show(raw)} in project {operand.project}.")
    return str(raw)


def _outcome(raw: Any) -> str:
    if raw not in OUTCOMES:
        raise Invalid(f"An outcome is {', '.join(OUTCOMES)}, not {show(raw)}.")
    return str(raw)


def _category(raw: Any) -> str:
    if raw not in CATEGORIES:
        raise Invalid(f"{show(raw)} is not a list category: {', '.join(CATEGORIES)}.")
    return str(raw)


def read_text(raw: Any) -> str:
    """A text that every engine can hold. Raises `Invalid`."""
    if not isinstance(raw, str):
        raise Invalid(f"{show(raw)} is not a text.")
    if "\0" in raw or any("\ud800" <= character <= "\udfff" for character in raw):
        raise Invalid("The text holds a character that cannot be stored.")
    return raw


def _folded(raw: Any) -> str:
    return read_text(raw).casefold()


def read_number(raw: Any) -> Decimal:
    """A JSON number or a decimal string, rounded half up to scale 10. Raises `Invalid`."""
    if isinstance(raw, bool) or not isinstance(raw, int | float | str | Decimal):
        raise Invalid(f"{show(raw)} is not a number.")
    try:
        number = Decimal(str(raw))
    except InvalidOperation:
        raise Invalid(f"{show(raw)} is not a number.") from None
    rounded = exact(number) if number.is_finite() else None
    if rounded is None:
        raise Invalid(f"{show(raw)} is not a number of at most {INTEGER_DIGITS} digits.")
    return rounded


def exact(number: Decimal) -> Decimal | None:
    """Half up at scale 10; None where more digits stand before the point than may."""
    if number.adjusted() >= INTEGER_DIGITS and number:
        return None
    rounded = number.quantize(STEP, context=EXACT)
    return rounded if -BOUND < rounded < BOUND else None


def _money(raw: Any, operand: Operand, schema: Schema) -> Money:
    """A bare amount is in the field's currency."""
    if isinstance(raw, Mapping):
        if set(raw) != {"amount", "currency"} or not CURRENCY.fullmatch(str(raw["currency"])):
            raise Invalid('Money is written {"amount": "12.50", "currency": "EUR"}.')
        return Money(read_number(raw["amount"]), raw["currency"])
    project = schema.project(operand.project)
    field = project.by_key.get(operand.field)
    return Money(read_number(raw), (field and field.currency) or schema.base_currency)


def _boolean(raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise Invalid(f"{show(raw)} is neither true nor false.")
    return raw


def _id(raw: Any) -> str:
    try:
        return str(UUID(read_text(raw)))
    except ValueError:
        raise Invalid(f"{show(raw)} is not the id of a record.") from None


READERS: Mapping[Kind, Callable[[Any], Any]] = {
    Kind.TEXT: _folded,
    Kind.PLACE: _folded,
    Kind.NUMBER: read_number,
    Kind.BOOLEAN: _boolean,
    Kind.DATE: partial(read_when, moments=False),
    Kind.DATETIME: partial(read_when, moments=True),
    Kind.OPTION: read_text,
    Kind.OPTIONS: read_text,
    Kind.USER: read_text,
    Kind.LINK: _id,
}
