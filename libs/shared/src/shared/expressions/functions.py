"""The functions and operators of formulas: what each takes, what it gives, and the primitives it comes down to.

A backend knows the primitives only. They are empty where an argument is, but for ``count``, ``if``,
``coalesce``, ``and`` and ``or`` (false AND empty is false). Numbers are rounded half up to scale 10 after each step.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial, reduce

from shared.errors import Invalid
from shared.expressions.arguments import ZERO, as_date, base, day, require_single, same, want
from shared.expressions.calls import call, number
from shared.expressions.schema import SCALE, Kind
from shared.expressions.tree import Call, Constant, Expression, kind_of

NUMERIC = (Kind.NUMBER, Kind.MONEY)
ORDERED = (*NUMERIC, Kind.DATE, Kind.DATETIME)
DAYS = Constant("days", Kind.TEXT)
# What a unit of time counts in, and how many of those it is.
UNITS = {
    "second": ("seconds", 1),
    "minute": ("seconds", 60),
    "hour": ("seconds", 3_600),
    "day": ("days", 1),
    "week": ("days", 7),
    "month": ("months", 1),
    "year": ("months", 12),
}
ANY = 500  # arguments

Builder = Callable[..., Expression]


def _sum(name: str, *arguments: Expression) -> Expression:
    kind, arguments = same(name, *arguments, kinds=NUMERIC)
    return call("add", *arguments, kind=kind)


def _subtract(name: str, left: Expression, right: Expression) -> Expression:
    kind, arguments = same(name, left, right, kinds=NUMERIC)
    return call("subtract", *arguments, kind=kind)


def _product(name: str, *arguments: Expression) -> Expression:
    for argument in arguments:
        want(name, argument, *NUMERIC)
    return reduce(partial(_multiply, name), arguments)


def _multiply(name: str, left: Expression, right: Expression) -> Expression:
    kinds = {left.kind, right.kind}
    if left.kind is right.kind is Kind.MONEY:
        raise Invalid(f"{name} cannot multiply money by money.")
    return call("multiply", left, right, kind=Kind.MONEY if Kind.MONEY in kinds else Kind.NUMBER)


def _divide(name: str, left: Expression, right: Expression) -> Expression:
    want(name, left, *NUMERIC)
    want(name, right, *NUMERIC)
    if right.kind is Kind.MONEY:
        if left.kind is not Kind.MONEY:
            raise Invalid(f"{name} cannot divide a number by money.")
        return call("ratio", left, right, kind=Kind.NUMBER)
    return call("divide", left, right, kind=left.kind)


def _numbers(function: str, name: str, left: Expression, right: Expression) -> Expression:
    want(name, left, Kind.NUMBER)
    want(name, right, Kind.NUMBER)
    return call(function, left, right, kind=Kind.NUMBER)


def _alike(function: str, name: str, argument: Expression) -> Expression:
    want(name, argument, *NUMERIC)
    return call(function, argument, kind=argument.kind)


def _average(name: str, *arguments: Expression) -> Expression:
    return _divide(name, _sum(name, *arguments), number(len(arguments)))


def _average_of_all(name: str, *arguments: Expression) -> Expression:
    return _average(name, *(_worth(name, argument) for argument in arguments))


def _worth(name: str, argument: Expression) -> Expression:
    """What AVERAGEA counts: a text as 0, a truth value as 1 or 0."""
    kind = kind_of(argument)
    if kind in (Kind.TEXT, Kind.BOOLEAN):
        return call(f"worth_of_{kind}", argument, kind=Kind.NUMBER)
    want(name, argument, *NUMERIC, Kind.TEXT, Kind.BOOLEAN)
    return argument


def _count(_: str, *arguments: Expression) -> Expression:
    return call("count", *(argument for argument in arguments if argument.kind in NUMERIC), kind=Kind.NUMBER)


def _count_all(_: str, *arguments: Expression) -> Expression:
    return call("count", *arguments, kind=Kind.NUMBER)


def _extreme(function: str, name: str, *arguments: Expression) -> Expression:
    kind, arguments = same(name, *arguments, kinds=ORDERED)
    return call(function, *arguments, kind=kind)


def _round(name: str, argument: Expression, digits: Expression = ZERO) -> Expression:
    want(name, argument, *NUMERIC)
    sign = -1 if isinstance(digits, Call) and digits.function == "negate" else 1
    number = digits.arguments[0] if isinstance(digits, Call) and sign < 0 else digits
    places = number.value if isinstance(number, Constant) else None
    if not isinstance(places, Decimal) or places != int(places) or places > SCALE:
        raise Invalid(f"{name}: the number of digits is written out, a whole number from -{SCALE} to {SCALE}.")
    return call("round", argument, Constant(sign * places, Kind.NUMBER), kind=argument.kind)


def _if(name: str, condition: Expression, then: Expression, otherwise: Expression | None = None) -> Expression:
    want(name, condition, Kind.BOOLEAN)
    if otherwise is None:
        return call("if", condition, then, Constant(None, kind_of(then)), kind=kind_of(then))
    kind, (then, otherwise) = same(name, then, otherwise)
    return call("if", condition, then, otherwise, kind=kind)


def _coalesce(name: str, *arguments: Expression) -> Expression:
    kind, arguments = same(name, *arguments)
    return call("coalesce", *arguments, kind=kind)


def _concat(name: str, *arguments: Expression) -> Expression:
    return call("concat", *(_as_text(name, argument) for argument in arguments), kind=Kind.TEXT)


def _as_text(name: str, argument: Expression) -> Expression:
    want(name, argument, Kind.TEXT, Kind.NUMBER, Kind.DATE)
    return call("text_of_number", argument, kind=Kind.TEXT) if argument.kind is Kind.NUMBER else argument


def _text(function: str, kind: Kind, name: str, argument: Expression) -> Expression:
    want(name, argument, Kind.TEXT)
    return call(function, argument, kind=kind)


def _compare(function: str, name: str, left: Expression, right: Expression) -> Expression:
    """Money compares in the base currency, with a number too; texts case-folded; a moment with a date by its day."""
    kinds = {kind_of(left), kind_of(right)}
    if Kind.MONEY in kinds and kinds <= {*NUMERIC}:
        left, right = base(left), base(right)
    elif kinds == {Kind.DATE, Kind.DATETIME}:
        left, right = day(left), day(right)
    elif kinds == {Kind.TEXT}:
        left, right = call("fold", left, kind=Kind.TEXT), call("fold", right, kind=Kind.TEXT)
    _, arguments = same(name, left, right)
    if kind_of(arguments[0]) is Kind.BOOLEAN and function not in ("equal", "unequal"):
        raise Invalid(f"{name} cannot order truth values.")
    return call(function, *arguments, kind=Kind.BOOLEAN)


def _logic(function: str, name: str, *arguments: Expression) -> Expression:
    for argument in arguments:
        want(name, argument, Kind.BOOLEAN)
    return call(function, *arguments, kind=Kind.BOOLEAN)


def _unit(name: str, unit: Expression) -> tuple[str, int]:
    """The unit written out: what it counts in (days, months or seconds), and how many of those it is."""
    word = str(unit.value).lower().removesuffix("s") if isinstance(unit, Constant) else ""
    if word not in UNITS:
        raise Invalid(f"{name}: the unit is written out, one of {', '.join(f'{known}s' for known in UNITS)}.")
    return UNITS[word]


def _difference(name: str, start: Expression, end: Expression, unit: Expression = DAYS) -> Expression:
    """Whole units from the first to the second, negative when the second is earlier."""
    counted, size = _unit(name, unit)
    kinds = (Kind.DATETIME,) if counted == "seconds" else (Kind.DATE, Kind.DATETIME)
    start, end = as_date(start), as_date(end)
    for argument in (start, end):
        want(name, argument, *kinds)
    if counted != "seconds":
        start, end = day(start), day(end)
    between = call(f"{counted}_between", start, end, kind=Kind.NUMBER)
    return between if size == 1 else call("quotient", between, number(size), kind=Kind.NUMBER)


def _shift(name: str, start: Expression, amount: Expression, unit: Expression = DAYS) -> Expression:
    """Days and longer count in calendar days and give a date; hours and shorter give a moment."""
    counted, size = _unit(name, unit)
    start = as_date(start)
    want(name, start, *((Kind.DATETIME,) if counted == "seconds" else (Kind.DATE, Kind.DATETIME)))
    want(name, amount, Kind.NUMBER)
    steps = amount if size == 1 else call("multiply", amount, number(size), kind=Kind.NUMBER)
    if counted == "seconds":
        return call("add_seconds", start, steps, kind=Kind.DATETIME)
    return call(f"add_{counted}", day(start), steps, kind=Kind.DATE)


def _clock(function: str, kind: Kind, _: str) -> Expression:
    return call(function, kind=kind)


def apply(name: str, *arguments: Expression) -> Expression:
    """The function or operator of that name, upper case, on typed arguments. Raises `Invalid` where they do not fit."""
    if name not in FUNCTIONS:
        raise Invalid(f"There is no function {name}.")
    build, least, most = FUNCTIONS[name]
    if not least <= len(arguments) <= most:
        raise Invalid(f"{name} takes {_amount(least, most)}, not {len(arguments)}.")
    for argument in arguments:
        require_single(argument)
    return build(name, *arguments)


def _amount(least: int, most: int) -> str:
    if most == ANY:
        return f"at least {least} arguments"
    return f"{least} arguments" if least == most else f"{least} to {most} arguments"


FUNCTIONS: Mapping[str, tuple[Builder, int, int]] = {
    "+": (_sum, 2, ANY),
    "-": (_subtract, 2, 2),
    "*": (_product, 2, 2),
    "/": (_divide, 2, 2),
    "%": (partial(_numbers, "modulo"), 2, 2),
    "^": (partial(_numbers, "power"), 2, 2),
    "NEGATE": (partial(_alike, "negate"), 1, 1),
    "=": (partial(_compare, "equal"), 2, 2),
    "!=": (partial(_compare, "unequal"), 2, 2),
    "<": (partial(_compare, "less"), 2, 2),
    "<=": (partial(_compare, "less_or_equal"), 2, 2),
    ">": (partial(_compare, "greater"), 2, 2),
    ">=": (partial(_compare, "greater_or_equal"), 2, 2),
    "AND": (partial(_logic, "and"), 1, ANY),
    "OR": (partial(_logic, "or"), 1, ANY),
    "NOT": (partial(_logic, "not"), 1, 1),
    "SUM": (_sum, 1, ANY),
    "AVERAGE": (_average, 1, ANY),
    "AVERAGEA": (_average_of_all, 1, ANY),
    "COUNT": (_count, 1, ANY),
    "COUNTA": (_count_all, 1, ANY),
    "MIN": (partial(_extreme, "minimum"), 1, ANY),
    "MAX": (partial(_extreme, "maximum"), 1, ANY),
    "MINUS": (_subtract, 2, 2),
    "MULTIPLY": (_product, 1, ANY),
    "ROUND": (_round, 1, 2),
    "ABS": (partial(_alike, "absolute"), 1, 1),
    "IF": (_if, 2, 3),
    "COALESCE": (_coalesce, 1, ANY),
    "CONCAT": (_concat, 1, ANY),
    "LEN": (partial(_text, "length", Kind.NUMBER), 1, 1),
    "UPPER": (partial(_text, "upper", Kind.TEXT), 1, 1),
    "LOWER": (partial(_text, "lower", Kind.TEXT), 1, 1),
    "TODAY": (partial(_clock, "today", Kind.DATE), 0, 0),
    "NOW": (partial(_clock, "now", Kind.DATETIME), 0, 0),
    "DATEDIFF": (_difference, 2, 3),
    "DATEADD": (_shift, 2, 3),
}
