"""Benchmarks: what comes with the service, and what the workspace wants of itself."""

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, Field, model_validator

from analytics.api import presentation
from analytics.api.metrics import chosen_variant
from analytics.api.presentation import BenchmarkView
from analytics.dependencies import Reader, Writer
from analytics.domain import benchmarks
from analytics.domain.metrics import metric as find_metric
from analytics.usecases import set_target
from shared.database import Tx
from shared.http.command import CommandRouter

router = CommandRouter(prefix="/v1/benchmarks", tags=["benchmarks"])


class Benchmarks(BaseModel):
    items: list[BenchmarkView]
    next_cursor: None = None


class Target(BaseModel):
    """A target of one's own: a single ``value``, or a range of which either end may be open. In the metric's unit."""

    metric: str
    value: float | None = Field(default=None, allow_inf_nan=False)
    low: float | None = Field(default=None, allow_inf_nan=False)
    high: float | None = Field(default=None, allow_inf_nan=False)
    variant: str | None = None
    name: str = Field(default="Own target", min_length=1, max_length=200)
    note: str = Field(default="", max_length=2_000)

    @model_validator(mode="after")
    def _one_or_a_range(self) -> "Target":
        ends = (self.low, self.high)
        if (self.value is None) == (ends == (None, None)):
            raise ValueError("Give either `value`, or `low` and `high` or one of them")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError("`low` must not be above `high`")
        return self


@router.get("", summary="All benchmarks, the own ones first")
async def list_benchmarks(
    transaction: Tx, _reader: Reader, metric: Annotated[str | None, Query(description="Of one metric only")] = None
) -> Benchmarks:
    known = [*await set_target.targets(transaction), *benchmarks.shipped()]
    return Benchmarks(items=[presentation.benchmark(each) for each in known if metric in (None, each.metric)])


@router.post("", status_code=201, summary="Set a target of one's own")
async def add_target(body: Target, transaction: Tx, _writer: Writer) -> BenchmarkView:
    variant = chosen_variant(find_metric(body.metric), body.variant)
    low, high = (body.value, body.value) if body.value is not None else (body.low, body.high)
    target = await set_target.set_target(transaction, body.metric, variant.key, low, high, body.name, body.note)
    return presentation.benchmark(target)
