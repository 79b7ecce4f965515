"""Comparing: every metric against what others reach, against own targets, and against the own past, in one go."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from analytics.domain import intervals
from analytics.domain.benchmarks import Benchmark, fitting
from analytics.domain.metric import Metric
from analytics.domain.metrics import catalogue
from analytics.domain.plan import Plan, Question, over, plan
from analytics.domain.points import DIVIDED, Point
from analytics.domain.question import Period
from analytics.domain.verdicts import Own, Verdict, against_benchmark, against_history, believed
from analytics.domain.workspace import Workspace
from analytics.storage.clickhouse import ClickHouse
from analytics.storage.facts import earliest
from analytics.usecases.measure import measure
from shared.errors import Invalid

WEEKS = 8
Against = Literal["benchmark", "target", "previous_period", "same_weekdays"]
# What is worth a look first.
ORDER = ("worse", "inconclusive", "insufficient_data", "not_comparable", "no_benchmark", "on_par", "better")


@dataclass(frozen=True, slots=True)
class Past:
    """A stretch of the own past. ``name`` as it stands in a sentence."""

    against: Against
    name: str
    period: Period


@dataclass(frozen=True, slots=True)
class Comparison:
    """``own`` is what was judged: for counts and sums the value of a day. ``priority`` 1 deserves the first look."""

    metric: Metric
    variant: str
    against: Against
    point: Point
    own: Own
    verdict: Verdict
    benchmark: Benchmark | None = None
    past: Past | None = None
    before: Own | None = None
    priority: int = 0


@dataclass(frozen=True, slots=True)
class LeftOut:
    metric: Metric
    reason: str


@dataclass(frozen=True)
class Comparing:
    """What one comparison page is about."""

    period: Period
    now: datetime
    benchmarks: Sequence[Benchmark]
    industry: str | None = None
    region: str | None = None
    group_by: str | None = None


async def compare(
    clickhouse: ClickHouse, workspace: Workspace, page: Comparing
) -> tuple[list[Comparison], list[LeftOut]]:
    """All comparisons, the most urgent first, and the metrics that cannot be grouped like this, with why."""
    plans, left_out = _plans(workspace, page)
    since = await earliest(clickhouse)
    found = await asyncio.gather(*(_of_metric(clickhouse, workspace, page, each, since) for each in plans))
    comparisons = [each for of_metric in found for each in of_metric]
    verdicts = believed([each.verdict for each in comparisons])
    judged = [replace(each, verdict=verdict) for each, verdict in zip(comparisons, verdicts, strict=True)]
    return [replace(each, priority=rank) for rank, each in enumerate(sorted(judged, key=_urgency), 1)], left_out


def _plans(workspace: Workspace, page: Comparing) -> tuple[list[Plan], list[LeftOut]]:
    plans, left_out = [], []
    for metric in catalogue().values():
        question = Question(metric, metric.default, page.period, page.group_by)
        try:
            plans.append(plan(question, workspace, page.now))
        except Invalid as refusal:
            left_out.append(LeftOut(metric, refusal.detail))
    if not any(each.parts for each in plans):
        raise Invalid.at("/group_by", f"No metric can be grouped by '{page.group_by}'.")
    return plans, left_out


async def _of_metric(
    clickhouse: ClickHouse, workspace: Workspace, page: Comparing, planned: Plan, since: datetime | None
) -> list[Comparison]:
    pasts = [] if _timeless(planned) else _pasts(page.period, since, workspace.zone)
    periods = [page.period, *(past.period for past in pasts)]
    zone = workspace.schema.timezone
    now, *before = await asyncio.gather(
        *(measure(clickhouse, workspace, over(planned, each, zone)) for each in periods)
    )
    found: list[Comparison] = []
    for point in now:
        found += _with_benchmarks(planned, point, page, workspace)
        for past, points in zip(pasts, before, strict=True):
            then = next((each for each in points if each.group == point.group), None)
            found.append(_with_past(planned, point, then, past, page.period, workspace.zone))
    return found


def _with_benchmarks(planned: Plan, point: Point, page: Comparing, workspace: Workspace) -> Iterable[Comparison]:
    metric, variant = planned.question.metric, planned.question.variant.key
    own = Own(_number(point), point.interval, point.n, point.reason)
    fit: list[Benchmark | None] = [*fitting(page.benchmarks, metric.key, page.industry, page.region)]
    for each in fit or [None]:
        verdict = against_benchmark(metric, variant, own, each, workspace.limits)
        against: Against = "target" if each and each.grade == "own" else "benchmark"
        yield Comparison(metric, variant, against, point, own, verdict, benchmark=each)


def _with_past(
    planned: Plan, point: Point, then: Point | None, past: Past, period: Period, zone: ZoneInfo
) -> Comparison:
    metric = planned.question.metric
    own, before = _judged(metric, point, period, zone), _judged(metric, then, past.period, zone)
    verdict = against_history(metric, own, before, past.name)
    return Comparison(metric, planned.question.variant.key, past.against, point, own, verdict, past=past, before=before)


def _judged(metric: Metric, point: Point | None, period: Period, zone: ZoneInfo) -> Own:
    """What of a point can be held against another period: of counts and sums the mean of a day."""
    if point is None or point.value is None:
        return Own(None, None, 0, point.reason if point else None)
    if metric.shape in DIVIDED:
        return Own(_number(point), point.interval, point.n)
    days = len(period.days(zone))
    if days < 2:  # noqa: PLR2004 — one day does not say how days differ
        return Own(point.sums.x / days, None, point.n, "One day does not say how days differ.")
    interval = intervals.t_interval(point.sums.x, point.sums.xx, days)
    return Own(point.sums.x / days, replace(interval, clusters=days), point.n)


def _pasts(period: Period, since: datetime | None, zone: ZoneInfo) -> list[Past]:
    """The period before and the eight weeks before, as far back as there is anything."""
    if since is None:
        return []
    found = [
        Past("previous_period", "the period before", period.before()),
        Past("same_weekdays", f"the {WEEKS} weeks before", period.same_weekdays_before(WEEKS, zone)),
    ]
    reaching = [each for each in found if each.period.end > since]
    return [replace(each, period=replace(each.period, start=max(each.period.start, since))) for each in reaching]


def _timeless(planned: Plan) -> bool:
    return not planned.parts or planned.measure.timeless


def _number(point: Point) -> float | None:
    return None if point.value is None else float(point.value)


def _urgency(each: Comparison) -> tuple[int, float]:
    return ORDER.index(each.verdict.word), -abs(each.verdict.gap_rel or 0)
