"""A question about a measure as one SELECT: added up by day first, so that intervals can see how days differ.

Its parameters, bound by the server: ``start``, ``end``, ``zone``, ``weekdays``. What stands in `Part` is SQL already.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from analytics.domain.metric import Measure, Shape
from analytics.domain.question import Bucket, Period

# Never more rows than a page could show.
MOST_POINTS = 20_000
# A bucket of these lies within a day: there are no days in it that could differ.
FINE = ("hour", "day")
BUCKETS = {
    "hour": "toTimeZone(toStartOfHour(toTimeZone({at}, {{zone:String}})), 'UTC')",
    "day": "toDate({at}, {{zone:String}})",
    "week": "toMonday(toDate({at}, {{zone:String}}))",
    "month": "toStartOfMonth(toDate({at}, {{zone:String}}))",
}
NO_DAY = "toDate('1970-01-01')"
# How a column is put together from its parts: of several projects, and of the days.
JOINED = {"sum": "sum({})", "set": "groupUniqArrayArray({})"}


@dataclass(frozen=True, slots=True)
class Part:
    """A measure over one source. ``source`` is the FROM, ``conditions`` what else must hold, ``group`` a value."""

    measure: Measure
    source: str
    conditions: tuple[str, ...] = ()
    group: str | None = None
    bucket: Bucket | None = None

    @property
    def keys(self) -> list[str]:
        return ["grouped"] * bool(self.group) + ["bucket"] * bool(self.bucket)

    @property
    def by_day(self) -> list[str]:
        return self.keys if self.bucket in FINE else [*self.keys, "day"]


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    expression: str
    joined: Literal["sum", "set"] = "sum"


def statement(parts: Sequence[Part], shape: Shape, *, few_days: bool) -> str:
    """One row a group and bucket: ``grouped, bucket, numerator, denominator, of_all, days``, the sums for intervals.

    Several parts (the deals of several projects) are added up as if they were one. With ``few_days`` there are also
    the sums that a mean's interval needs where the days cannot give it.
    """
    first, columns = parts[0], _columns(parts[0].measure, shape, few_days=few_days)
    by_day = " UNION ALL ".join(_by_day(part, shape, few_days=few_days) for part in parts)
    if len(parts) > 1:
        joined = [*first.by_day, *(f"{JOINED[each.joined].format(each.name)} AS {each.name}" for each in columns)]
        by_day = f"SELECT {', '.join(joined)} FROM ({by_day}){_grouping(first.by_day)}"
    found = [
        *first.keys,
        *_totals(),
        *(f"{JOINED[each.joined].format(each.name)} AS {each.name}" for each in columns[3:]),
    ]
    return f"SELECT {', '.join(found)} FROM ({by_day}){_grouping(first.keys)}{_ending(first.keys)}"


def quantile_statement(part: Part, shares: Sequence[float]) -> str:
    """One row a group and bucket: the exact values of ``spread`` at these shares of the sorted values, ``found``."""
    measure = part.measure
    levels = ", ".join(f"{share:.9f}" for share in shares)
    counted = f"{_where(part)} AND ({measure.denominator}) AND isNotNull({measure.spread})"
    found = [*_keys(part), f"quantilesExactLow({levels})(assumeNotNull({measure.spread})) AS found"]
    grouping = f"{_grouping(part.keys)}{_ending(part.keys)}"
    return f"SELECT {', '.join(found)} FROM {part.source} WHERE {counted}{grouping}"


def parameters(period: Period, zone: str) -> dict[str, Any]:
    return {"start": period.start, "end": period.end, "zone": zone, "weekdays": list(period.weekdays)}


def _by_day(part: Part, shape: Shape, *, few_days: bool) -> str:
    measure = part.measure
    columns = _columns(measure, shape, few_days=few_days)
    day = NO_DAY if measure.timeless else BUCKETS["day"].format(at=measure.at)
    selected = [*_keys(part), *([f"{day} AS day"] if "day" in part.by_day else [])]
    selected += [f"{each.expression} AS {each.name}" for each in columns]
    return f"SELECT {', '.join(selected)} FROM {part.source} WHERE {_where(part)}{_grouping(part.by_day)}"


def _keys(part: Part) -> list[str]:
    grouped = [f"{part.group} AS grouped"] if part.group else []
    return grouped + ([f"{BUCKETS[part.bucket].format(at=part.measure.at)} AS bucket"] if part.bucket else [])


def _grouping(keys: Sequence[str]) -> str:
    return f" GROUP BY {', '.join(keys)}" if keys else ""


def _ending(keys: Sequence[str]) -> str:
    return f" ORDER BY {', '.join(keys)} LIMIT {MOST_POINTS}" if keys else ""


def _where(part: Part) -> str:
    measure = part.measure
    weekday = f"toDayOfWeek({measure.at}, 0, {{zone:String}})"
    within = (
        f"{measure.at} >= {{start:DateTime64(3, 'UTC')}}",
        f"{measure.at} < {{end:DateTime64(3, 'UTC')}}",
        f"empty({{weekdays:Array(UInt8)}}) OR has({{weekdays:Array(UInt8)}}, {weekday})",
    )
    conditions = (*(() if measure.timeless else within), measure.population, *part.conditions)
    return " AND ".join(f"({each})" for each in conditions)


def _columns(measure: Measure, shape: Shape, *, few_days: bool) -> list[Column]:
    """What is added up over the rows of a day: the first three are always ``x``, ``n`` and ``of_rows``."""
    columns = [
        Column("x", f"sum({measure.numerator})"),
        Column("n", f"countIf({measure.denominator})"),
        Column("of_rows", "count()"),
    ]
    columns += _for_means(measure, few_days=few_days) if shape == "mean" else []
    for number, condition in enumerate(measure.components.values()):
        columns.append(Column(f"part_{number}", f"countIf(({condition}) AND ({measure.denominator}))"))
    if measure.basis:
        columns.append(Column("bases", f"groupUniqArrayIf({measure.basis}, {measure.basis} != '')", "set"))
    for name, (numerator, denominator) in measure.beside.items():
        columns.append(Column(f"{name}_numerator", f"sum({numerator})"))
        columns.append(Column(f"{name}_denominator", f"countIf({denominator})"))
    return columns


def _for_means(measure: Measure, *, few_days: bool) -> list[Column]:
    value = f"toFloat64({measure.numerator})"
    squares = Column("squares", f"sum({value} * {value})")
    if not few_days:
        return [squares]
    return [
        squares,
        Column("positive", f"countIf({value} > 0)"),
        Column("logs", f"sumIf(log({value}), {value} > 0)"),
        Column("log_squares", f"sumIf(pow(log({value}), 2), {value} > 0)"),
    ]


def _totals() -> list[str]:
    return [
        "sum(x) AS numerator",
        "sum(n) AS denominator",
        "sum(of_rows) AS of_all",
        "countIf(n > 0) AS days",
        "sum(toFloat64(x) * toFloat64(x)) AS xx",
        "sum(toFloat64(x) * n) AS xn",
        "sum(toFloat64(n) * n) AS nn",
    ]
