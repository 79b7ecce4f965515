"""The primitive functions in PostgreSQL's words. Each writes its arguments as few times as SQL allows."""

from collections.abc import Callable, Mapping

from shared.expressions.calls import REACH, TEXT_LENGTH
from shared.expressions.schema import FIRST_YEAR, INTEGER_DIGITS, LAST_YEAR, SCALE

FIRST_DAY, LAST_DAY = f"{FIRST_YEAR - 1}-12-31", f"{LAST_YEAR + 1}-01-01"  # just outside
BOUND = f"1e{INTEGER_DIGITS}"
STEP = f"1e-{SCALE + 1}"
FULL_MONTH = 31  # days of the longest; makes months comparable in one number


def within(value: str, low: str, high: str) -> str:
    """The value, or NULL where it is not strictly between: written once, whatever it is."""
    return f"nullif(nullif(least(greatest({value}, {low}), {high}), {low}), {high})"


def bounded(value: str) -> str:
    return within(value, f"-{BOUND}", BOUND)


def rounded(value: str, digits: str = str(SCALE)) -> str:
    return bounded(f"round({value}, {digits})")


def quotient_of(left: str, right: str) -> str:
    """Half up at scale 10; NULL where the right is zero."""
    return rounded(f"(div({left} * 1e{SCALE + 1}, nullif({right}, 0)) * {STEP})")


def quoted(text: str) -> str:
    """A literal; a colon is escaped, so that SQLAlchemy's ``text`` sees no parameter in it."""
    escaped = text.replace("\\", "\\\\").replace("'", "''").replace(":", "\\x3a")
    return f"E'{escaped}'" if "\\" in escaped else f"'{escaped}'"


def in_order(sign: str) -> Callable[..., str]:
    return lambda left, right: f"({left} {sign} {right})"


def cased(function: str) -> Callable[[str], str]:
    """All of Unicode, and the same on every machine; the result compares by code point, as every text here."""
    return lambda value: f'({function}({value} COLLATE "pg_unicode_fast") COLLATE "C")'


def power(base: str, exponent: str) -> str:
    """In floating point, to 12 digits; kept from the arguments that PostgreSQL raises errors for."""
    magnitude = f"{exponent}::float8 * ln(nullif(abs({base}), 0))::float8"
    written = f"to_char(power({base}::float8, {exponent}::float8), '9.99999999999EEEE')::numeric"
    return (
        f"(CASE WHEN {base} = 0 THEN CASE WHEN {exponent} > 0 THEN 0 WHEN {exponent} = 0 THEN 1 END"
        f" WHEN {base} < 0 AND {exponent}::float8 <> trunc({exponent}::float8) THEN NULL"
        f" WHEN {magnitude} < -70 THEN 0 WHEN {magnitude} < 70 THEN {rounded(written)} END)"
    )


def extreme(function: str) -> Callable[..., str]:
    def write(*values: str) -> str:
        known = ", ".join(values)
        return f"(CASE WHEN num_nulls({known}) = 0 THEN {function}({known}) END)"

    return write


def steps(function: str, number: str) -> str:
    reach = REACH[function] + 1
    return within(f"trunc({number})", f"-{reach}", f"{reach}")


def day_text(value: str) -> str:
    return within(f"(to_char({value}, 'YYYY-MM-DD') COLLATE \"C\")", f"'{FIRST_DAY}'", f"'{LAST_DAY}'")


def month_number(day: str) -> str:
    year, month = (f"extract({part} from {day}::date)" for part in ("year", "month"))
    return f"(({year} * 12 + {month}) * {FULL_MONTH} + extract(day from {day}::date))"


def functions(zone: str) -> Mapping[str, Callable[..., str]]:
    return {
        "add": lambda *values: bounded(f"({' + '.join(values)})"),
        "subtract": lambda left, right: bounded(f"({left} - {right})"),
        "multiply": lambda left, right: rounded(f"({left} * {right})"),
        "divide": quotient_of,
        "modulo": lambda left, right: f"mod({left}, nullif({right}, 0))",
        "power": power,
        "negate": lambda value: f"(- {value})",
        "absolute": lambda value: f"abs({value})",
        "round": rounded,
        "minimum": extreme("least"),
        "maximum": extreme("greatest"),
        "count": lambda *values: f"num_nonnulls({', '.join(values) or 'NULL'})::numeric",
        "worth_of_text": lambda value: f"(CASE WHEN {value} IS NOT NULL THEN 0::numeric END)",
        "worth_of_boolean": lambda value: f"{value}::integer::numeric",
        "equal": in_order("="),
        "unequal": in_order("<>"),
        "less": in_order("<"),
        "less_or_equal": in_order("<="),
        "greater": in_order(">"),
        "greater_or_equal": in_order(">="),
        "and": lambda *values: f"({' AND '.join(values)})",
        "or": lambda *values: f"({' OR '.join(values)})",
        "not": lambda value: f"(NOT {value})",
        "if": lambda condition, then, otherwise: (
            f"(CASE {condition} WHEN true THEN {then} WHEN false THEN {otherwise} END)"
        ),
        "coalesce": lambda *values: f"coalesce({', '.join(values)})",
        "concat": lambda *values: f"left({' || '.join(values)}, {TEXT_LENGTH})",
        "length": lambda value: f"char_length({value})::numeric",
        "upper": cased("upper"),
        "lower": cased("lower"),
        "fold": cased("casefold"),
        "text_of_number": lambda value: f"trim_scale({value})::text",
        "local_date": lambda value: f"(to_char({value} AT TIME ZONE {quoted(zone)}, 'YYYY-MM-DD') COLLATE \"C\")",
        "days_between": lambda start, end: f"({end}::date - {start}::date)::numeric",
        "months_between": lambda start, end: f"div({month_number(end)} - {month_number(start)}, {FULL_MONTH})",
        "seconds_between": lambda start, end: f"trunc(extract(epoch from {end} - {start}))",
        "quotient": lambda value, size: f"div({value}, {size})",
        "add_days": lambda day, number: day_text(f"({day}::date + {steps('add_days', number)}::integer)"),
        "add_months": lambda day, number: day_text(
            f"({day}::date + make_interval(months => {steps('add_months', number)}::integer))"
        ),
        "add_seconds": lambda moment, number: within(
            f"({moment} + make_interval(secs => {steps('add_seconds', number)}::float8))",
            f"timestamptz '{FIRST_YEAR}-01-01 UTC'",
            f"timestamptz '{LAST_YEAR + 1}-01-01 UTC'",
        ),
    }
