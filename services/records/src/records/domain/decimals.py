"""Numbers as they come in and as they are stored: exact, bounded, and the same after a journey through JSON."""

import math
import re
from decimal import Decimal

from shared.errors import Invalid

# What a JSON number carries without loss: every decimal of 15 digits survives an IEEE double.
SIGNIFICANT_DIGITS = 15
# The scale of decimals in all three backends of the expressions.
DECIMALS = 10
LARGEST_EXACT = 2**53
_TEXT = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?", re.ASCII)


def decimal_of(value: object) -> Decimal:
    """A JSON number or a plain decimal text (``12.50``; no exponent, no separators) as a decimal."""
    exact = _decimal(value)
    _sign, digits, exponent = exact.normalize().as_tuple()
    decimals = max(0, -int(exponent))
    if decimals > DECIMALS:
        raise Invalid(f"may have at most {DECIMALS} decimals.")
    if max(len(digits) + max(0, int(exponent)), decimals) > SIGNIFICANT_DIGITS:
        raise Invalid(f"may have at most {SIGNIFICANT_DIGITS} digits.")
    return exact


def canonical(value: Decimal) -> str:
    """``12.5``, ``0``, ``-3``: no exponent, no trailing zeros, no minus zero."""
    return "0" if value.is_zero() else format(value.normalize(), "f")


def number_of(text: str) -> int | float:
    """A canonical decimal as a JSON number. A computed one of more digits than JSON carries comes as near as it can."""
    number = float(text)
    return int(text) if "." not in text and abs(number) <= LARGEST_EXACT else number


def _decimal(value: object) -> Decimal:
    match value:
        case bool():
            pass
        case int() if abs(value) < 10**40:
            return Decimal(value)
        case float() if math.isfinite(value):
            return Decimal(repr(value))
        case str() if _TEXT.fullmatch(value):
            return Decimal(value)
        case int() | float():
            raise Invalid("must be a finite number of sensible size.")
    raise Invalid("must be a number, like 12.5.")
