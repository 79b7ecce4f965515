"""Calls of primitive functions, which know what they cost: a formula's formulas and SQL's repetitions included."""

from decimal import Decimal

from shared.errors import Invalid
from shared.expressions.schema import Kind
from shared.expressions.tree import Call, Constant, Expression, Operand, Rollup

MAXIMUM_WEIGHT = 2_000  # of which SQL is some 200 kB
MAXIMUM_DEPTH = 100
TEXT_LENGTH = 65_536  # characters; CONCAT cuts there
# How far DATEADD reaches, either way: 400 years. Beyond is empty.
REACH = {"add_days": 146_100, "add_months": 4_800, "add_seconds": 12_622_780_800}

# How often a backend may have to write an argument where SQL cannot name it.
COPIES = {"power": 6, "minimum": 2, "maximum": 2, "months_between": 3, "ratio": 2, "base": 2, "convert": 2}


def number(value: int) -> Constant:
    return Constant(Decimal(value), Kind.NUMBER)


def call(function: str, *arguments: Expression, kind: Kind) -> Call:
    """A call that knows its cost. Raises `Invalid` where it, with the formulas it uses, is too large."""
    copies = 4 if kind is Kind.MONEY and function in ("if", "coalesce") else COPIES.get(function, 1)
    costs = [cost(argument) for argument in arguments]
    weight = 1 + copies * sum(weight for weight, _ in costs)
    depth = 1 + max((depth for _, depth in costs), default=0)
    if weight > MAXIMUM_WEIGHT or depth > MAXIMUM_DEPTH:
        raise Invalid("The formula, together with the formulas it uses, is too large.")
    return Call(function, arguments, kind, weight, depth)


def cost(expression: Expression) -> tuple[int, int]:
    """Weight and depth."""
    if isinstance(expression, Call | Rollup):
        return expression.weight, expression.depth
    if isinstance(expression, Operand) and expression.formula is not None:
        return cost(expression.formula)
    return 1, 1
