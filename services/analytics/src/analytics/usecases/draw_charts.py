"""Drawing charts: all of a dashboard in one statement, with the rights of whoever looks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analytics.domain.chart import Chart
from analytics.domain.chart_data import ChartData, assemble, check_formula
from analytics.domain.chart_plan import Part, Place, plan, statement
from analytics.storage.clickhouse import ClickHouse
from shared.errors import Invalid


@dataclass(frozen=True, slots=True)
class Refused:
    """A chart that cannot be drawn for this viewer, and why."""

    reason: str


async def draw_chart(clickhouse: ClickHouse, place: Place, chart: Chart) -> ChartData:
    """Raises `Invalid` that names each place."""
    bound: dict[str, Any] = {}
    parts = _planned(chart, place, bound)
    rows = await clickhouse.query(statement(parts), bound) if parts else []
    return assemble(chart, parts, rows, place.names)


async def draw_charts(
    clickhouse: ClickHouse, place: Place, charts: Mapping[str, Chart]
) -> dict[str, ChartData | Refused]:
    """All of them by key. One that has a mistake, or asks for what the viewer may not see, says so."""
    bound: dict[str, Any] = {}
    planned = {key: _planned_or_refused(chart, place, bound) for key, chart in charts.items()}
    parts = [part for each in planned.values() if not isinstance(each, Refused) for part in each]
    rows = await clickhouse.query(statement(parts), bound) if parts else []
    found: dict[str, ChartData | Refused] = {}
    first = 0
    for key, own in planned.items():
        if isinstance(own, Refused):
            found[key] = own
            continue
        among = range(first, first + len(own))
        mine = [{**row, "part": row["part"] - first} for row in rows if row["part"] in among]
        found[key] = assemble(charts[key], own, mine, place.names)
        first += len(own)
    return found


def _planned(chart: Chart, place: Place, bound: dict[str, Any]) -> Sequence[Part]:
    check_formula(chart)
    return plan(chart, place, bound)


def _planned_or_refused(chart: Chart, place: Place, bound: dict[str, Any]) -> Sequence[Part] | Refused:
    try:
        return _planned(chart, place, bound)
    except Invalid as refusal:
        return Refused(refusal.detail)
