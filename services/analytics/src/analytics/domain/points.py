"""From the engine's sums to what a reader gets: Σ ÷ Σ, the interval, and where there is no value, why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from analytics.domain import intervals
from analytics.domain.intervals import Interval, Sums
from analytics.domain.metric import Measure, Metric
from analytics.domain.question import Bucket, Period

Row = Mapping[str, Any]
Number = int | float | Decimal
Group = str | bool | None
# Values that are one sum by another.
DIVIDED = ("share", "mean", "quotient")
CENT, PLACES = Decimal("0.01"), 10
# So many empty buckets are filled in; a longer series shows only where there is something.
MOST_FILLED = 2_000


@dataclass(frozen=True, slots=True)
class Quantile:
    """A median or other quantile, with the order statistics that enclose it where there are enough values."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """One value. ``value`` is None where it is undefined, and ``reason`` says why.

    ``n`` counts cases (for sums: records); ``computed_from`` the share of them that had each component;
    ``beside`` holds other means and ``quantiles`` medians to be read with it.
    """

    sums: Sums
    n: int
    value: Number | None
    numerator: Number
    denominator: float | None
    interval: Interval | None = None
    group: Group = None
    bucket: date | datetime | None = None
    computed_from: Mapping[str, float] = field(default_factory=dict)
    basis: tuple[str, ...] = ()
    beside: Mapping[str, float | None] = field(default_factory=dict)
    quantiles: Mapping[str, Quantile] = field(default_factory=dict)
    reason: str | None = None


def point(metric: Metric, measure: Measure, row: Row) -> Point:
    """One row of `analytics.domain.statement` as a point."""
    sums = _sums(row)
    n = int(sums.n) if metric.shape in DIVIDED else int(row["of_all"] or 0)
    value, interval = _value(metric, row, sums), _interval(metric, sums)
    return Point(
        sums=sums,
        n=n,
        value=value,
        numerator=_number(row["numerator"]),
        denominator=sums.n if metric.shape in DIVIDED else None,
        interval=interval,
        group=row.get("grouped"),
        bucket=row.get("bucket"),
        computed_from=_components(measure, row, sums.n),
        basis=tuple(sorted(row.get("bases") or ())),
        beside={name: _ratio(row[f"{name}_numerator"], row[f"{name}_denominator"]) for name in measure.beside},
        reason=metric.nothing if value is None else None,
    )


def nothing(metric: Metric, group: Group = None, bucket: date | datetime | None = None) -> Point:
    """The point where there are no rows: none of something is 0, a share of nothing is undefined."""
    counts = metric.shape in ("count", "sum")
    return Point(
        sums=Sums(0, 0, clusters=0),
        n=0,
        value=0 if counts else None,
        numerator=0,
        denominator=None if counts else 0,
        group=group,
        bucket=bucket,
        reason=None if counts else metric.nothing,
    )


def filled(
    metric: Metric, points: Sequence[Point], period: Period, bucket: Bucket | None, zone: ZoneInfo, *, grouped: bool
) -> list[Point]:
    """The points with those between them that have no rows; without group and bucket always exactly one."""
    if not bucket:
        return list(points) if points or grouped else [nothing(metric)]
    expected = list(period.buckets(bucket, zone))
    groups = list(dict.fromkeys(each.group for each in points)) or ([] if grouped else [None])
    if len(expected) * len(groups) > MOST_FILLED:
        return list(points)
    known = {(each.group, each.bucket): each for each in points}
    places = ((group, begins) for group in groups for begins in expected)
    return [known.get(place) or nothing(metric, *place) for place in places]


def _sums(row: Row) -> Sums:
    return Sums(
        x=float(row["numerator"] or 0),
        n=float(row["denominator"] or 0),
        clusters=int(row["days"] or 0),
        xx=float(row["xx"] or 0),
        xn=float(row["xn"] or 0),
        nn=float(row["nn"] or 0),
        squares=float(row.get("squares") or 0),
        logs=float(row.get("logs") or 0),
        log_squares=float(row.get("log_squares") or 0),
        positive=int(row.get("positive") or 0),
    )


def _value(metric: Metric, row: Row, sums: Sums) -> Number | None:
    if metric.shape in ("share", "mean"):
        return _ratio(sums.x, sums.n)
    if metric.shape == "quotient":
        return (Decimal(row["numerator"] or 0) / int(sums.n)).quantize(CENT, ROUND_HALF_UP) if sums.n else None
    return _number(row["numerator"])


def _interval(metric: Metric, sums: Sums) -> Interval | None:
    if metric.shape == "share":
        return intervals.of_share(sums)
    if metric.shape == "mean" and sums.n:
        found = intervals.of_mean(sums)
        return found.bounded(0, 1 if metric.unit == "ratio" else float("inf")) if found else None
    return None


def _number(value: Any) -> Number:
    """Decimals stay exact to ten places; floats lose the digits that adding them up invented."""
    if isinstance(value, Decimal):
        return round(value, PLACES)
    if isinstance(value, float):
        return int(value) if value.is_integer() else round(value, 9)
    return value if value is not None else 0


def _ratio(numerator: Any, denominator: Any) -> float | None:
    return round(float(numerator or 0) / float(denominator), 9) if denominator else None


def _components(measure: Measure, row: Row, n: float) -> dict[str, float]:
    names = enumerate(measure.components)
    return {name: round(int(row[f"part_{number}"]) / n, 4) for number, name in names} if n else {}
