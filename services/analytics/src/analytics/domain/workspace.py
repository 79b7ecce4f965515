"""What the workspace brings to every question: its projects, its time zone, its currency, its limits."""

from dataclasses import dataclass, field
from functools import cached_property
from zoneinfo import ZoneInfo

from analytics.domain.call_fields import call_schema
from analytics.domain.metric import Limits
from shared.expressions import Kind, Project, Schema
from shared.expressions.clickhouse import Layout

AMOUNT = "amount"
CLOSES = "expected_close_date"
# Where records and rates are.
LAYOUT = Layout(rate="rate")


@dataclass(frozen=True)
class Workspace:
    schema: Schema
    limits: Limits = field(default_factory=Limits)

    @property
    def zone(self) -> ZoneInfo:
        return self.schema.zone

    @property
    def currency(self) -> str:
        return self.schema.base_currency

    @cached_property
    def calls(self) -> Schema:
        return call_schema(self.schema.timezone, self.schema.base_currency)

    @cached_property
    def pipelines(self) -> tuple[Project, ...]:
        """The projects whose records are deals: some list has a forecast weight, and there are amounts."""
        return tuple(project for project in self.schema.projects.values() if is_pipeline(project))

    @cached_property
    def asking(self) -> tuple[Project, ...]:
        """The projects that require something of their records."""
        return tuple(each for each in self.schema.projects.values() if any(field.required for field in each.fields))


def is_pipeline(project: Project) -> bool:
    amount = project.by_key.get(AMOUNT)
    weighted = any(stage.forecast_weight is not None for stage in project.lists)
    return weighted and amount is not None and amount.kind is Kind.MONEY
