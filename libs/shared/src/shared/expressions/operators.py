"""The operators of the filter language: which kinds each fits, what values it takes, and what it comes down to.

Backends know five predicates only. Whatever is said by "not" of another operator matches empty values too.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any
from zoneinfo import ZoneInfo

from shared.expressions.moments import Relative, When, start_of
from shared.expressions.schema import Kind
from shared.expressions.tree import (
    All,
    AnyOf,
    Condition,
    Contains,
    Filter,
    IsEmpty,
    Not,
    OneOf,
    Operand,
    Predicate,
    Range,
    StartsWith,
    Test,
    Value,
)


class Takes(Enum):
    """How many values an operator wants, and what they are."""

    NOTHING = auto()
    ONE = auto()
    TWO = auto()
    SEVERAL = auto()
    DURATION = auto()


EQUALITY = frozenset({"eq", "ne", "in", "not_in"})
ORDER = frozenset({"lt", "lte", "gt", "gte", "between"})
TEXT = frozenset({"contains", "starts_with"})
TIME = frozenset({"before", "after", "within_last", "within_next", "in_future", "in_past"})
MEMBERS = frozenset({"has_any", "has_all", "has_none"})
EMPTINESS = frozenset({"is_empty", "is_not_empty"})
OPERATORS = EQUALITY | ORDER | TEXT | TIME | MEMBERS | EMPTINESS

FITTING: Mapping[Kind, frozenset[str]] = {
    Kind.TEXT: EQUALITY | TEXT,
    Kind.PLACE: EQUALITY | TEXT,
    Kind.NUMBER: EQUALITY | ORDER,
    Kind.MONEY: EQUALITY | ORDER,
    Kind.BOOLEAN: EQUALITY,
    Kind.DATE: EQUALITY | ORDER | TIME,
    Kind.DATETIME: EQUALITY | ORDER | TIME,
    Kind.OPTION: EQUALITY,
    Kind.OPTIONS: EQUALITY,
    Kind.USER: EQUALITY,
    Kind.LINK: EQUALITY,
    Kind.FILE: frozenset(),
}
TAKES: Mapping[str, Takes] = {
    **dict.fromkeys(OPERATORS, Takes.ONE),
    **dict.fromkeys(("in", "not_in", *MEMBERS), Takes.SEVERAL),
    **dict.fromkeys((*EMPTINESS, "in_future", "in_past"), Takes.NOTHING),
    **dict.fromkeys(("within_last", "within_next"), Takes.DURATION),
    "between": Takes.TWO,
}
OPPOSITES = {"ne": "eq", "not_in": "in", "has_none": "has_any", "is_not_empty": "is_empty"}
SYNONYMS = {"eq": "one_of", "in": "one_of", "has_any": "one_of", "before": "lt", "after": "gt"}
NOW = Relative(0, 0, 0)

# What an argument covers: from, to, and whether the end lies just outside. A day in a field of moments is all of it.
Span = tuple[Value, Value, bool]


def fits(op: str, operand: Operand) -> bool:
    fitting = FITTING[operand.kind]
    members = MEMBERS if operand.many and fitting else frozenset()
    return op in fitting | members | EMPTINESS


def lower(condition: Condition, now: datetime, zone: ZoneInfo) -> Filter:
    """The condition in terms of predicates, with everything relative made absolute."""
    op = OPPOSITES.get(condition.op, condition.op)
    lowered = _lower(SYNONYMS.get(op, op), condition, now, zone)
    return lowered if op == condition.op else Not(lowered)


def _lower(op: str, condition: Condition, now: datetime, zone: ZoneInfo) -> Filter:
    operand, arguments = condition.operand, condition.arguments
    if op == "has_all":
        each = (replace(condition, arguments=(argument,)) for argument in arguments)
        return All(tuple(_lower("one_of", one, now, zone) for one in each))
    if operand.kind in (Kind.DATE, Kind.DATETIME) and op != "is_empty":
        op, arguments = _around_now(op, arguments)
        spans = [_span(operand.kind, argument, now, zone) for argument in arguments]
        if op == "one_of":
            return AnyOf(tuple(Test(operand, Range(low, high, high_open=open_)) for low, high, open_ in spans))
        return Test(operand, _range(op, *spans))
    return Test(operand, _predicate(op, arguments))


def _predicate(op: str, arguments: tuple[Value, ...]) -> Predicate:
    match op:
        case "is_empty":
            return IsEmpty()
        case "one_of":
            return OneOf(arguments)
        case "contains":
            return Contains(str(arguments[0]))
        case "starts_with":
            return StartsWith(str(arguments[0]))
    return _range(op, *((value, value, False) for value in arguments))


def _around_now(op: str, arguments: tuple[Any, ...]) -> tuple[str, tuple[When, ...]]:
    match op:
        case "within_last":
            return "between", (arguments[0].negated(), NOW)
        case "within_next":
            return "between", (NOW, arguments[0])
        case "in_future":
            return "gt", (NOW,)
        case "in_past":
            return "lt", (NOW,)
    return op, arguments


def _span(kind: Kind, when: When, now: datetime, zone: ZoneInfo) -> Span:
    moment = when.after(now, zone) if isinstance(when, Relative) else when
    if kind is Kind.DATE:
        day = (moment.astimezone(zone).date() if isinstance(moment, datetime) else moment).isoformat()
        return day, day, False
    if isinstance(moment, datetime):
        return moment, moment, False
    return start_of(moment, zone), start_of(moment + timedelta(days=1), zone), True


def _range(op: str, *spans: Span) -> Range:
    (low, high, high_open), *_ = spans
    match op:
        case "lt":
            return Range(high=low, high_open=True)
        case "lte":
            return Range(high=high, high_open=high_open)
        case "gt":
            return Range(low=high, low_open=not high_open)
        case "gte":
            return Range(low=low)
    return Range(low, spans[1][1], high_open=spans[1][2])
