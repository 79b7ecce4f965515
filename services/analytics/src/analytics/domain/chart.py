"""What a chart asks, as data: of which records which value, in which parts, over which time.

Frozen models, checked where they are read; whether their fields exist is for `analytics.domain.chart_plan`.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

Kind = Literal["stat", "pie", "bar", "line", "funnel", "gauge", "table", "heatmap", "bullet"]
# What shows one number; all others show points.
SINGLE: frozenset[Kind] = frozenset({"stat", "gauge", "bullet"})
Function = Literal["count", "sum", "average", "min", "max"]
Bucket = Literal["day", "week", "month", "quarter", "year"]
MOST_GROUPINGS = 2
MOST_SOURCES = 20
MOST_VALUES = 12
ENTERED = "entered:"

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Texts = Annotated[dict[Literal["en", "nl"], Name], Field(min_length=1)]


def _listed(given: object) -> object:
    return [given] if isinstance(given, str) else given


Sources = Annotated[tuple[Name, ...], BeforeValidator(_listed), Field(min_length=1, max_length=MOST_SOURCES)]
Groupings = Annotated[tuple[Name, ...], BeforeValidator(_listed), Field(max_length=MOST_GROUPINGS)]


class Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Measure(Shape):
    """`count` counts records. The others take a ``field``, or an ``expr`` of the formula language.

    They pass over records for which it is empty. Money is converted and rounded record by record, then added up.
    """

    fn: Function
    field: Name | None = None
    expr: Name | None = Field(default=None, examples=["{amount} * list.forecast_weight"])

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> "Measure":
        given = [each for each in (self.field, self.expr) if each is not None]
        if self.fn == "count" and given:
            raise ValueError("`count` counts records: it takes neither a field nor an expr")
        if self.fn != "count" and len(given) != 1:
            raise ValueError(f"`{self.fn}` takes either a field or an expr")
        return self


class Value(Measure):
    """A named value: a measure with a filter, and projects, of its own."""

    source: Sources | None = None
    filter: Any = None


class Display(Shape):
    """`percentage` shows the result of a ``formula`` times a hundred, and measured percents as they are."""

    as_: Literal["number", "currency", "percentage", "duration"] | None = Field(default=None, alias="as")
    decimals: int | None = Field(default=None, ge=0, le=10)


class Chart(Shape):
    """One chart. Points come by ``bucket`` of ``date_basis``, by ``group_by``, or by both.

    ``date_basis`` is a field of type date or datetime, or `entered:<list>`: when the record last entered that list.
    ``target`` is what a gauge or bullet holds its value against.
    """

    type: Kind
    title: Name | Texts | None = None
    source: Sources = Field(description="A project's key, or several: lists and tags of one name are one")
    filter: Any = Field(
        default=None, description="A filter of the filter language", examples=[{"list_category": "open"}]
    )
    measure: Measure | None = None
    values: Annotated[dict[Key, Value], Field(min_length=1, max_length=MOST_VALUES)] | None = None
    formula: Name | None = Field(default=None, description="Over the names of `values`", examples=["w / (w + l)"])
    date_basis: Name | None = Field(default=None, examples=["created_at", "entered:closed_won"])
    bucket: Bucket | None = None
    group_by: Groupings = Field(default=(), description="`list`, `tag`, `assignee`, or a field; for a heatmap two")
    multi_value: Literal["count_each", "split_evenly"] = "count_each"
    display: Display = Display()
    target: Decimal | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> "Chart":
        for problem in _problems(self):
            raise ValueError(problem)
        return self

    @property
    def measured(self) -> Mapping[str, Value]:
        """Its values by name; that of a plain measure is called ``value``."""
        if self.values is not None:
            return self.values
        plain = self.measure or Measure(fn="count")
        return {"value": Value(fn=plain.fn, field=plain.field, expr=plain.expr)}

    @property
    def several(self) -> bool:
        """Whether each named value is a series of its own."""
        return self.values is not None and self.formula is None

    @property
    def is_single(self) -> bool:
        return self.bucket is None and not self.group_by and not self.several


class KeyedChart(Chart):
    """A chart of a dashboard."""

    key: Key


def _problems(chart: Chart) -> list[str]:
    keys = (chart.bucket is not None) + len(chart.group_by) + chart.several
    found = {
        "A chart has either a `measure` or `values`": (chart.measure is None) == (chart.values is None),
        "A `formula` combines `values`": chart.formula is not None and chart.values is None,
        "A `bucket` needs a `date_basis`": chart.bucket is not None and chart.date_basis is None,
        f"A {chart.type} shows one value: it takes no `group_by` and no `bucket`": chart.type in SINGLE and keys > 0,
        f"A {chart.type} shows points: it needs a `group_by`, a `bucket` or several `values`": (
            chart.type not in SINGLE and keys == 0
        ),
        "Points have at most two sides: of bucket, groupings and several values, two": keys > MOST_GROUPINGS,
        "It is grouped twice by the same": len(set(chart.group_by)) < len(chart.group_by),
    }
    return [sentence for sentence, holds in found.items() if holds]


def names_in(formula: str) -> list[str]:
    """The names that a formula over named values speaks of."""
    return re.findall(r"\b[a-z][a-z0-9_]*\b(?!\s*\()", formula)
