"""The primitive functions in ClickHouse's words. Numbers are Decimal(76, 10) throughout: products of two fit it."""

from collections.abc import Callable, Mapping

from shared.expressions.calls import REACH, TEXT_LENGTH
from shared.expressions.schema import FIRST_YEAR, INTEGER_DIGITS, LAST_YEAR, SCALE

NUMBER = f"Nullable(Decimal(76, {SCALE}))"
FIRST_DAY, LAST_DAY = f"'{FIRST_YEAR - 1}-12-31'", f"'{LAST_YEAR + 1}-01-01'"  # just outside
BOUND = f"toDecimal256('1e{INTEGER_DIGITS}', {SCALE})"
# Division gives the digits of its left side: one more than there are of the right side and the result together.
DIVIDEND = f"Nullable(Decimal(76, {2 * SCALE + 1}))"
FLOAT_SCALE = 30
FULL_MONTH = 31  # days of the longest; makes months comparable in one number


def within(value: str, low: str, high: str) -> str:
    """The value, or NULL where it is not strictly between: written once, whatever it is."""
    return f"nullIf(nullIf(least(greatest({value}, {low}), {high}), {low}), {high})"


def bounded(value: str) -> str:
    return within(value, f"-{BOUND}", BOUND)


def rounded(value: str, digits: str = str(SCALE)) -> str:
    return bounded(f"CAST(round({value}, {digits}), '{NUMBER}')")


def quotient_of(left: str, right: str) -> str:
    """Half up at scale 10; NULL where the right is zero."""
    return rounded(f"(CAST({left}, '{DIVIDEND}') / nullIf({right}, 0))")


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def in_order(sign: str) -> Callable[..., str]:
    return lambda left, right: f"({left} {sign} {right})"


def power(base: str, exponent: str) -> str:
    """In floating point, to 12 digits; what is no number or too large a one does not parse."""
    result = f"pow(toFloat64({base}), toFloat64({exponent}))"
    return rounded(f"toDecimal256OrNull(printf('%.11e', {result}), {FLOAT_SCALE})")


def extreme(function: str) -> Callable[..., str]:
    def write(*values: str) -> str:
        missing = " OR ".join(f"isNull({value})" for value in values)
        return f"if({missing}, NULL, {function}({', '.join(values)}))"

    return write


def steps(function: str, number: str) -> str:
    reach = REACH[function] + 1
    low, high = (f"toDecimal256('{sign}{reach}', {SCALE})" for sign in ("-", ""))
    return f"toInt64({within(f'trunc({number})', low, high)})"


def day(text: str) -> str:
    return f"toDate32OrNull({text})"


def day_text(value: str) -> str:
    return within(f"toString({value})", FIRST_DAY, LAST_DAY)


def month_number(text: str) -> str:
    months = f"(toYear({day(text)}) * 12 + toMonth({day(text)}))"
    return f"(toInt64({months}) * {FULL_MONTH} + toDayOfMonth({day(text)}))"


def decimal(value: str) -> str:
    return f"CAST({value}, '{NUMBER}')"


def functions(zone: str) -> Mapping[str, Callable[..., str]]:
    return {
        "add": lambda *values: bounded(f"({' + '.join(values)})"),
        "subtract": lambda left, right: bounded(f"({left} - {right})"),
        "multiply": lambda left, right: rounded(f"({left} * {right})"),
        "divide": quotient_of,
        "modulo": lambda left, right: f"({left} % nullIf({right}, 0))",
        "power": power,
        "negate": lambda value: f"negate({value})",
        "absolute": lambda value: f"abs({value})",
        "round": rounded,
        "minimum": extreme("least"),
        "maximum": extreme("greatest"),
        "count": lambda *values: decimal(" + ".join(f"isNotNull({value})" for value in values) or "0"),
        "worth_of_text": lambda value: f"if(isNull({value}), NULL, {decimal('0')})",
        "worth_of_boolean": decimal,
        "equal": in_order("="),
        "unequal": in_order("!="),
        "less": in_order("<"),
        "less_or_equal": in_order("<="),
        "greater": in_order(">"),
        "greater_or_equal": in_order(">="),
        "and": lambda *values: f"({' AND '.join(values)})",
        "or": lambda *values: f"({' OR '.join(values)})",
        "not": lambda value: f"(NOT {value})",
        "if": lambda condition, then, otherwise: (
            f"multiIf(isNull({condition}), NULL, {condition}, {then}, {otherwise})"
        ),
        "coalesce": lambda *values: f"coalesce({', '.join(values)})",
        "concat": lambda *values: f"leftUTF8(concat({', '.join(values)}), {TEXT_LENGTH})",
        "length": lambda value: decimal(f"lengthUTF8({value})"),
        "upper": lambda value: f"upperUTF8({value})",
        "lower": lambda value: f"lowerUTF8({value})",
        "fold": lambda value: f"caseFoldUTF8({value})",
        "text_of_number": lambda value: f"toString({value})",
        "local_date": lambda value: f"formatDateTime({value}, '%F', {quoted(zone)})",
        "days_between": lambda start, end: decimal(f"dateDiff('day', {day(start)}, {day(end)})"),
        "months_between": lambda start, end: decimal(
            f"intDiv({month_number(end)} - {month_number(start)}, {FULL_MONTH})"
        ),
        "seconds_between": lambda start, end: decimal(f"intDiv({milliseconds(end)} - {milliseconds(start)}, 1000)"),
        "quotient": lambda value, size: f"trunc({value} / {size})",
        "add_days": lambda text, number: day_text(f"addDays({day(text)}, {steps('add_days', number)})"),
        "add_months": lambda text, number: day_text(f"addMonths({day(text)}, {steps('add_months', number)})"),
        "add_seconds": lambda moment, number: within(
            f"addSeconds({moment}, {steps('add_seconds', number)})",
            f"toDateTime64('{FIRST_YEAR}-01-01 00:00:00', 3, 'UTC')",
            f"toDateTime64('{LAST_YEAR}-12-31 23:59:59.999', 3, 'UTC')",
        ),
    }


def milliseconds(moment: str) -> str:
    return f"toUnixTimestamp64Milli({moment})"
