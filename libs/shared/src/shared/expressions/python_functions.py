"""The primitive functions in Python. An empty argument makes the result empty, but for the last five."""

import math
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from operator import eq, ge, gt, le, lt, ne
from typing import Any
from zoneinfo import ZoneInfo

from shared.expressions.calls import REACH, TEXT_LENGTH
from shared.expressions.moments import add_months
from shared.expressions.schema import FIRST_YEAR, LAST_YEAR
from shared.expressions.tree import Money
from shared.expressions.values import EXACT, exact

FULL_MONTH = 31  # days of the longest; makes months comparable in one number
FIRST_MOMENT, LAST_MOMENT = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC), datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC)
ANY_CURRENCY = ""  # of a plain 0 that stands for money

Function = Callable[..., Any]


def strict(function: Function) -> Function:
    return lambda *values: None if None in values else function(*values)


def of_money(function: Function) -> Function:
    """The function on amounts: empty where currencies differ, else in the one there is. Numbers pass through."""

    def apply(*values: Any) -> Any:
        if not any(isinstance(value, Money) for value in values):
            return function(*values)
        currencies = _currencies(values)
        result = function(*map(_amount, values)) if len(currencies) < 2 else None  # noqa: PLR2004 — one agrees
        return None if result is None else Money(result, next(iter(currencies), ANY_CURRENCY))

    return strict(apply)


def _currencies(values: tuple[Any, ...]) -> set[str]:
    return {value.currency for value in values if isinstance(value, Money)} - {ANY_CURRENCY}


def _amount(value: Any) -> Any:
    return value.amount if isinstance(value, Money) else value


def add(*values: Decimal) -> Decimal | None:
    total = Decimal(0)
    for value in values:
        total = EXACT.add(total, value)
    return exact(total)


def divide(left: Decimal, right: Decimal) -> Decimal | None:
    return exact(EXACT.divide(left, right)) if right else None


def ratio(left: Money, right: Money) -> Decimal | None:
    return divide(left.amount, right.amount) if len(_currencies((left, right))) < 2 else None  # noqa: PLR2004


def modulo(left: Decimal, right: Decimal) -> Decimal | None:
    return EXACT.remainder(left, right) if right else None


def power(base: Decimal, exponent: Decimal) -> Decimal | None:
    """In floating point, to 12 digits."""
    try:
        return exact(Decimal(f"{math.pow(base, exponent):.11e}"))
    except (OverflowError, ValueError):
        return None


def round_(value: Decimal, digits: Decimal) -> Decimal | None:
    return exact(value.quantize(Decimal(1).scaleb(-int(digits)), context=EXACT))


def all_hold(*values: bool | None) -> bool | None:
    """AND: false if one is, whatever is missing."""
    return False if False in values else _unless_missing(values, otherwise=True)


def any_holds(*values: bool | None) -> bool | None:
    """OR: true if one is, whatever is missing."""
    return True if True in values else _unless_missing(values, otherwise=False)


def _unless_missing(values: tuple[bool | None, ...], *, otherwise: bool) -> bool | None:
    return None if None in values else otherwise


def choose(condition: bool | None, then: Any, otherwise: Any) -> Any:  # noqa: FBT001 — IF's own argument
    return None if condition is None else then if condition else otherwise


def coalesce(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def count(*values: Any) -> Decimal:
    return Decimal(sum(value is not None for value in values))


def number_text(value: Decimal) -> str:
    """Without trailing zeros, exponent or a negative zero."""
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def _steps(function: str, number: Decimal) -> int | None:
    whole = int(number)
    return whole if abs(whole) <= REACH[function] else None


def _day_text(day: date) -> str | None:
    return day.isoformat() if FIRST_YEAR <= day.year <= LAST_YEAR else None


def add_days(day: str, number: Decimal) -> str | None:
    steps = _steps("add_days", number)
    return None if steps is None else _day_text(date.fromisoformat(day) + timedelta(days=steps))


def add_whole_months(day: str, number: Decimal) -> str | None:
    steps = _steps("add_months", number)
    return None if steps is None else _day_text(add_months(date.fromisoformat(day), steps))


def add_seconds(moment: datetime, number: Decimal) -> datetime | None:
    steps = _steps("add_seconds", number)
    moved = None if steps is None else moment + timedelta(seconds=steps)
    return moved if moved and FIRST_MOMENT < moved < LAST_MOMENT else None


def days_between(start: str, end: str) -> Decimal:
    return Decimal((date.fromisoformat(end) - date.fromisoformat(start)).days)


def months_between(start: str, end: str) -> Decimal:
    return Decimal(int((_month_number(end) - _month_number(start)) / FULL_MONTH))


def _month_number(text: str) -> int:
    day = date.fromisoformat(text)
    return (day.year * 12 + day.month) * FULL_MONTH + day.day


def seconds_between(start: datetime, end: datetime) -> Decimal:
    return Decimal(int((end - start) / timedelta(seconds=1)))


@lru_cache
def functions(zone: ZoneInfo) -> Mapping[str, Function]:
    amounts: dict[str, Function] = {
        "add": add,
        "subtract": lambda left, right: exact(EXACT.subtract(left, right)),
        "multiply": lambda left, right: exact(EXACT.multiply(left, right)),
        "divide": divide,
        "negate": EXACT.minus,
        "absolute": EXACT.abs,
        "round": round_,
        "minimum": min,
        "maximum": max,
    }
    plain: dict[str, Function] = {
        "ratio": ratio,
        "modulo": modulo,
        "power": power,
        "worth_of_text": lambda _: Decimal(0),
        "worth_of_boolean": Decimal,
        "equal": eq,
        "unequal": ne,
        "less": lt,
        "less_or_equal": le,
        "greater": gt,
        "greater_or_equal": ge,
        "not": lambda value: not value,
        "concat": lambda *texts: "".join(texts)[:TEXT_LENGTH],
        "length": lambda text: Decimal(len(text)),
        "upper": str.upper,
        "lower": str.lower,
        "fold": str.casefold,
        "text_of_number": number_text,
        "local_date": lambda moment: moment.astimezone(zone).date().isoformat(),
        "days_between": days_between,
        "months_between": months_between,
        "seconds_between": seconds_between,
        "quotient": EXACT.divide_int,
        "add_days": add_days,
        "add_months": add_whole_months,
        "add_seconds": add_seconds,
    }
    return {
        **{name: of_money(function) for name, function in amounts.items()},
        **{name: strict(function) for name, function in plain.items()},
        "and": all_hold,
        "or": any_holds,
        "if": choose,
        "coalesce": coalesce,
        "count": count,
    }
