"""From the engine's sums to what a chart shows: parts of several projects merged, formulas over named values.

A value that is not defined is None, with its reason.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

from analytics.domain.chart import Chart, Function, names_in
from analytics.domain.chart_plan import MERGED, Part
from analytics.domain.names import Names, normalised
from shared.errors import Invalid
from shared.expressions import Field as ExpressionField
from shared.expressions import Kind, Project, Schema
from shared.expressions.python import Context, value
from shared.expressions.values import EXACT

Unit = Literal["number", "currency", "percentage", "duration"]
Row = Mapping[str, Any]
PERCENT = Decimal(100)
DECIMALS: Mapping[Unit, int | None] = {"number": None, "currency": 2, "percentage": 2, "duration": None}
NO_VALUE = "No record has a value for this."
NO_RESULT = "This cannot be computed: it divides by nothing, or a value it needs is missing."
RESULT = "result"
# Groupings that have an order of their own.
ORDERED = ("list", "list_category")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Sums:
    """What is known of one value in one cell; those of several projects add up."""

    total: Decimal = Decimal(0)
    filled: int = 0
    least: Decimal | None = None
    greatest: Decimal | None = None

    def add(self, row: Row) -> None:
        self.total += row["total"] or 0
        self.filled += row["filled"]
        if row["filled"]:
            self.least = row["least"] if self.least is None else min(self.least, row["least"])
            self.greatest = row["greatest"] if self.greatest is None else max(self.greatest, row["greatest"])

    def value(self, function: Function) -> Decimal | None:
        match function:
            case "count" | "sum":
                return self.total
            case "average":
                return self.total / self.filled if self.filled else None
            case "min":
                return self.least
        return self.greatest


@dataclass(frozen=True, slots=True)
class Label:
    """``key`` is what filters take, None where records have nothing there; ``name`` what people read."""

    key: str | None
    name: str | None
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Point:
    label: Label
    group: Label | None
    value: str | int | None


@dataclass(frozen=True)
class ChartData:
    """``unpriced`` records have an amount but no rate, and count for nothing; ``undated`` ones are in no bucket."""

    unit: Unit
    value: str | int | None = None
    points: tuple[Point, ...] | None = None
    reason: str | None = None
    unpriced: int = 0
    undated: int = 0


Cell = tuple[str | None, str | None]


@dataclass
class _Merged:
    cells: dict[Cell, dict[str, Sums]] = field(default_factory=dict)
    labels: tuple[dict[str | None, Label], dict[str | None, Label]] = field(default_factory=lambda: ({}, {}))
    unpriced: float = 0
    undated: float = 0


def check_formula(chart: Chart) -> None:
    """Raises `Invalid` for a formula that does not read, or speaks of values that are not there."""
    if chart.formula is not None:
        unknown = [each for each in names_in(chart.formula) if each not in chart.measured and each not in _WORDS]
        if unknown:
            raise Invalid.at("/formula", f"There is no value '{unknown[0]}' in `values`.")
        try:
            _combine(chart.formula, dict.fromkeys(chart.measured))
        except Invalid as problem:
            raise Invalid.at("/formula", problem.detail) from None


def assemble(chart: Chart, parts: Sequence[Part], rows: Iterable[Row], names: Names) -> ChartData:
    """``rows`` are those of `analytics.domain.chart_plan.statement` over these parts, ``part`` counted from 0."""
    merged = _merged(chart, parts, rows, names)
    unit = _unit(chart, parts)
    unpriced, undated = round(merged.unpriced), round(merged.undated)
    if chart.is_single:
        found = _value(chart, merged.cells.get((None, None), {}), RESULT)
        reason = None if found is not None else NO_RESULT if chart.formula else NO_VALUE
        return ChartData(unit, _shown(chart, found, unit), None, reason, unpriced, undated)
    points = _points(chart, merged, unit)
    return ChartData(unit, None, tuple(points), None if points else "No records fit this.", unpriced, undated)


def _merged(chart: Chart, parts: Sequence[Part], rows: Iterable[Row], names: Names) -> _Merged:
    merged = _Merged()
    for row in rows:
        part = parts[row["part"]]
        if chart.bucket is not None and row["label"] is None:
            merged.undated += float(row["records"])
            continue
        cell = _cell(row, part, names, merged)
        merged.cells.setdefault(cell, {}).setdefault(part.value, Sums()).add(row)
        merged.unpriced += float(row["unpriced"])
    return merged


def _cell(row: Row, part: Part, names: Names, merged: _Merged) -> Cell:
    keys: list[str | None] = [row["label"], row["grouped"]]
    for side, grouping in enumerate(part.groupings):
        key = keys[side]
        if key is None:
            label = Label(None, None)
        elif grouping is None:
            label = Label(key, key)
        else:
            rank = names.rank(grouping.project, grouping.field, key) if grouping.field in ORDERED else 0
            label = Label(key, names.called(grouping.project, grouping.field, key), rank)
            keys[side] = normalised(label.name or "") if grouping.field in MERGED else key
        merged.labels[side].setdefault(keys[side], label)
    return keys[0], keys[1]


def _unit(chart: Chart, parts: Sequence[Part]) -> Unit:
    if chart.display.as_:
        return chart.display.as_
    return "currency" if chart.formula is None and any(part.is_money for part in parts) else "number"


def _value(chart: Chart, sums: Mapping[str, Sums], name: str) -> Decimal | None:
    """The value of a cell: of one named value, of the measure, or of the formula over all of them."""
    values = {each: sums.get(each, Sums()).value(value.fn) for each, value in chart.measured.items()}
    if chart.formula is not None:
        return _combine(chart.formula, values)
    return values[name] if name in values else values["value"]


def _points(chart: Chart, merged: _Merged, unit: Unit) -> list[Point]:
    found = []
    for (label, group), sums in merged.cells.items():
        first, second = _labels(merged, label, group)
        for name in chart.measured if chart.several else (RESULT,):
            if _is_empty(chart, sums, name):
                continue
            value = _value(chart, sums, name)
            series = Label(name, name)
            at, beside = (first or series, second or (series if first else None)) if chart.several else (first, second)
            found.append((value, Point(at or Label(None, None), beside, _shown(chart, value, unit))))
    return [point for _, point in sorted(found, key=lambda each: _order(chart, *each))]


def _labels(merged: _Merged, label: str | None, group: str | None) -> tuple[Label | None, Label | None]:
    return merged.labels[0].get(label), merged.labels[1].get(group)


def _is_empty(chart: Chart, sums: Mapping[str, Sums], name: str) -> bool:
    """Whether nothing was there to add up: such a point is left out."""
    if chart.formula is not None:
        return False
    of = sums.get(name if name in chart.measured else "value")
    return of is None or not of.filled


def _order(chart: Chart, value: Decimal | None, point: Point) -> tuple[Any, ...]:
    """By time, or by the order of lists; else what weighs most first. Those without a label last."""
    plain = chart.bucket is None and len(chart.group_by) == 1
    at, beside = _place(point.label), _place(point.group or point.label)
    return (*at[:2], -(value or 0) if plain else 0, at[2], *beside)


def _place(label: Label) -> tuple[bool, int, str]:
    return label.key is None, label.rank, label.name or ""


def _shown(chart: Chart, value: Decimal | None, unit: Unit) -> str | int | None:
    """Counts as whole numbers, all else as decimal texts, rounded half up."""
    if value is None:
        return None
    if unit == "percentage" and chart.formula is not None:
        value *= PERCENT
    decimals = chart.display.decimals if chart.display.decimals is not None else DECIMALS[unit]
    if decimals is not None:
        return f"{value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, EXACT):f}"
    counted = chart.formula is None and all(each.fn == "count" for each in chart.measured.values())
    if counted and value == value.to_integral_value():
        return int(value)
    return f"{value.quantize(Decimal(1).scaleb(-10), ROUND_HALF_UP, EXACT).normalize(EXACT):f}"


_WORDS = frozenset({"and", "or", "not", "true", "false"})


def _combine(formula: str, values: Mapping[str, Decimal | None]) -> Decimal | None:
    """A formula over named values, by the rules of the formula language: what is missing makes it empty."""
    known = re.compile(rf"(?<!\{{)\b({'|'.join(map(re.escape, values))})\b(?!\s*\()")
    fields = (
        *(ExpressionField(name, Kind.NUMBER) for name in values),
        ExpressionField(RESULT + "_", None, formula=known.sub(r"{\1}", formula)),
    )
    schema = Schema({"values": Project("values", fields=fields)})
    record = {
        "id": "",
        "project_key": "values",
        "links": {},
        "values": {k: f"{v:f}" for k, v in values.items() if v is not None},
    }
    found = value(RESULT + "_", record, Context(schema, EPOCH))
    return None if found is None else Decimal(found)
