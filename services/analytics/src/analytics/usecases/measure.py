"""Measuring: a question put to the engine, and its answer as points."""

from collections.abc import Mapping, Sequence
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


async def with_quantiles(clickhouse: ClickHouse, plan: Plan, found: list[Point]) -> list[Point]:
    """The points of a mean with their median and 90th percentile; a lone point also with what encloses those."""
    if not plan.parts or plan.measure.spread is None:
        return found
    lone = found[0] if len(found) == 1 and not plan.parts[0].keys else None
    ranks = {name: intervals.order_statistics(lone.n, share) if lone else None for name, share in QUANTILES.items()}
    ends = [(rank - 0.5) / lone.n for pair in ranks.values() if pair for rank in pair] if lone else []
    rows = await clickhouse.query(quantile_statement(plan.parts[0], [*QUANTILES.values(), *ends]), plan.bound)
    values = {(row.get("grouped"), row.get("bucket")): row["found"] for row in rows}
    return [
        replace(each, quantiles=_quantiles(values[each.group, each.bucket], ranks)) if each.n else each
        for each in found
    ]


def _quantiles(values: Sequence[float], ranks: Mapping[str, tuple[int, int] | None]) -> dict[str, Quantile]:
    ends = iter(values[len(QUANTILES) :])
    return {
        name: Quantile(value, next(ends), next(ends)) if ranks[name] else Quantile(value)
        for name, value in zip(QUANTILES, values, strict=False)
    }
