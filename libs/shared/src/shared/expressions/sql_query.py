"""Conditions and order in SQL, the same for both engines but for their words.

A condition that does not hold may come out false or NULL: WHERE and CASE read both alike, so that indexes stay
usable; only ``Not`` makes its condition two-valued.
"""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from shared.errors import Invalid
from shared.expressions.fields import ITSELF
from shared.expressions.filters import parse_filter
from shared.expressions.operators import lower
from shared.expressions.schema import Kind
from shared.expressions.sql_parts import Amount, Place, Scope
from shared.expressions.sql_values import SqlValues
from shared.expressions.tree import (
    All,
    AnyOf,
    Condition,
    Contains,
    Filter,
    IsEmpty,
    Money,
    Not,
    OneOf,
    Operand,
    Predicate,
    Range,
    Related,
    Sort,
    StartsWith,
    Test,
    Value,
)

FOLDED = (Kind.TEXT, Kind.PLACE)
MAXIMUM_LENGTH = 2_000_000
TEXTS = (*FOLDED, Kind.OPTION, Kind.USER)


class SqlQuery(SqlValues):
    """One statement over the records of a project, the root record being ``r``."""

    @abstractmethod
    def bind(self, value: Any, kind: Kind) -> str:
        """A parameter of that kind; with `Kind.OPTIONS` a list of texts."""

    @abstractmethod
    def is_not_true(self, condition: str) -> str: ...

    @abstractmethod
    def is_one_of(self, value: str, texts: Sequence[Value]) -> str: ...

    @abstractmethod
    def contains(self, value: str, text: str) -> str: ...

    @abstractmethod
    def starts_with(self, value: str, text: str) -> str: ...

    @abstractmethod
    def is_record(self, alias: str, ids: Sequence[Value]) -> str:
        """Whether the record is one of these."""

    @abstractmethod
    def has_any(self, place: Place, operand: Operand, texts: Sequence[Value]) -> str:
        """Whether a list of the record (options, tags, users, links) holds one of them."""

    @abstractmethod
    def has_none_at_all(self, place: Place, operand: Operand) -> str:
        """Whether a list of the record (files too) is empty."""

    @abstractmethod
    def is_referenced(self, place: Place, project: str, link: str) -> str:
        """Whether a living record of the project links to this one."""

    def exists(self, project: str, alias: str) -> str:
        """Whether the record is one of those that there are for who asks (see `Project.only`)."""
        only = self.schema.project(project).only
        if only is None:
            return "true"
        outside, self.within_value = self.within_value, True
        condition = self.filter(parse_filter(only, project, self.schema), Place(alias, project, Scope()))
        self.within_value = outside
        return f"({condition})"

    def checked(self, tree: Filter) -> str:
        """The condition on the root record. Raises `Invalid` where it would be longer than an engine should read."""
        condition = self.filter(tree, self.root)
        if len(condition) > MAXIMUM_LENGTH:
            raise Invalid("The filter asks too much at once: too many values of too large formulas.")
        return condition

    def filter(self, tree: Filter, place: Place) -> str:
        match tree:
            case All(conditions):
                return " AND ".join(f"({self.filter(condition, place)})" for condition in conditions) or "true"
            case AnyOf(conditions):
                return " OR ".join(f"({self.filter(condition, place)})" for condition in conditions) or "false"
            case Not(condition):
                return self.is_not_true(self.filter(condition, place))
            case Condition():
                return self.filter(lower(tree, self.now, self.schema.zone), place)
            case Related(_, project, link):
                return self.is_referenced(place, project, link)
            case Test(operand, predicate):
                return self._test(operand, predicate, place)

    def _test(self, operand: Operand, predicate: Predicate, place: Place) -> str:
        hops = operand.hops
        several = next((number for number, hop in enumerate(hops) if hop.multiple), None)
        if several is None or place.scope.fans_out:
            return self._holds(replace(operand, hops=()), predicate, self.through(hops, place))
        start = self.through(hops[:several], place)
        rest = replace(operand, hops=hops[several:])
        if isinstance(predicate, IsEmpty):
            return self.is_not_true(self._any_linked(rest, predicate, start, empty=True))
        return self._any_linked(rest, predicate, start)

    def _any_linked(self, operand: Operand, predicate: Predicate, start: Place, *, empty: bool = False) -> str:
        """Whether one of the records that a reference leads to passes (or, with ``empty``, does not)."""
        hop, *rest = operand.hops
        link, target = self.aliases()
        inner = Place(target, hop.project, Scope(fans_out=True))
        condition = self._test(replace(operand, hops=tuple(rest)), predicate, inner)
        condition = self.is_not_true(condition) if empty else condition
        table, end, is_other = self.many(start, hop, link, target)
        ids = (
            f"SELECT {link}.{end} FROM {table} AS {link}"  # noqa: S608 — quoted
            f" INNER JOIN {self.records(hop.project)} AS {target} ON {is_other}"
            f" {' '.join(map(str, inner.scope.joins))} WHERE {self.is_link(link, hop.field)} AND ({condition})"
        )
        return f"{start.alias}.id IN ({ids})"

    def _holds(self, operand: Operand, predicate: Predicate, place: Place) -> str:
        if operand.field == ITSELF:
            if isinstance(predicate, OneOf):
                return self.is_record(place.alias, predicate.values)
            return f"NOT ({self.is_there(place.alias)})"
        if operand.kind in (Kind.OPTIONS, Kind.LINK, Kind.FILE):
            if isinstance(predicate, OneOf):
                return self.has_any(place, operand, predicate.values)
            return self.has_none_at_all(place, operand)
        value = self.compile(operand, place)
        if isinstance(predicate, IsEmpty):
            return f"{value.settled().amount if isinstance(value, Amount) else value} IS NULL"
        return self._scalar(self.comparable(operand, value, place), operand.kind, predicate, place)

    def comparable(self, operand: Operand, value: str | Amount, place: Place) -> str:
        """The value as it is compared and sorted: texts folded, money in the base currency."""
        if isinstance(value, Amount):
            return self.base(value, place)
        return self.functions["fold"](value) if operand.kind in FOLDED else value

    def _scalar(self, value: str, kind: Kind, predicate: Predicate, place: Place) -> str:
        match predicate:
            case OneOf(values):
                return self._one_of(value, values, kind, place)
            case Range(low, high, low_open, high_open):
                ends = [(low, ">" if low_open else ">="), (high, "<" if high_open else "<=")]
                return " AND ".join(
                    f"{value} {sign} {self._operand_of(end, kind, place)}" for end, sign in ends if end is not None
                )
            case Contains(text):
                return self.contains(value, text)
            case StartsWith(text):
                return self.starts_with(value, text)
        raise TypeError(predicate)

    def _one_of(self, value: str, values: Sequence[Value], kind: Kind, place: Place) -> str:
        if kind in TEXTS:
            return self.is_one_of(value, values)
        wanted = [self._operand_of(each, kind, place) for each in values]
        if kind is Kind.MONEY:  # whose rate may depend on the record
            return " OR ".join(f"{value} = {each}" for each in wanted) or "false"
        return f"{value} IN ({', '.join(wanted)})" if wanted else "false"

    def _operand_of(self, value: Value, kind: Kind, place: Place) -> str:
        if isinstance(value, Money):
            currency = self.constant(value.currency, Kind.OPTION)
            return self.base(Amount(self.constant(value.amount, Kind.MONEY), (currency,)), place)
        return self.bind(value, kind)

    def sort_key(self, sort: Sort) -> str:
        place = self.through(sort.operand.hops, self.root)
        operand = replace(sort.operand, hops=())
        return self.comparable(operand, self.compile(operand, place), place)
