"""The metrics: what they mean, and their values."""

from datetime import datetime
from typing import Annotated

from fastapi import Header, Query
from pydantic import BaseModel

from analytics.api import presentation
from analytics.api.presentation import Definition, PointView
from analytics.dependencies import AskedPeriod, Engine, FilterTree, Here, Reader
from analytics.domain.metric import Metric, Variant
from analytics.domain.metrics import catalogue
from analytics.domain.metrics import metric as find_metric
from analytics.domain.plan import Question, plan
from analytics.domain.question import Bucket
from analytics.usecases.measure import measure, with_quantiles
from shared.database import Tx
from shared.errors import Invalid
from shared.http.command import CommandRouter

router = CommandRouter(prefix="/v1/metrics", tags=["metrics"])
Language = Annotated[str | None, Header(alias="accept-language", include_in_schema=False)]


class Definitions(BaseModel):
    items: list[Definition]
    next_cursor: None = None


class Values(BaseModel):
    """``points`` has one entry a group and bucket; exactly one where neither was asked for."""

    key: str
    definition: Definition
    start: Annotated[datetime, presentation.Field(serialization_alias="from")]
    end: Annotated[datetime, presentation.Field(serialization_alias="to")]
    timezone: str
    points: list[PointView]


@router.get("", summary="What is measured, and what it means")
async def list_metrics(here: Here, _reader: Reader, language: Language = None) -> Definitions:
    spoken = presentation.language_of(language)
    return Definitions(
        items=[presentation.definition(each, each.default, here.limits, spoken) for each in catalogue().values()]
    )


@router.get("/{key}", summary="The values of one metric", response_model_by_alias=True)
async def get_metric(
    key: str,
    transaction: Tx,
    here: Here,
    engine: Engine,
    period: AskedPeriod,
    tree: FilterTree,
    _reader: Reader,
    group_by: Annotated[
        str | None, Query(description="A field: `queue`, `agent`, `direction`, `source`, `list`…")
    ] = None,
    bucket: Bucket | None = None,
    variant: Annotated[str | None, Query(description="One of the definition's variants")] = None,
    project: Annotated[str | None, Query(description="The key of one project, for metrics over records")] = None,
    language: Language = None,
) -> Values:
    metric = find_metric(key)
    chosen = chosen_variant(metric, variant)
    question = Question(metric, chosen, period, group_by, bucket, tree, project)
    planned = plan(question, here, transaction.now)
    points = await with_quantiles(engine, planned, await measure(engine, here, planned))
    return Values(
        key=key,
        definition=presentation.definition(metric, chosen, here.limits, presentation.language_of(language)),
        start=period.start,
        end=period.end,
        timezone=here.schema.timezone,
        points=[presentation.point(each, metric, here.currency) for each in points],
    )


def chosen_variant(metric: Metric, key: str | None) -> Variant:
    found = metric.variant(key)
    if found is None:
        known = ", ".join(each.key for each in metric.variants)
        raise Invalid.at("/variant", f"{metric.title.en} has no variant '{key}', only {known}.")
    return found
