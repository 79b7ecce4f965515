"""Values in Python: what stands at an operand of a record snapshot, computed if need be."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

from shared.expressions.fields import SYSTEM_KINDS
from shared.expressions.python_functions import ANY_CURRENCY, Function, functions, number_text
from shared.expressions.schema import Kind, Schema
from shared.expressions.tree import Constant, Expression, Hop, Money, Operand
from shared.expressions.values import EXACT

Snapshot = Mapping[str, Any]
CENT = Decimal("0.01")


def _nothing(_: str) -> None:
    return None


def _nowhere(*_: str) -> bool:
    return False


@dataclass(frozen=True)
class Context:
    """What a value depends on beside its record.

    ``resolve`` gives the snapshot of a living record by id, or None. ``referencing`` says whether a living record of
    a project links to a record by a field: ``(project key, field key, record id)``. ``base_amount`` gives an amount
    in the base currency by dated rates, or None; without it only that currency has a value.
    """

    schema: Schema
    now: datetime
    resolve: Callable[[str], Snapshot | None] = _nothing
    referencing: Callable[[str, str, str], bool] = _nowhere
    base_amount: Callable[[Decimal, str, Snapshot], Decimal | None] | None = None

    @cached_property
    def functions(self) -> Mapping[str, Function]:
        return functions(self.schema.zone)

    def base(self, money: Money, record: Snapshot) -> Decimal | None:
        if self.base_amount is not None and money.currency != ANY_CURRENCY:
            return self.base_amount(money.amount, money.currency, record)
        return money.amount if money.currency in (ANY_CURRENCY, self.schema.base_currency) else None


def found(operand: Operand, record: Snapshot, context: Context) -> Iterator[tuple[Snapshot, Any]]:
    """The values at an operand, each with the record it is of; without empty ones, and one if it is not ``many``.

    Texts, options and ids are str, as are dates; numbers Decimal; money `Money`; moments aware datetimes.
    """
    for place in _through(operand.hops, record, context):
        value = _at(operand, place, context)
        for each in _each(value, operand.kind):
            yield place, each


def _each(value: Any, kind: Kind) -> Iterable[Any]:
    if value is None:
        return ()
    return value if kind in (Kind.OPTIONS, Kind.LINK, Kind.FILE) else (value,)


def _through(hops: Iterable[Hop], record: Snapshot, context: Context) -> list[Snapshot]:
    places = [record]
    for hop in hops:
        ids = [link for place in places for link in place["links"].get(hop.field, ())[: None if hop.multiple else 1]]
        places = [target for link in ids if (target := context.resolve(link)) is not None]
    return places


def _at(operand: Operand, record: Snapshot, context: Context) -> Any:
    if operand.formula is not None:
        value = _evaluate(operand.formula, record, context)
        return None if value == "" else value
    if operand.field in SYSTEM_KINDS:
        return _system(operand, record, context)
    if operand.kind is Kind.LINK:
        return record["links"].get(operand.field)
    return _read(record["values"].get(operand.field), operand.kind)


def _system(operand: Operand, record: Snapshot, context: Context) -> Any:
    match operand.field:
        case "assignee":
            return record["assignees"]
        case "done":
            return record["done_at"] is not None
        case "list_category" | "list.forecast_weight" | "list.position":
            return _of_list(operand, record["list"], context)
    return _read(record[operand.field], operand.kind)


def _of_list(operand: Operand, key: str, context: Context) -> Any:
    stage = next((stage for stage in context.schema.project(operand.project).lists if stage.key == key), None)
    match operand.field:
        case "list.forecast_weight":
            return stage and stage.forecast_weight
        case "list.position":
            return stage and Decimal(stage.position)
    return stage and stage.category


def _read(stored: Any, kind: Kind) -> Any:
    """A canonical value; None if it is empty or not of its kind."""
    try:
        match kind:
            case _ if stored in (None, "", []):
                return None
            case Kind.NUMBER:
                return Decimal(stored)
            case Kind.MONEY:
                return Money(Decimal(stored["amount"]), stored["currency"])
            case Kind.DATETIME:
                return datetime.fromisoformat(stored)
    except (TypeError, ValueError, KeyError, InvalidOperation):
        return None
    return stored


def _evaluate(expression: Expression, record: Snapshot, context: Context) -> Any:
    if isinstance(expression, Operand):
        return next((value for _, value in found(expression, record, context)), None)
    if isinstance(expression, Constant):
        return _constant(expression)
    arguments = [_evaluate(argument, record, context) for argument in expression.arguments]
    match expression.function:
        case "today":
            return context.now.astimezone(context.schema.zone).date().isoformat()
        case "now":
            return context.now
        case "base":
            return None if arguments[0] is None else context.base(arguments[0], record)
    return context.functions[expression.function](*arguments)


def _constant(constant: Constant) -> Any:
    if isinstance(constant.value, Decimal) and constant.kind is Kind.MONEY:
        return Money(constant.value, ANY_CURRENCY)
    return constant.value


def comparable(value: Any, kind: Kind, record: Snapshot, context: Context) -> Any:
    """A value as it is compared and sorted: texts folded, money in the base currency (None without a rate)."""
    if isinstance(value, Money):
        return context.base(value, record)
    return value.casefold() if kind in (Kind.TEXT, Kind.PLACE) else value


def to_json(value: Any, context: Context) -> Any:
    """Canonical JSON: money at two decimals half up, numbers without trailing zeros, moments in UTC with a Z."""
    if isinstance(value, Money):
        currency = value.currency or context.schema.base_currency
        return {"amount": f"{value.amount.quantize(CENT, context=EXACT):f}", "currency": currency}
    if isinstance(value, Decimal):
        return number_text(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value
