"""What answers look like: definitions, points and benchmarks as JSON."""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from analytics.domain.benchmarks import Benchmark
from analytics.domain.intervals import LEVEL
from analytics.domain.metric import Direction, Limits, Metric, Unit, Variant
from analytics.domain.points import Number, Point

CENT = Decimal("0.01")


class Money(BaseModel):
    amount: str
    currency: str


Amount = int | float | Money


class VariantView(BaseModel):
    key: str
    formula: str
    note: str = ""


class Definition(BaseModel):
    """What a metric means. Two values are the same number only if their ``definition_id`` is the same."""

    key: str
    definition_id: str
    title: str
    description: str
    unit: Unit
    direction: Direction = Field(description="`target`: neither more nor less is better by itself")
    variant: str
    formula: str
    variants: list[VariantView]
    population: str
    time_anchor: str
    n_min: int = Field(description="Below it no verdict is given")
    comparable_variants: list[str]
    parameters: dict[str, float]


class QuantileView(BaseModel):
    value: float
    ci_low: float | None
    ci_high: float | None


class PointView(BaseModel):
    """One value. ``value`` is null where it is undefined, with the ``reason``. ``ci_*`` enclose it at ``level``.

    ``computed_from`` says which share of the cases had each component; ``basis`` how durations were measured.
    """

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)

    group: str | bool | None = None
    bucket: date | datetime | None = None
    value: Amount | None
    numerator: Amount
    denominator: float | None
    n: int
    ci_low: float | None
    ci_high: float | None
    level: float | None
    method: str | None
    clusters: int
    basis: list[str]
    computed_from: dict[str, float]
    median: QuantileView | None = None
    p90: QuantileView | None = None
    beside: dict[str, float | None] = {}
    reason: str | None = None


class BenchmarkView(BaseModel):
    id: str
    metric: str
    value: float | None = Field(description="A single value; ranges have `low` and `high`")
    low: float | None
    high: float | None
    quality: Literal["own", "A", "B", "C", "D", "X"]
    comparable: bool
    why_not: str | None
    source: str
    url: str | None
    says: str | None
    measures: str | None
    industry: str
    region: str
    segment: str | None
    year: int | None
    sample: str | None
    limits: dict[str, float]


def definition(metric: Metric, variant: Variant, limits: Limits, language: str) -> Definition:
    return Definition(
        key=metric.key,
        definition_id=metric.definition_id(variant, limits),
        title=metric.title.in_language(language),
        description=metric.description.in_language(language),
        unit=metric.unit,
        direction=metric.direction,
        variant=variant.key,
        formula=variant.formula,
        variants=[VariantView(key=each.key, formula=each.formula, note=each.note) for each in metric.variants],
        population=metric.population,
        time_anchor=metric.time_anchor,
        n_min=metric.n_minimum,
        comparable_variants=list(metric.comparable_variants),
        parameters={name: getattr(limits, name) for name in metric.parameters},
    )


def point(found: Point, metric: Metric, currency: str) -> PointView:
    interval = found.interval
    quantiles = {
        name: QuantileView(value=each.value, ci_low=each.low, ci_high=each.high)
        for name, each in found.quantiles.items()
    }
    return PointView(
        group=found.group,
        bucket=found.bucket,
        value=None if found.value is None else amount(found.value, metric.unit, currency),
        numerator=amount(found.numerator, metric.unit if metric.unit == "money" else "count", currency),
        denominator=found.denominator,
        n=found.n,
        ci_low=rounded(interval.low) if interval else None,
        ci_high=rounded(interval.high) if interval else None,
        level=LEVEL if interval else None,
        method=interval.method if interval else None,
        clusters=found.sums.clusters,
        basis=list(found.basis),
        computed_from=dict(found.computed_from),
        beside=dict(found.beside),
        reason=found.reason,
        **quantiles,
    )


def benchmark(each: Benchmark) -> BenchmarkView:
    single = each.low == each.high
    return BenchmarkView(
        id=each.id,
        metric=each.metric,
        value=each.low if single else None,
        low=None if single else each.low,
        high=None if single else each.high,
        quality=each.grade,
        comparable=each.comparable,
        why_not=each.why_not or None,
        source=each.source,
        url=each.url,
        says=each.says or None,
        measures=each.measures or None,
        industry=each.industry,
        region=each.region,
        segment=each.segment or None,
        year=each.year,
        sample=each.sample or None,
        limits=dict(each.limits),
    )


def amount(value: Number, unit: Unit, currency: str) -> Amount:
    if unit == "money":
        return Money(amount=str(Decimal(value).quantize(CENT, ROUND_HALF_UP)), currency=currency)
    return value if isinstance(value, int) else float(value)


def rounded(value: float) -> float:
    return round(value, 9)


def language_of(accepted: str | None) -> str:
    """``nl`` where the browser prefers Dutch, else ``en``."""
    return "nl" if (accepted or "").strip().lower().startswith("nl") else "en"
