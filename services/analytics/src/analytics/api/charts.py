"""Charts: one definition in, its data out."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from analytics.dependencies import AskedPlace, Engine
from analytics.domain.chart import Chart
from analytics.domain.chart_data import ChartData, Label, Unit
from analytics.domain.chart_data import Point as DataPoint
from analytics.usecases.draw_charts import Refused, draw_chart
from shared.http.command import CommandRouter

router = CommandRouter(prefix="/v1/charts", tags=["dashboards"])
EXAMPLE: JsonDict = {
    "type": "bar",
    "source": "opportunities",
    "filter": {"list": ["closed_won"]},
    "measure": {"fn": "sum", "field": "amount"},
    "date_basis": "entered:closed_won",
    "bucket": "month",
}


class AskedChart(Chart):
    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})


class PointView(BaseModel):
    """``label`` is a bucket such as `2024-03` or `2024-W12`, or a key, whose ``name`` people read. Null: none."""

    label: str | None
    name: str | None
    value: str | int | None
    group: str | None = None
    group_name: str | None = None


class ChartView(BaseModel):
    """Either ``value`` or ``points``. Counts are numbers, all else decimal texts; money is in ``currency``.

    A value that is not defined is null, with a ``reason``.
    """

    value: str | int | None = None
    points: list[PointView] | None = None
    unit: Unit = "number"
    currency: str | None = None
    target: str | None = None
    reason: str | None = None
    unpriced: int = Field(default=0, description="Records whose amount has no rate: they count for nothing")
    undated: int = Field(default=0, description="Records without the date that the buckets go by")


@router.post("/query", summary="The data of one chart", response_model_exclude_unset=True)
async def query_chart(body: AskedChart, place: AskedPlace, engine: Engine) -> ChartView:
    return view(body, await draw_chart(engine, place, body), place.schema.base_currency)


def view(chart: Chart, data: ChartData | Refused, currency: str) -> ChartView:
    if isinstance(data, Refused):
        return ChartView(value=None, reason=data.reason)
    shown: dict[str, Any] = {"unit": data.unit, "unpriced": data.unpriced}
    if data.unit == "currency":
        shown["currency"] = currency
    if chart.target is not None:
        shown["target"] = f"{chart.target:f}"
    if data.reason is not None:
        shown["reason"] = data.reason
    if chart.bucket is not None:
        shown["undated"] = data.undated
    if data.points is None:
        return ChartView(value=data.value, **shown)
    return ChartView(points=[_point(each) for each in data.points], **shown)


def _point(each: DataPoint) -> PointView:
    grouped = _group(each.group) if each.group is not None else {}
    return PointView(label=each.label.key, name=each.label.name, value=each.value, **grouped)


def _group(group: Label) -> dict[str, str | None]:
    return {"group": group.key, "group_name": group.name}
