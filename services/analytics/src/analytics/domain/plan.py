"""A question compiled: the SQL to ask, with what, and how to read the answer. What a caller wrote is checked here."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from analytics.domain import spend
from analytics.domain.call_fields import PROJECT, SHARED_FIELDS, CallQuery, parse_call_filter
from analytics.domain.intervals import FEWEST_CLUSTERS
from analytics.domain.metric import Entries, Measure, Metric, Pipeline, Variant
from analytics.domain.question import Bucket, Period
from analytics.domain.statement import FINE, Part, parameters, statement
from analytics.domain.workspace import AMOUNT, CLOSES, LAYOUT, Workspace
from shared.errors import Invalid
from shared.expressions import SYSTEM_FIELDS, Kind, Operand, Schema, find_operand, parse_filter
from shared.expressions.clickhouse import Query

SINGLE = (Kind.OPTION, Kind.TEXT, Kind.USER, Kind.BOOLEAN)
SEVERAL = (Kind.OPTIONS, Kind.LINK)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a metric. ``filter`` is the JSON tree as it was sent; ``project`` a project's key."""

    metric: Metric
    variant: Variant
    period: Period
    group_by: str | None = None
    bucket: Bucket | None = None
    filter: Any = None
    project: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """``parts`` is empty where there is nothing to ask: no project has deals."""

    question: Question
    parts: tuple[Part, ...]
    bound: Mapping[str, Any] = field(default_factory=dict)

    @property
    def measure(self) -> Measure:
        return self.parts[0].measure

    @property
    def sql(self) -> str:
        question = self.question
        days = len(question.period.days(self.zone))
        few_days = question.bucket in FINE or days < FEWEST_CLUSTERS
        return statement(self.parts, question.metric.shape, few_days=few_days)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.bound["zone"])


def plan(question: Question, workspace: Workspace, now: datetime) -> Plan:
    """Raises `Invalid` that names the parameter for anything that does not exist or does not fit."""
    if question.group_by in question.metric.ungrouped:
        raise Invalid.at("/group_by", question.metric.ungrouped[question.group_by or ""])
    bound = parameters(question.period, workspace.schema.timezone)
    parts = _over_calls(question, workspace, now, bound) if question.variant.of_calls else None
    return Plan(question, parts or _over_records(question, workspace, now, bound), bound)


def over(planned: Plan, period: Period, zone: str) -> Plan:
    """The same question about another period."""
    question = replace(planned.question, period=period)
    return replace(planned, question=question, bound={**planned.bound, **parameters(period, zone)})


def _over_calls(question: Question, workspace: Workspace, now: datetime, bound: dict[str, Any]) -> tuple[Part, ...]:
    assert question.variant.of_calls  # noqa: S101 — the caller saw to it
    if question.project:
        raise Invalid.at("/project", f"{question.metric.title.en} is measured over calls, which have no project.")
    query = CallQuery(workspace.calls, now=now)
    query.parameters = bound
    conditions = [query.scope]
    if question.filter:
        conditions.append(query.condition(parse_call_filter(question.filter, workspace.calls)))
    if question.group_by in SYSTEM_FIELDS - SHARED_FIELDS:
        raise Invalid.at("/group_by", f"Calls have no field '{question.group_by}'.")
    group = _group(query, question.group_by, PROJECT, workspace.calls)
    measure = question.variant.of_calls(workspace.limits)
    part = Part(measure, query.source, tuple(conditions), group, question.bucket)
    return (part, *_over_spend(question, workspace, bound))


def _over_spend(question: Question, workspace: Workspace, bound: dict[str, Any]) -> Iterator[Part]:
    """Of what was spent no more is known than its days, its source and its campaign."""
    if question.variant.of_spend is None:
        return
    if question.group_by not in (None, *spend.GROUPS):
        offer = " or ".join(spend.GROUPS)
        raise Invalid.at("/group_by", f"What was spent is known by {offer}, not by '{question.group_by}'.")
    if question.filter:
        raise Invalid.at(
            "/filter", "What was spent cannot be narrowed by what calls have; group by source or campaign."
        )
    bound["base"] = workspace.schema.base_currency
    group = f"nullIf({question.group_by}, '')" if question.group_by else None
    yield Part(question.variant.of_spend, spend.BY_DAY, (), group, question.bucket)


def _over_records(question: Question, workspace: Workspace, now: datetime, bound: dict[str, Any]) -> tuple[Part, ...]:
    parts = []
    for project in _projects(question, workspace):
        query = Query(workspace.schema, project, LAYOUT, now=now)
        query.parameters = bound
        conditions = [query.scope]
        if question.filter:
            conditions.append(query.condition(parse_filter(question.filter, project, workspace.schema)))
        group = _group(query, question.group_by, project, workspace.schema)
        measure = _measured(question.variant, query, project, workspace.schema)
        if question.bucket and measure.timeless and measure.at == "NULL":
            raise Invalid.at("/bucket", f"Project {project} has no field '{CLOSES}' of type date to go by.")
        parts.append(Part(measure, query.source, tuple(conditions), group, question.bucket))
    return tuple(parts)


def _projects(question: Question, workspace: Workspace) -> list[str]:
    of_entries = question.variant.of_entries
    known = [project.key for project in (workspace.asking if of_entries else workspace.pipelines)]
    if question.project is None:
        return known
    if question.project not in known:
        lacks = "required fields" if of_entries else "a forecast weight and an amount"
        raise Invalid.at("/project", f"'{question.project}' is no project with {lacks}.")
    return [question.project]


def _measured(variant: Variant, query: Query, project: str, schema: Schema) -> Measure:
    if variant.of_entries:
        return variant.of_entries(_entries(query, project, schema))
    assert variant.of_records  # noqa: S101 — what is not over calls is over records
    return variant.of_records(_pipeline(query, project, schema))


def _entries(query: Query, project: str, schema: Schema) -> Entries:
    required = [each.key for each in schema.project(project).fields if each.required]
    filled = ({"field": key, "op": "is_not_empty"} for key in required)
    return Entries(tuple(query.condition(parse_filter(each, project, schema)) for each in filled))


def _pipeline(query: Query, project: str, schema: Schema) -> Pipeline:
    closing = schema.project(project).by_key.get(CLOSES)
    closes = None
    if closing is not None and closing.kind is Kind.DATE:
        day = query.value(find_operand(CLOSES, project, schema))
        closes = f"parseDateTime64BestEffortOrNull(concat({day}, ' 12:00:00'), 3, {{zone:String}})"
    return Pipeline(
        project=project,
        amount=query.value(find_operand(AMOUNT, project, schema)),
        weight=query.value(find_operand("list.forecast_weight", project, schema)),
        closes=closes,
        position=query.value(find_operand("list.position", project, schema)),
    )


def _group(query: Query, name: str | None, project: str, schema: Schema) -> str | None:
    """The value to group by; a record with several tags counts in each."""
    if name is None:
        return None
    operand: Operand = find_operand(name, project, schema, "/group_by")
    value = query.value(operand)
    if operand.kind in SEVERAL:
        return f"arrayJoin(emptyArrayToSingle({value}))"
    if operand.kind in SINGLE:
        return value
    raise Invalid.at("/group_by", f"Values of '{name}' are too many to group by: {operand.kind.value}.")
