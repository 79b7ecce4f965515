"""A chart compiled: what a caller wrote is checked, and becomes SELECTs over the snapshots of records.

All SELECTs of all charts have the same columns, so that a whole dashboard is one statement:
``part, label, grouped, total, filled, least, greatest, records, unpriced``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from analytics.domain.chart import ENTERED, Bucket, Chart, Value
from analytics.domain.names import Names
from analytics.domain.workspace import LAYOUT
from shared.errors import Invalid
from shared.expressions import Kind, Operand, Schema, find_operand, parse_filter, parse_formula
from shared.expressions.clickhouse import Query
from shared.expressions.clickhouse_functions import quoted
from shared.expressions.sql_parts import Amount
from shared.expressions.tree import Expression, kind_of

NOTHING = "CAST(NULL, 'Nullable(String)')"
NEVER = "CAST(NULL, 'Nullable(DateTime64(3, 'UTC'))')"
NO_RECORDS = ("false",)
ONE = "toDecimal256(1, 10)"
DAYS: Mapping[Bucket, str] = {
    "day": "toString({0})",
    "week": "concat(toString(toISOYear({0})), '-W', leftPad(toString(toISOWeek({0})), 2, '0'))",
    "month": "substring(toString({0}), 1, 7)",
    "quarter": "concat(toString(toYear({0})), '-Q', toString(toQuarter({0})))",
    "year": "toString(toYear({0}))",
}
ALIASES = {"tag": "tags", "stage": "list"}
# Groupings whose keys are merged across projects where their names are the same.
MERGED = ("list", "tags")
SINGLE = (Kind.OPTION, Kind.TEXT, Kind.USER, Kind.PLACE)
MONEY_DECIMALS = 2


@dataclass(frozen=True, slots=True)
class Scope:
    """What a whole dashboard is narrowed to. ``list`` and ``tag`` are keys or names, in any project."""

    projects: tuple[str, ...] = ()
    list: str | None = None
    tag: str | None = None
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True)
class Place:
    """Where charts are asked. ``schema`` is the workspace as whoever asks sees it: what they may not is not there."""

    schema: Schema
    names: Names
    now: datetime
    scope: Scope = Scope()


@dataclass(frozen=True, slots=True)
class Grouping:
    """``field`` and ``project`` say whose names the keys have; ``project`` differs where references were followed."""

    project: str
    field: str
    sql: str
    is_list: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One value of a chart over one project. ``groupings`` are those of its keys that have names."""

    value: str
    project: str
    is_money: bool
    groupings: tuple[Grouping | None, ...]
    sql: str


def plan(chart: Chart, place: Place, bound: dict[str, Any]) -> list[Part]:
    """The parts of a chart. Raises `Invalid` that names each place.

    What filters compare with is added to ``bound``, the parameters of the statement.
    """
    return [
        _Reading(chart, place, bound, name, value, project).part()
        for name, value in chart.measured.items()
        for project in value.source or chart.source
    ]


def can_be_drawn(chart: Chart, place: Place) -> bool:
    """Whether all that it asks is there for whoever asks."""
    try:
        plan(chart, place, {})
    except Invalid:
        return False
    return True


def statement(parts: Sequence[Part]) -> str:
    return " UNION ALL ".join(f"SELECT {number} AS part, {each.sql}" for number, each in enumerate(parts))


