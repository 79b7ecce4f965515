"""What the arguments of a function may be, and the little that is read as something else."""

from datetime import date
from decimal import Decimal

from shared.errors import Invalid
from shared.expressions.calls import call, number
from shared.expressions.schema import Kind
from shared.expressions.tree import Constant, Expression, Operand, kind_of

ZERO = number(0)


def want(name: str, argument: Expression, *kinds: Kind) -> None:
    if kind_of(argument) not in kinds:
        wanted = " or ".join(dict.fromkeys(kinds))
        raise Invalid(f"{name} takes {wanted}, not {kind_of(argument)}.")


def same(
    name: str, *arguments: Expression, kinds: tuple[Kind, ...] = tuple(Kind)
) -> tuple[Kind, tuple[Expression, ...]]:
    """All arguments as one kind. A plain 0 is money where money stands beside it; a text may be a date."""
    found = {kind_of(argument) for argument in arguments if not _is_zero(argument)} or {Kind.NUMBER}
    if found == {Kind.DATE, Kind.TEXT}:
        arguments, found = tuple(as_date(argument) for argument in arguments), {Kind.DATE}
    if found == {Kind.MONEY}:
        arguments = tuple(
            Constant(Decimal(0), Kind.MONEY) if _is_zero(argument) else argument for argument in arguments
        )
    elif any(_is_zero(argument) for argument in arguments):
        found.add(Kind.NUMBER)
    if len(found) > 1:
        raise Invalid(f"{name} cannot mix {' and '.join(sorted(found))}.")
    kind = found.pop()
    want(name, arguments[0], *kinds)
    return kind, arguments


def _is_zero(argument: Expression) -> bool:
    return argument == ZERO


def as_date(argument: Expression) -> Expression:
    if not isinstance(argument, Constant) or kind_of(argument) is Kind.DATE:
        return argument
    try:
        return Constant(date.fromisoformat(str(argument.value)).isoformat(), Kind.DATE)
    except ValueError:
        raise Invalid(f'"{argument.value}" is not a date: write "2026-01-31".') from None


def require_single(argument: Expression) -> None:
    if isinstance(argument, Operand) and argument.many:
        raise Invalid(f"'{argument.field}' may hold several values; a formula works with one.")


def base(argument: Expression) -> Expression:
    return call("base", argument, kind=Kind.NUMBER) if argument.kind is Kind.MONEY else argument


def day(argument: Expression) -> Expression:
    return call("local_date", argument, kind=Kind.DATE) if argument.kind is Kind.DATETIME else argument
