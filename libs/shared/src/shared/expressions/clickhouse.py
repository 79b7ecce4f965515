"""Filters, sorts and values as SQL of ClickHouse, over analytics' table of record versions, read with FINAL.

There are no correlated subqueries: a reference to one record is a LEFT JOIN, to several an uncorrelated IN.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from shared.expressions.clickhouse_aggregates import AGGREGATES, OF_NOTHING, money
from shared.expressions.clickhouse_functions import NUMBER, functions, quoted
from shared.expressions.schema import SCALE, Kind, Schema
from shared.expressions.sql_parts import Amount, Join, Place
from shared.expressions.sql_query import SqlQuery
from shared.expressions.tree import Filter, Hop, Operand, Rollup, Sort, Stage, Stay, Value

TYPES = {
    Kind.NUMBER: NUMBER,
    Kind.MONEY: NUMBER,
    Kind.BOOLEAN: "Nullable(Bool)",
    Kind.DATETIME: "Nullable(DateTime64(3, 'UTC'))",
}
COLUMNS = {
    "title": "nullIf({0}.title, '')",
    "list": "nullIf({0}.list, '')",
    "assignee": "{0}.assignees",
    "color": "nullIf({0}.color, '')",
    "record.probability": f"toDecimal256OrNull({{0}}.probability, {SCALE})",
    "record.outcome": "nullIf({0}.outcome, '')",
    "done": "if({0}.id = '', NULL, isNotNull({0}.done_at))",
}
STORED = {
    Kind.TEXT: "nullIf(JSONExtractString({}), '')",
    Kind.NUMBER: f"toDecimal256OrNull(JSONExtractString({{}}), {SCALE})",
    Kind.BOOLEAN: "JSONExtract({}, 'Nullable(Bool)')",
    Kind.DATETIME: "parseDateTime64BestEffortOrNull(JSONExtractString({}), 3, 'UTC')",
    Kind.OPTIONS: "JSONExtract({}, 'Array(String)')",
    Kind.FILE: "JSONExtractArrayRaw({})",
}
# What a client must allow: a filter of many conditions on large formulas is longer than the usual 256 kB.
SETTINGS = {"max_query_size": 16_000_000, "max_ast_elements": 1_000_000, "max_expanded_ast_elements": 2_000_000}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Layout:
    """The table of records: a ReplacingMergeTree by version.

    Columns: id, project (key), list, title, values (JSON) String; links Map(String, Array(String)); tags, assignees
    Array(String); color, probability, outcome (its state) String; the times Nullable(DateTime64(3, 'UTC')); is_deleted
    UInt8; stages Array(Tuple(list String, entered_at DateTime64(3, 'UTC'), left_at Nullable(DateTime64(3, 'UTC')))).
    ``rate``: a ReplacingMergeTree with date, from, to String and rate Decimal(76, 10); without it money has a value in
    its own currency only.
    """

    record: str = "record"
    rate: str | None = None


class Query(SqlQuery):
    """One statement over a project's records. `source` and `parameters` come last."""

    def __init__(self, schema: Schema, project: str, layout: Layout, *, now: datetime) -> None:
        super().__init__(schema, project, now)
        self.layout = layout
        self.functions = functions(schema.timezone)
        self.parameters: dict[str, Any] = {}

    @property
    def source(self) -> str:
        """For FROM: the newest version of each record as ``r``, with what it looks up."""
        return f"{self.layout.record} AS r FINAL {self.joins}"

    @property
    def joins(self) -> str:
        """What the values and conditions look up, for a FROM of the caller's own that calls the record ``r``."""
        return " ".join(map(str, self.root.scope.joins))

    @property
    def scope(self) -> str:
        """The living records of the project that there are for who asks."""
        return self._living(self.root.project, self.root.alias)

    def _living(self, project: str, alias: str) -> str:
        living = f"{alias}.project = {quoted(project)} AND {alias}.is_deleted = 0"
        if self.schema.project(project).only is None:
            return living
        return f"{living} AND ifNull({self.exists(project, alias)}, false)"

    def condition(self, tree: Filter) -> str:
        """For WHERE: may be NULL where it does not hold."""
        return f"({self.checked(tree)})"

    def value(self, operand: Operand) -> str:
        """The value; money as its amount in the base currency (see `money`). Texts are as they are stored."""
        value = self.compile(operand, self.root)
        return self.base(value, self.root) if isinstance(value, Amount) else value

    def money(self, operand: Operand) -> tuple[str, str]:
        """Amount and currency of a value that is money."""
        value = self.compile(operand, self.root)
        money = value.settled() if isinstance(value, Amount) else Amount(value)
        return money.amount, money.currency

    def order(self, sorts: Sequence[Sort]) -> str:
        """For ORDER BY: empties last, equals by id."""
        keys = [f"{self.sort_key(sort)} {'DESC' if sort.descending else 'ASC'} NULLS LAST" for sort in sorts]
        return ", ".join([*keys, "r.id"])

    # --- the engine's words

    def bind(self, value: Any, kind: Kind) -> str:
        name = f"value_{len(self.parameters)}"
        match kind:
            case Kind.NUMBER:
                self.parameters[name] = f"{value:f}"
                return f"{{{name}:Decimal(76, {SCALE})}}"
            case Kind.BOOLEAN:
                self.parameters[name] = value
                return f"{{{name}:Bool}}"
            case Kind.DATETIME:
                self.parameters[name] = (value - EPOCH) // timedelta(milliseconds=1)
                return f"fromUnixTimestamp64Milli({{{name}:Int64}}, 'UTC')"
        self.parameters[name] = value
        return f"{{{name}:{'Array(String)' if kind is Kind.OPTIONS else 'String'}}}"

    def stored(self, alias: str, key: str, kind: Kind) -> str | Amount:
        path = f"{alias}.values, {quoted(key)}"
        if kind is Kind.LINK:
            return f"{alias}.links[{quoted(key)}]"
        if kind is Kind.MONEY:
            amount = STORED[Kind.NUMBER].format(f"{path}, 'amount'")
            return Amount(amount, (STORED[Kind.TEXT].format(f"{path}, 'currency'"),))
        return STORED.get(kind, STORED[Kind.TEXT]).format(path)

    def system(self, alias: str, key: str) -> str:
        return COLUMNS.get(key, f"{{0}}.{key}").format(alias)

    def constant(self, value: Any, kind: Kind) -> str:
        type_ = TYPES.get(kind, "Nullable(String)")
        if value is None:
            return f"CAST(NULL, {quoted(type_)})"
        if isinstance(value, bool):
            return f"CAST({str(value).lower()}, {quoted(type_)})"
        if isinstance(value, datetime):
            return f"fromUnixTimestamp64Milli(toInt64({(value - EPOCH) // timedelta(milliseconds=1)}), 'UTC')"
        if isinstance(value, Decimal):
            return f"toDecimal256('{value:f}', {SCALE})"
        return quoted(str(value))

    def is_there(self, alias: str) -> str:
        return f"{alias}.id != ''"

    def records(self, project: str) -> str:
        _, alias = self.aliases()
        return f"(SELECT * FROM {self.layout.record} AS {alias} FINAL WHERE {self._living(project, alias)})"  # noqa: S608 — quoted

    def links(self, project: str, key: str) -> str:
        ids = f"links[{quoted(key)}]"
        rows = f"SELECT id AS record_id, arrayJoin(arrayEnumerate({ids})) AS position, {ids}[position] AS target_id"
        return f"({rows} FROM {self.records(project)})"

    def is_link(self, link: str, key: str) -> str:  # noqa: ARG002 — `links` holds one field's
        return "true"

    def is_target(self, link: str, target: str, project: str) -> str:  # noqa: ARG002 — `records` sees to it
        return f"{target}.id = {link}.target_id"

    def is_source(self, link: str, source: str, project: str) -> str:  # noqa: ARG002 — `records` holds one project's
        return f"{source}.id = {link}.record_id"

    def to_one(self, place: Place, hop: Hop, link: str, target: str) -> Sequence[Join]:  # noqa: ARG002 — no link table
        first = f"{place.alias}.links[{quoted(hop.field)}][1]"
        return [Join(self.records(hop.project), target, f"{target}.id = {first}")]

    def is_not_true(self, condition: str) -> str:
        return f"NOT ifNull({condition}, false)"

    def is_one_of(self, value: str, texts: Sequence[Value]) -> str:
        return f"has({self.bind(list(texts), Kind.OPTIONS)}, {value})"

    def contains(self, value: str, text: str) -> str:
        return f"position({value}, {self.bind(text, Kind.TEXT)}) > 0"

    def starts_with(self, value: str, text: str) -> str:
        return f"startsWith({value}, {self.bind(text, Kind.TEXT)})"

    def is_record(self, alias: str, ids: Sequence[Value]) -> str:
        return f"has({self.bind(list(ids), Kind.OPTIONS)}, {alias}.id)"

    def has_any(self, place: Place, operand: Operand, texts: Sequence[Value]) -> str:
        return f"hasAny({self.compile(operand, place)}, {self.bind(list(texts), Kind.OPTIONS)})"

    def has_none_at_all(self, place: Place, operand: Operand) -> str:
        return f"empty({self.compile(operand, place)})"

    def is_referenced(self, place: Place, project: str, link: str) -> str:
        return f"{place.alias}.id IN (SELECT target_id FROM {self.links(project, link)})"  # noqa: S608 — quoted

    def rolled_up(self, rollup: Rollup, value: str, inner: Place, condition: str, place: Place) -> str:
        link, group = self.aliases()
        table, end, is_other = self.many(place, rollup.hop, link, inner.alias)
        first = "" if rollup.hop.multiple else f" AND {link}.position = 1"
        rows = (
            f"(SELECT {link}.{end} AS id, {value} AS value FROM {table} AS {link}"  # noqa: S608 — quoted
            f" INNER JOIN {self.records(rollup.hop.project)} AS {inner.alias} ON {is_other}"
            f" {' '.join(map(str, inner.scope.joins))} WHERE ({condition}){first} GROUP BY {link}.{end})"
        )
        place.scope.joins.append(Join(rows, group, f"{group}.id = {place.alias}.id"))
        empty = OF_NOTHING.get(rollup.function)
        return f"if({group}.id = '', {empty}, {group}.value)" if empty else f"{group}.value"

    def aggregate(self, rollup: Rollup, value: str | Amount, place: Place) -> str:
        if isinstance(value, Amount):
            return money(rollup.function, value.settled().amount, self.base(value, place))
        return AGGREGATES[rollup.function](value)

    def stage(self, alias: str, stage: Stage) -> str:
        moments = self._stages(alias, f"s.{3 if stage.left else 2}", stage.list)
        return f"arrayReduce('{'max' if stage.last else 'min'}OrNull', {moments})"

    def stay(self, alias: str, stay: Stay) -> str:
        now = (self.now - EPOCH) // timedelta(milliseconds=1)
        left = f"ifNull(toUnixTimestamp64Milli(s.3), toInt64({now}))"
        spent = self._stages(alias, f"{left} - toUnixTimestamp64Milli(s.2)", stay.list)
        return f"CAST(intDiv(arrayReduce('sumOrNull', {spent}), 1000), '{NUMBER}')"

    def _stages(self, alias: str, value: str, stage: str) -> str:
        return f"arrayMap(s -> {value}, arrayFilter(s -> s.1 = {quoted(stage)}, {alias}.stages))"

    def rate(self, amount: str, currency: str, wanted: str, day: str) -> str:
        """From a map of all rates to the wanted currency, read once a statement: direct ones first, then the latest."""
        if self.layout.rate is None:
            return "NULL"
        one = f"toDecimal256(1, {SCALE})"
        table = f"FROM {self.layout.rate} FINAL WHERE"
        direct = f"SELECT `from` AS currency, 0 AS inverse, date, rate AS times, {one} AS over {table} `to` = {wanted}"
        rows = f"{direct} UNION ALL SELECT `to`, 1, date, {one}, rate {table} `from` = {wanted}"
        course = "arrayReverseSort(x -> (-x.1, x.2), groupArray((inverse, date, times, over)))"
        courses = f"SELECT currency, {course} AS course FROM ({rows}) GROUP BY currency"  # noqa: S608 — quoted
        known = f"(SELECT mapFromArrays(groupArray(currency), groupArray(course)) FROM ({courses}))"  # noqa: S608 — quoted
        latest = f"arrayFirst(x -> ifNull(x.2 <= {day}, false), {known}[ifNull({currency}, '')])"
        return self.functions["divide"](f"({amount} * {latest}.3)", f"{latest}.4")
