"""Values in SQL: the walk over an expression, the joins its hops need, and money.

Everything is text; an engine's module gives the words: its columns, literals and functions. Each value is written so
that it can stand anywhere, in parentheses where it needs them.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import count
from typing import Any

from shared.expressions.fields import SYSTEM_KINDS
from shared.expressions.schema import Kind, Schema
from shared.expressions.sql_parts import Amount, Join, Place, Scope, amount_of, currencies_of, currency_of, settled
from shared.expressions.tree import Call, Constant, Expression, Filter, Hop, Operand, Rollup, Stage, Stay, kind_of


class SqlValues(ABC):
    """Expressions over the records of a project, the root record being ``r``."""

    functions: Mapping[str, Callable[..., str]]

    def __init__(self, schema: Schema, project: str, now: datetime) -> None:
        self.schema = schema
        self.now = now
        self.root = Place("r", schema.project(project).key, Scope())
        self._numbers = count(1)
        # Whether a value is being written, rather than a condition on one.
        self.within_value = False

    @abstractmethod
    def stored(self, alias: str, key: str, kind: Kind) -> str | Amount:
        """A field of the record; one of a list kind as the engine's list."""

    @abstractmethod
    def system(self, alias: str, key: str) -> str:
        """A system field that is not derived from the list."""

    @abstractmethod
    def constant(self, value: Any, kind: Kind) -> str:
        """A literal of that kind, written out: str, Decimal, bool, datetime, or None for the empty value."""

    @abstractmethod
    def is_there(self, alias: str) -> str:
        """Whether the outer join found a record."""

    @abstractmethod
    def links(self, project: str, key: str) -> str:
        """A table with the rows ``record_id, target_id`` of a link field (see `is_link`)."""

    @abstractmethod
    def is_link(self, link: str, key: str) -> str:
        """Whether a row of `links` is of that field."""

    @abstractmethod
    def records(self, project: str) -> str:
        """A table with the records of a project (see `is_target`)."""

    @abstractmethod
    def is_target(self, link: str, target: str, project: str) -> str:
        """Whether a row of `records` exists for who asks and is at the end of a row of `links`."""

    @abstractmethod
    def to_one(self, place: Place, hop: Hop, link: str, target: str) -> Sequence[Join]:
        """Outer joins from a record to the one its reference leads to: never more than a row."""

    @abstractmethod
    def is_source(self, link: str, source: str, project: str) -> str:
        """Whether a row of `records` is of the project, exists for who asks, and begins a row of `links`."""

    @abstractmethod
    def rolled_up(self, rollup: Rollup, value: str, inner: Place, condition: str, place: Place) -> str:
        """An aggregate over the records of ``inner``, for the record at ``place``; ``value`` is what it is made of."""

    @abstractmethod
    def aggregate(self, rollup: Rollup, value: str | Amount, place: Place) -> str: ...

    @abstractmethod
    def stage(self, alias: str, stage: Stage) -> str: ...

    @abstractmethod
    def stay(self, alias: str, stay: Stay) -> str: ...

    @abstractmethod
    def rate(self, amount: str, currency: str, wanted: str, day: str) -> str:
        """An amount at the rate of a day; NULL without one."""

    def many(self, place: Place, hop: Hop, link: str, target: str) -> tuple[str, str, str]:
        """The table of links, which end of it is ours, and what joins the records at the other end to it."""
        if hop.back:
            return self.links(hop.project, hop.field), "target_id", self.is_source(link, target, hop.project)
        return self.links(place.project, hop.field), "record_id", self.is_target(link, target, hop.project)

    def to_many(self, place: Place, hop: Hop, link: str, target: str) -> Sequence[Join]:
        """Inner joins from a record to all that its reference leads to, or that refer to it."""
        table, end, is_other = self.many(place, hop, link, target)
        own = f"{link}.{end} = {place.alias}.id AND {self.is_link(link, hop.field)}"
        return [Join(table, link, own, outer=False), Join(self.records(hop.project), target, is_other, outer=False)]

    def compile(self, expression: Expression, place: Place) -> str | Amount:
        """The value of an expression at a record; money as an `Amount`."""
        if isinstance(expression, Operand):
            return self._operand(expression, self.through(expression.hops, place))
        if isinstance(expression, Constant):
            literal = self.constant(expression.value, expression.kind)
            return Amount(literal) if expression.kind is Kind.MONEY else literal
        match expression:
            case Rollup():
                return self._rollup(expression, place)
            case Stage():
                return self.stage(place.alias, expression)
            case Stay():
                return self.stay(place.alias, expression)
        return self._call(expression, place)

    def _rollup(self, rollup: Rollup, place: Place) -> str | Amount:
        _, target = self.aliases()
        inner = Place(target, rollup.hop.project, Scope())
        outside, self.within_value = self.within_value, True
        condition = self.filter(rollup.filter, inner)
        self.within_value = outside
        value = self.compile(rollup.operand, inner) if rollup.operand else ""
        if rollup.function == "join" and rollup.operand and rollup.operand.kind is Kind.NUMBER:
            value = self.functions["text_of_number"](value)
        at = self.through(rollup.operand.hops, inner) if rollup.operand else inner
        written = self.rolled_up(rollup, self.aggregate(rollup, value, at), inner, condition, place)
        if rollup.kind is Kind.MONEY:
            return Amount(written, (self.constant(self.schema.base_currency, Kind.OPTION),))
        return written

    @abstractmethod
    def filter(self, tree: Filter, place: Place) -> str:
        """A condition on the record at a place."""

    def _operand(self, operand: Operand, place: Place) -> str | Amount:
        if operand.formula is not None:
            return self._formula(operand.formula, place)
        lists = self.schema.project(operand.project).lists
        match operand.field:
            case "list_category":
                return self._by_list(place, {stage.key: stage.category for stage in lists}, Kind.OPTION)
            case "list.forecast_weight":
                return self._by_list(place, {stage.key: stage.forecast_weight for stage in lists}, Kind.NUMBER)
            case "list.position":
                return self._by_list(place, {stage.key: Decimal(stage.position) for stage in lists}, Kind.NUMBER)
        if operand.field in SYSTEM_KINDS:
            return self.system(place.alias, operand.field)
        return self.stored(place.alias, operand.field, operand.kind)

    def _formula(self, formula: Expression, place: Place) -> str | Amount:
        """A formula field's value: no empty text, and none at all of a record that is not there."""
        value = self.compile(formula, place)
        amount = amount_of(value)
        if kind_of(formula) is Kind.TEXT:
            amount = f"nullif({amount}, '')"
        if place.alias != self.root.alias:
            amount = f"(CASE WHEN {self.is_there(place.alias)} THEN {amount} END)"
        return Amount(amount, value.currencies) if isinstance(value, Amount) else amount

    def _by_list(self, place: Place, values: Mapping[str, Any], kind: Kind) -> str:
        cases = "".join(
            f" WHEN {self.constant(key, Kind.OPTION)} THEN {self.constant(value, kind)}"
            for key, value in values.items()
            if value is not None
        )
        return f"(CASE {self.system(place.alias, 'list')}{cases} END)" if cases else self.constant(None, kind)

    def _call(self, call: Call, place: Place) -> str | Amount:
        match call.function:
            case "today":
                return self.constant(self.now.astimezone(self.schema.zone).date().isoformat(), Kind.DATE)
            case "now":
                return self.constant(self.now, Kind.DATETIME)
            case "base":
                return self.base(self.compile(call.arguments[0], place), place)
            case "convert":
                money, day, wanted = (self.compile(argument, place) for argument in call.arguments)
                return Amount(self.converted(money, amount_of(wanted), amount_of(day)), (amount_of(wanted),))
            case "round":
                value, digits = call.arguments
                return self._apply("round", [self.compile(value, place), _written(digits)])
        return self._apply(call.function, [self.compile(argument, place) for argument in call.arguments])

    def _apply(self, function: str, values: list[str | Amount]) -> str | Amount:
        if function == "count":
            values = [settled(value) for value in values]
        if function in ("if", "coalesce") and isinstance(values[-1], Amount):
            return self._choice(function, [settled(value) for value in values])
        written = self.functions["divide" if function == "ratio" else function](*map(amount_of, values))
        currencies = tuple(dict.fromkeys(known for value in values for known in currencies_of(value)))
        if function == "ratio":
            return Amount("", currencies).agreed(written)
        is_money = function != "count" and any(isinstance(value, Amount) for value in values)
        return Amount(written, currencies) if is_money else written

    def _choice(self, function: str, values: list[str | Amount]) -> Amount:
        """IF and COALESCE of money take the currency from where they take the amount."""
        amount = self.functions[function](*map(amount_of, values))
        if function == "if":
            condition, *branches = values
            currency = self.functions["if"](amount_of(condition), *map(currency_of, branches))
        else:
            cases = (f"WHEN {amount_of(value)} IS NOT NULL THEN {currency_of(value)}" for value in values)
            currency = f"(CASE {' '.join(cases)} END)"
        return Amount(amount, (currency,))

    def base(self, value: str | Amount, place: Place) -> str:
        """Money of that record in the base currency, at the rate of the day it was made; empty without a rate."""
        made = self.functions["local_date"](self.system(place.alias, "created_at"))
        return self.converted(value, self.constant(self.schema.base_currency, Kind.OPTION), made)

    def converted(self, value: str | Amount, wanted: str, day: str) -> str:
        money = settled(value)
        amount, currency = amount_of(money), currency_of(money)
        if currency == wanted:
            return amount
        rate = self.rate(amount, currency, wanted, day)
        return f"(CASE WHEN coalesce({currency}, {wanted}) = {wanted} THEN {amount} ELSE {rate} END)"

    def through(self, hops: Iterable[Hop], place: Place) -> Place:
        """The record the references lead to, joined once however often it is asked for."""
        for hop in hops:
            places = place.scope.places
            if (place.alias, hop.field) not in places:
                places[place.alias, hop.field] = self._join(hop, place)
            place = places[place.alias, hop.field]
        return place

    def _join(self, hop: Hop, place: Place) -> Place:
        link, target = self.aliases()
        fans_out = hop.multiple and place.scope.fans_out
        joins = self.to_many if fans_out else self.to_one
        place.scope.joins += joins(place, hop, link, target)
        return Place(target, hop.project, place.scope)

    def aliases(self) -> tuple[str, str]:
        """Unused aliases for a link and the record at its end."""
        number = next(self._numbers)
        return f"l{number}", f"r{number}"


def _written(digits: Expression) -> str:
    return str(int(digits.value or 0)) if isinstance(digits, Constant) else "0"