class _Reading:
    """One value over one project being read."""

    def __init__(
        self, chart: Chart, place: Place, bound: dict[str, Any], name: str, value: Value, project: str
    ) -> None:
        if project not in place.schema.projects:
            pointer = f"/values/{name}/source" if value.source else "/source"
            raise Invalid.at(pointer, f"There is no project '{project}'.")
        self.chart, self.place, self.name, self.value, self.project = chart, place, name, value, project
        self.pointer = f"/values/{name}" if chart.values is not None else "/measure"
        self.query = Query(place.schema, project, LAYOUT, now=place.now)
        self.query.parameters = bound
        self.entered = ""

    def part(self) -> Part:
        measured, is_money, unpriced = self._measured()
        at = self._at()
        groupings = [self._grouping(each, number) for number, each in enumerate(self.chart.group_by)]
        conditions = self._conditions(at)
        keys = [] if self.chart.bucket is None else [self._bucket(self.chart.bucket, at)]
        keys += [each.sql for each in groupings]
        width = " * ".join(f"greatest(length({each.sql}), 1)" for each in groupings if each.is_list) or "1"
        shared = self.chart.multi_value == "split_evenly" and self.value.fn in ("sum", "count")
        selected = f"({measured} / {width})" if shared and width != "1" else measured
        names: tuple[Grouping | None, ...] = (*(() if self.chart.bucket is None else (None,)), *groupings)
        columns = [
            _key(*each) for each in zip(keys, [each is not None and each.is_list for each in names], strict=True)
        ]
        sql = self._select([*columns, NOTHING, NOTHING][:2], selected, width, unpriced, conditions)
        return Part(self.name, self.project, is_money, names, sql)

    def _select(self, keys: Sequence[str], measured: str, width: str, unpriced: str, conditions: Sequence[str]) -> str:
        label, grouped = keys
        where = " AND ".join(f"({each})" for each in conditions)
        rows = (
            f"SELECT {label} AS label, {grouped} AS grouped, CAST({measured}, 'Nullable(Decimal(76, 10))') AS measured,"
            f" 1 / ({width}) AS share, {unpriced} AS priceless FROM {self.query.source} {self.entered} WHERE {where}"
        )
        return (
            "label, grouped, sum(measured) AS total, count(measured) AS filled, min(measured) AS least,"
            " max(measured) AS greatest, sum(share) AS records, sumIf(share, priceless) AS unpriced"
            f" FROM ({rows}) GROUP BY label, grouped"
        )

    def _measured(self) -> tuple[str, bool, str]:
        """The value of a record, whether it is money, and the condition that it has no rate."""
        if self.value.fn == "count":
            return ONE, False, "false"
        expression = self._expression()
        compiled = self.query.compile(expression, self.query.root)
        if not isinstance(compiled, Amount):
            return compiled, False, "false"
        base = self.query.base(compiled, self.query.root)
        unpriced = f"isNotNull({compiled.settled().amount}) AND isNull({base})"
        return f"round({base}, {MONEY_DECIMALS})", True, f"ifNull({unpriced}, false)"

    def _expression(self) -> Expression:
        word = "field" if self.value.field else "expr"
        pointer = f"{self.pointer}/{word}"
        if self.value.field:
            expression: Expression = find_operand(self.value.field, self.project, self.place.schema, pointer)
        else:
            expression = parse_formula(self.value.expr, self.project, self.place.schema, pointer)
        if isinstance(expression, Operand) and expression.many:
            raise Invalid.at(pointer, f"'{self.value.field}' may hold several values a record; roll them up first.")
        if kind_of(expression) not in (Kind.NUMBER, Kind.MONEY):
            raise Invalid.at(pointer, f"Only numbers and amounts add up; this is of kind {kind_of(expression)}.")
        return expression

    def _at(self) -> str:
        """The moment a record counts at; a day begins where the workspace is. Never where its list is not there."""
        name = self.chart.date_basis or "created_at"
        if name.startswith(ENTERED):
            return self._entered(name.removeprefix(ENTERED))
        operand = find_operand(name, self.project, self.place.schema, "/date_basis")
        if operand.many or operand.kind not in (Kind.DATE, Kind.DATETIME):
            raise Invalid.at("/date_basis", f"'{name}' is neither a date nor a time.")
        value = self.query.value(operand)
        if operand.kind is Kind.DATETIME:
            return value
        return f"parseDateTime64BestEffortOrNull(concat({value}, ' 00:00:00'), 3, {self._zone})"

    def _entered(self, stage: str) -> str:
        lists = self.place.names.same(self.project, "list", stage)
        if not lists:
            if any(self.place.names.same(each, "list", stage) for each in self.chart.source):
                return NEVER
            raise Invalid.at("/date_basis", f"There is no list '{stage}' in {', '.join(self.chart.source)}.")
        among = ", ".join(map(quoted, lists))
        stays = (
            f"SELECT record, max(entered_at) AS entered_at FROM stage_entry FINAL"
            f" WHERE project = {quoted(self.project)} AND list IN ({among}) GROUP BY record"
        )
        self.entered = f"LEFT JOIN ({stays}) AS entered ON entered.record = r.id"
        return "if(entered.record = '', NULL, entered.entered_at)"

    @property
    def _zone(self) -> str:
        return quoted(self.place.schema.timezone)

    def _bucket(self, bucket: Bucket, at: str) -> str:
        return DAYS[bucket].format(f"toDate32(toTimeZone({at}, {self._zone}))")

    def _grouping(self, name: str, number: int) -> Grouping:
        pointer = "/group_by" if len(self.chart.group_by) == 1 else f"/group_by/{number}"
        operand = find_operand(ALIASES.get(name, name), self.project, self.place.schema, pointer)
        if operand.kind is Kind.LINK:
            operand = find_operand(f"{name}.title", self.project, self.place.schema, pointer)
        is_list = operand.kind is Kind.OPTIONS
        if operand.kind not in (*SINGLE, Kind.BOOLEAN, Kind.OPTIONS) or (operand.many and operand.hops):
            raise Invalid.at(pointer, f"Values of '{name}' make no groups: they are of kind {operand.kind}.")
        return Grouping(operand.project, operand.field, self.query.value(operand), is_list)

    def _conditions(self, at: str) -> Sequence[str]:
        scope, names = self.place.scope, self.place.names
        if scope.projects and self.project not in scope.projects:
            return NO_RECORDS
        trees = [(self.chart.filter, "/filter"), (self.value.filter, f"{self.pointer}/filter")]
        for key, wanted in (("list", scope.list), ("tags", scope.tag)):
            if wanted is not None:
                keys = names.same(self.project, key, wanted)
                if not keys:
                    return NO_RECORDS
                op = "in" if key == "list" else "has_any"
                trees.append(({"field": key, "op": op, "value": keys}, f"/{key}"))
        conditions = [self.query.scope, *(self._condition(*each) for each in trees if each[0] is not None)]
        for sign, moment in ((">=", scope.start), ("<", scope.end)):
            if moment is not None:
                conditions.append(f"ifNull({at} {sign} {self.query.bind(moment, Kind.DATETIME)}, false)")
        return conditions

    def _condition(self, tree: Any, pointer: str) -> str:
        return self.query.condition(parse_filter(tree, self.project, self.place.schema, pointer))


def _key(sql: str, is_list: bool) -> str:  # noqa: FBT001 — the two sides of one thing
    each = f"arrayJoin(emptyArrayToSingle({sql}))" if is_list else sql
    return f"nullIf(CAST({each}, 'Nullable(String)'), '')"
