"""Measuring: a question put to the engine, and its answer as points."""

from dataclasses import replace

from analytics.domain import intervals, points
from analytics.domain.plan import Plan
from analytics.domain.points import Point, Quantile
from analytics.domain.statement import quantile_statement
from analytics.domain.workspace import Workspace
from analytics.storage.clickhouse import ClickHouse

QUANTILES = {"median": 0.5, "p90": 0.9}


async def measure(clickhouse: ClickHouse, workspace: Workspace, plan: Plan) -> list[Point]:
    """The points of a planned question, in the order of groups and buckets; one point where it asks for neither."""
    question = plan.question
    metric = question.metric
    if not plan.parts:
        return [replace(points.nothing(metric), value=None, reason=metric.nothing)]
    rows = await clickhouse.query(plan.sql, plan.bound)
    found = [points.point(metric, plan.measure, row) for row in rows if row["of_all"]]
    bucket = None if plan.measure.timeless else question.bucket
    whole = points.filled(metric, found, question.period, bucket, workspace.zone, grouped=bool(question.group_by))
    if plan.measure.timeless and question.bucket:
        return found
    return whole


async def with_quantile_intervals(clickhouse: ClickHouse, plan: Plan, point: Point) -> Point:
    """The point with the order statistics that enclose its median and 90th percentile; its `n` says which."""
    ranks = {name: intervals.order_statistics(point.n, share) for name, share in QUANTILES.items()}
    wanted = [(rank - 0.5) / point.n for pair in ranks.values() if pair for rank in pair]
    if not point.quantiles or not wanted:
        return point
    (row,) = await clickhouse.query(quantile_statement(plan.parts[0], wanted), plan.bound)
    ends = iter(row["found"])
    enclosed = {
        name: Quantile(known.value, float(next(ends)), float(next(ends))) if ranks[name] else known
        for name, known in point.quantiles.items()
    }
    return replace(point, quantiles=enclosed)
