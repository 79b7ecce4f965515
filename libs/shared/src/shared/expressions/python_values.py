"""Values in Python: what stands at an operand of a record snapshot, computed if need be."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

from shared.expressions.fields import ITSELF, SYSTEM_KINDS
from shared.expressions.filters import parse_filter
from shared.expressions.python_functions import ANY_CURRENCY, Function, functions, number_text
from shared.expressions.python_rollups import AGGREGATES
from shared.expressions.rates import NO_RATES, Rates
from shared.expressions.schema import Kind, Schema
from shared.expressions.tree import Call, Constant, Expression, Filter, Hop, Money, Operand, Rollup, Stage, Stay
from shared.expressions.values import EXACT

Snapshot = Mapping[str, Any]
CENT = Decimal("0.01")
SECOND = timedelta(seconds=1)


def _nothing(_: str) -> None:
    return None


def _nowhere(*_: str) -> bool:
    return False


def _nobody(*_: str) -> tuple[Snapshot, ...]:
    return ()


@dataclass(frozen=True)
class Context:
    """What a value depends on beside its record.

    ``resolve`` gives the snapshot of a living record by id, or None. ``referencing`` says whether a living record of
    a project links to a record by a field: ``(project key, field key, record id)``; ``linking`` gives those that do.
    Without ``rates`` money has a value in its own currency only. ``rolled`` gives the value of a rollup field that
    somebody else has worked out: ``(project key, field key, record id)``.
    """

    schema: Schema
    now: datetime
    resolve: Callable[[str], Snapshot | None] = _nothing
    referencing: Callable[[str, str, str], bool] = _nowhere
    linking: Callable[[str, str, str], Iterable[Snapshot]] = _nobody
    rates: Rates = NO_RATES
    rolled: Callable[[str, str, str], Any] | None = None

    @cached_property
    def functions(self) -> Mapping[str, Function]:
        return functions(self.schema.zone)

    def linked(self, record: str) -> Snapshot | None:
        """The record, if it is one of those that there are for who asks (see `Project.only`)."""
        found = self.resolve(record)
        return found if found is not None and self.exists(found) else None

    def linking_to(self, hop: Hop, record: Snapshot) -> list[Snapshot]:
        """Those of the records that refer to it that there are for who asks."""
        return [each for each in self.linking(hop.project, hop.field, record["id"]) if self.exists(each)]

    def exists(self, record: Snapshot) -> bool:
        project = record["project_key"]
        if project not in self._only:
            return project in self.schema.projects
        from shared.expressions.python import holds  # which finds its values here in turn

        return holds(self._only[project], record, self)

    @cached_property
    def _only(self) -> Mapping[str, Filter]:
        projects = self.schema.projects.items()
        return {key: parse_filter(each.only, key, self.schema) for key, each in projects if each.only is not None}

    def base(self, money: Money, record: Snapshot) -> Decimal | None:
        """The money of the record in the base currency, at the rate of the day on which the record was made."""
        if money.currency in (ANY_CURRENCY, self.schema.base_currency):
            return money.amount
        made = _read(record.get("created_at"), Kind.DATETIME)
        day = made.astimezone(self.schema.zone).date().isoformat() if made else None
        return self.rates.converted(money.amount, money.currency, self.schema.base_currency, day)

    def converted(self, money: Money, day: str | None, currency: str) -> Money | None:
        if money.currency == ANY_CURRENCY:
            return Money(money.amount, currency)
        amount = self.rates.converted(money.amount, money.currency, currency, day)
        return None if amount is None else Money(amount, currency)


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
        if hop.back:
            places = [source for place in places for source in context.linking_to(hop, place)]
            continue
        ids = [link for place in places for link in place["links"].get(hop.field, ())[: None if hop.multiple else 1]]
        places = [target for link in ids if (target := context.linked(link)) is not None]
    return places


def _at(operand: Operand, record: Snapshot, context: Context) -> Any:
    if operand.formula is not None:
        return _computed(operand, operand.formula, record, context)
    if operand.field == ITSELF:
        return [record["id"]]
    if operand.field in SYSTEM_KINDS:
        return _system(operand, record, context)
    if operand.kind is Kind.LINK:
        return record["links"].get(operand.field)
    return _read(record["values"].get(operand.field), operand.kind)


def _computed(operand: Operand, formula: Expression, record: Snapshot, context: Context) -> Any:
    if isinstance(formula, Rollup) and context.rolled is not None:
        return context.rolled(operand.project, operand.field, record["id"])
    value = _evaluate(formula, record, context)
    return None if value == "" else value


def _system(operand: Operand, record: Snapshot, context: Context) -> Any:
    match operand.field:
        case "assignee":
            return record["assignees"]
        case "done":
            return record["done_at"] is not None
        case "record.outcome":
            return record["outcome"] and record["outcome"]["state"]
        case "record.probability":
            return _read(record["probability"], operand.kind)
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
    match expression:
        case Operand():
            return next((value for _, value in found(expression, record, context)), None)
        case Constant():
            return _constant(expression)
        case Call():
            return _called(expression, record, context)
        case Rollup():
            return _rolled_up(expression, record, context)
    return _of_stages(expression, record, context)


def _called(call: Call, record: Snapshot, context: Context) -> Any:
    arguments = [_evaluate(argument, record, context) for argument in call.arguments]
    match call.function:
        case "today":
            return context.now.astimezone(context.schema.zone).date().isoformat()
        case "now":
            return context.now
        case "base":
            return None if arguments[0] is None else context.base(arguments[0], record)
        case "convert":
            return None if arguments[0] is None else context.converted(*arguments)
    return context.functions[call.function](*arguments)


def _rolled_up(rollup: Rollup, record: Snapshot, context: Context) -> Any:
    from shared.expressions.python import holds  # filters ask for values in turn

    places = [place for place in _through((rollup.hop,), record, context) if holds(rollup.filter, place, context)]
    if rollup.operand is None:
        return AGGREGATES["count"](places)
    values = [pair for place in places for pair in found(rollup.operand, place, context)]
    if rollup.kind is Kind.MONEY:
        return _money_rolled_up(rollup, values, context)
    return AGGREGATES[rollup.function]([value for _, value in values])


def _money_rolled_up(rollup: Rollup, values: list[tuple[Snapshot, Any]], context: Context) -> Money | None:
    amounts = [context.base(money, place) for place, money in values]
    amount = None if None in amounts else AGGREGATES[rollup.function](amounts)
    return None if amount is None else Money(amount, context.schema.base_currency)


def _of_stages(expression: Stage | Stay, record: Snapshot, context: Context) -> Any:
    stays = [stay for stay in record.get("stage_history", ()) if stay["list"] == expression.list]
    if isinstance(expression, Stay):
        spent = [(_read(stay["left_at"], Kind.DATETIME) or context.now) - _entered(stay) for stay in stays]
        return Decimal(int(sum(spent, timedelta()) / SECOND)) if spent else None
    ends = [_read(stay["left_at"] if expression.left else stay["entered_at"], Kind.DATETIME) for stay in stays]
    known = [end for end in ends if end is not None]
    return (max if expression.last else min)(known, default=None)


def _entered(stay: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(stay["entered_at"])


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
