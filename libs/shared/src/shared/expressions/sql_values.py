"""Values in SQL: the walk over an expression, the joins its hops need, and money.

Everything is text; an engine's module gives the words: its columns, literals and functions. Each value is written so
that it can stand anywhere, in parentheses where it needs them.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import count
from typing import Any

from shared.expressions.fields import SYSTEM_KINDS
from shared.expressions.schema import Kind, Schema
from shared.expressions.tree import Call, Constant, Expression, Hop, Operand, kind_of

# amount, currency (NULL: any) and the alias of the record whose money it is → the amount in the base currency.
BaseAmount = Callable[[str, str, str], str]


@dataclass(frozen=True, slots=True)
class Amount:
    """Money in SQL. Where there are several currencies, the value is empty unless those that are known agree."""

    amount: str
    currencies: tuple[str, ...] = ()

    @property
    def currency(self) -> str:
        if not self.currencies:
            return "NULL"
        return self.currencies[0] if len(self.currencies) == 1 else f"least({', '.join(self.currencies)})"

    def agreed(self, value: str) -> str:
        """``value`` where the currencies agree; ``least`` and ``greatest`` pass NULLs over in both engines."""
        if len(self.currencies) < 2:  # noqa: PLR2004 — one agrees with itself
            return value
        known = ", ".join(self.currencies)
        return f"(CASE WHEN coalesce(least({known}) = greatest({known}), true) THEN {value} END)"

    def settled(self) -> "Amount":
        return Amount(self.agreed(self.amount), (self.currency,) if self.currencies else ())


@dataclass(frozen=True, slots=True)
class Join:
    table: str
    alias: str
    on: str
    outer: bool = True

    def __str__(self) -> str:
        return f"{'LEFT' if self.outer else 'INNER'} JOIN {self.table} AS {self.alias} ON {self.on}"


@dataclass(slots=True)
class Scope:
    """One FROM being built. Where it ``fans_out``, a reference to several records becomes as many rows."""

    fans_out: bool = False
    joins: list[Join] = field(default_factory=list)
    places: dict[tuple[str, str], "Place"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """A record in a FROM: its alias, the project it is of, and the FROM."""

    alias: str
    project: str
    scope: Scope


class SqlValues(ABC):
    """Expressions over the records of a project, the root record being ``r``."""

    functions: Mapping[str, Callable[..., str]]

    def __init__(self, schema: Schema, project: str, now: datetime, base_amount: BaseAmount | None) -> None:
        self.schema = schema
        self.now = now
        self.root = Place("r", schema.project(project).key, Scope())
        self._base_amount = base_amount or self._in_base_currency
        self._numbers = count(1)

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
    def is_target(self, link: str, target: str) -> str:
        """Whether a row of `records` is alive and at the end of a row of `links`."""

    @abstractmethod
    def to_one(self, place: Place, hop: Hop, link: str, target: str) -> Sequence[Join]:
        """Outer joins from a record to the one its reference leads to: never more than a row."""

    def to_many(self, place: Place, hop: Hop, link: str, target: str) -> Sequence[Join]:
        """Inner joins from a record to all that its reference leads to."""
        own = f"{link}.record_id = {place.alias}.id AND {self.is_link(link, hop.field)}"
        return [
            Join(self.links(place.project, hop.field), link, own, outer=False),
            Join(self.records(hop.project), target, self.is_target(link, target), outer=False),
        ]

    def compile(self, expression: Expression, place: Place) -> str | Amount:
        """The value of an expression at a record; money as an `Amount`."""
        if isinstance(expression, Operand):
            return self._operand(expression, self.through(expression.hops, place))
        if isinstance(expression, Constant):
            literal = self.constant(expression.value, expression.kind)
            return Amount(literal) if expression.kind is Kind.MONEY else literal
        return self._call(expression, place)

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
        amount = _amount(value)
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
            case "round":
                value, digits = call.arguments
                return self._apply("round", [self.compile(value, place), _written(digits)])
        return self._apply(call.function, [self.compile(argument, place) for argument in call.arguments])

    def _apply(self, function: str, values: list[str | Amount]) -> str | Amount:
        if function == "count":
            values = [settled(value) for value in values]
        if function in ("if", "coalesce") and isinstance(values[-1], Amount):
            return self._choice(function, [settled(value) for value in values])
        written = self.functions["divide" if function == "ratio" else function](*map(_amount, values))
        currencies = tuple(dict.fromkeys(known for value in values for known in _currencies(value)))
        if function == "ratio":
            return Amount("", currencies).agreed(written)
        is_money = function != "count" and any(isinstance(value, Amount) for value in values)
        return Amount(written, currencies) if is_money else written

    def _choice(self, function: str, values: list[str | Amount]) -> Amount:
        """IF and COALESCE of money take the currency from where they take the amount."""
        amount = self.functions[function](*map(_amount, values))
        if function == "if":
            condition, *branches = values
            currency = self.functions["if"](_amount(condition), *map(_currency, branches))
        else:
            cases = (f"WHEN {_amount(value)} IS NOT NULL THEN {_currency(value)}" for value in values)
            currency = f"(CASE {' '.join(cases)} END)"
        return Amount(amount, (currency,))

    def base(self, value: str | Amount, place: Place) -> str:
        """Money of that record in the base currency; empty without a rate."""
        money = settled(value)
        return self._base_amount(_amount(money), _currency(money), place.alias)

    def _in_base_currency(self, amount: str, currency: str, _: str) -> str:
        base = self.constant(self.schema.base_currency, Kind.OPTION)
        return f"(CASE WHEN coalesce({currency}, {base}) = {base} THEN {amount} END)"

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


def _amount(value: str | Amount) -> str:
    return value.amount if isinstance(value, Amount) else value


def _currency(value: str | Amount) -> str:
    return value.currency if isinstance(value, Amount) else "NULL"


def _currencies(value: str | Amount) -> tuple[str, ...]:
    return value.currencies if isinstance(value, Amount) else ()


def settled(value: str | Amount) -> str | Amount:
    return value.settled() if isinstance(value, Amount) else value
