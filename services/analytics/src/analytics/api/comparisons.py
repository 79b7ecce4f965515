"""Comparisons: better, worse, on par, or honestly undecided."""

from datetime import datetime
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, Field

from analytics.api import presentation
from analytics.api.presentation import Amount, BenchmarkView
from analytics.dependencies import AskedPeriod, Engine, Here, Reader
from analytics.domain.benchmarks import shipped
from analytics.domain.intervals import LEVEL
from analytics.domain.metric import Direction, Unit
from analytics.domain.verdicts import Own, Place, Word
from analytics.usecases.compare import Against, Comparing, Comparison, compare
from analytics.usecases.set_target import targets
from shared.database import Tx
from shared.http.command import CommandRouter

router = CommandRouter(prefix="/v1/comparisons", tags=["comparisons"])


class PastView(BaseModel):
    """The own past that was held against; of counts and sums the values are those of a day."""

    start: Annotated[datetime, Field(serialization_alias="from")]
    end: Annotated[datetime, Field(serialization_alias="to")]
    weekdays: list[int] = Field(description="1 is Monday; empty: all")
    value: Amount | None
    ci_low: float | None
    ci_high: float | None
    n: int


class ComparisonView(BaseModel):
    """``gap_abs`` in the metric's unit, ``gap_rel`` as a share; both signed. ``per_day``: values are those of a day.

    ``place`` says where the interval lies; for metrics of direction `target` there is no better or worse.
    """

    metric: str
    title: str
    unit: Unit
    direction: Direction
    variant: str
    group: str | bool | None
    against: Against
    verdict: Word
    reason: str
    priority: int
    value: Amount | None
    ci_low: float | None
    ci_high: float | None
    level: float | None
    method: str | None
    n: int
    clusters: int
    numerator: Amount
    denominator: float | None
    gap_abs: float | None
    gap_rel: float | None
    place: Place | None
    per_day: bool
    benchmark: BenchmarkView | None
    past: PastView | None


class LeftOutView(BaseModel):
    metric: str
    reason: str


class Comparisons(BaseModel):
    start: Annotated[datetime, Field(serialization_alias="from")]
    end: Annotated[datetime, Field(serialization_alias="to")]
    timezone: str
    items: list[ComparisonView]
    left_out: list[LeftOutView]
    next_cursor: None = None


@router.get("", summary="Every metric against benchmarks, targets and the own past", response_model_by_alias=True)
async def list_comparisons(
    transaction: Tx,
    here: Here,
    engine: Engine,
    period: AskedPeriod,
    _reader: Reader,
    industry: Annotated[str | None, Query(description="Adds benchmarks of an industry, such as `retail`")] = None,
    region: Annotated[str | None, Query(description="Adds benchmarks of a region, such as `NL` or `UK`")] = None,
    group_by: Annotated[str | None, Query(description="A field, as for metrics")] = None,
) -> Comparisons:
    known = [*await targets(transaction), *shipped()]
    page = Comparing(period, transaction.now, known, industry, region, group_by)
    found, left_out = await compare(engine, here, page)
    return Comparisons(
        start=period.start,
        end=period.end,
        timezone=here.schema.timezone,
        items=[_view(each, here.currency) for each in found],
        left_out=[LeftOutView(metric=each.metric.key, reason=each.reason) for each in left_out],
    )


def _view(each: Comparison, currency: str) -> ComparisonView:
    metric, verdict, interval = each.metric, each.verdict, each.own.interval
    return ComparisonView(
        metric=metric.key,
        title=metric.title.en,
        unit=metric.unit,
        direction=metric.direction,
        variant=each.variant,
        group=each.point.group,
        against=each.against,
        verdict=verdict.word,
        reason=verdict.reason,
        priority=each.priority,
        value=_amount(each.own, metric.unit, currency),
        ci_low=presentation.rounded(interval.low) if interval else None,
        ci_high=presentation.rounded(interval.high) if interval else None,
        level=LEVEL if interval else None,
        method=interval.method if interval else None,
        n=each.own.n,
        clusters=each.point.sums.clusters,
        numerator=presentation.amount(each.point.numerator, "money" if metric.unit == "money" else "count", currency),
        denominator=each.point.denominator,
        gap_abs=None if verdict.gap_abs is None else presentation.rounded(verdict.gap_abs),
        gap_rel=None if verdict.gap_rel is None else presentation.rounded(verdict.gap_rel),
        place=verdict.place,
        per_day=each.past is not None and metric.shape in ("count", "sum"),
        benchmark=presentation.benchmark(each.benchmark) if each.benchmark else None,
        past=_past(each, currency),
    )


def _past(each: Comparison, currency: str) -> PastView | None:
    if each.past is None or each.before is None:
        return None
    interval = each.before.interval
    return PastView(
        start=each.past.period.start,
        end=each.past.period.end,
        weekdays=list(each.past.period.weekdays),
        value=_amount(each.before, each.metric.unit, currency),
        ci_low=presentation.rounded(interval.low) if interval else None,
        ci_high=presentation.rounded(interval.high) if interval else None,
        n=each.before.n,
    )


def _amount(own: Own, unit: Unit, currency: str) -> Amount | None:
    return None if own.value is None else presentation.amount(own.value, unit, currency)
