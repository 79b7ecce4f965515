"""Filters, sorts and values as SQL of PostgreSQL 18, over the tables ``record`` and ``link`` of the records service.

Values are written with their constants in place, so that an expression index on the same text serves them; what a
condition compares with is a parameter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    DateTime,
    FromClause,
    Numeric,
    Table,
    Text,
    Uuid,
    bindparam,
    literal,
    literal_column,
    text,
    type_coerce,
)
from sqlalchemy.sql.elements import Grouping
from sqlalchemy.sql.selectable import NamedFromClause
from sqlalchemy.types import TypeEngine

from shared.errors import Invalid
from shared.expressions.fields import SYSTEM_KINDS
from shared.expressions.keyset import Key, after, from_json, to_json
from shared.expressions.postgres_aggregates import AGGREGATES, money
from shared.expressions.postgres_functions import functions, quoted
from shared.expressions.schema import Kind, Schema
from shared.expressions.sql_parts import Amount, Join, Place
from shared.expressions.sql_query import SqlQuery
from shared.expressions.tree import Filter, Hop, Operand, Rollup, Sort, Stage, Stay, Value

TYPES: Mapping[Kind, TypeEngine[Any]] = {
    Kind.NUMBER: Numeric(),
    Kind.MONEY: Numeric(),
    Kind.BOOLEAN: Boolean(),
    Kind.DATETIME: DateTime(timezone=True),
    Kind.OPTIONS: ARRAY(Text()),
    Kind.LINK: ARRAY(Uuid(as_uuid=False)),
}
CASTS = {
    Kind.NUMBER: "::numeric",
    Kind.MONEY: "::numeric",
    Kind.BOOLEAN: "::boolean",
    Kind.DATETIME: "::timestamptz",
    Kind.DATE: '::text COLLATE "C"',
}
COLUMNS = {"title": "nullif({0}.title, '')", "assignee": "{0}.assignees"}
COLUMNS["record.probability"] = "{0}.probability::numeric"
COLUMNS["record.outcome"] = "({0}.outcome ->> 'state')"
COLUMNS["done"] = "(CASE WHEN {0}.id IS NOT NULL THEN {0}.done_at IS NOT NULL END)"


@dataclass(frozen=True)
class Layout:
    """The tables, with the columns of the records service.

    ``record``: id, project_id uuid; list, title, color, probability text; values, outcome jsonb; tags, assignees
    text[]; the times; deleted_at. ``link``: record_id, target_id uuid; field text; position, 0 for a field's first.
    ``stage``: record_id; list text; entered_at, left_at. ``rate``: date text; from, to text; rate numeric; without it
    money has a value in its own currency only, and expression indexes can hold it.
    """

    record: Table
    link: Table
    stage: Table
    rate: Table | None = None


@lru_cache(maxsize=100)
def _aliased(table: Table, name: str) -> NamedFromClause:
    """One alias for all statements: it has a column for each of the table's, and to make those takes time."""
    return table.alias(name)


class Query(SqlQuery):
    """One statement over a project's records. `source` comes last: the other calls add the joins they need."""

    def __init__(self, schema: Schema, project: str, layout: Layout, *, now: datetime) -> None:
        super().__init__(schema, project, now)
        self.layout = layout
        self.functions = functions(schema.timezone)
        self.record = _aliased(layout.record, self.root.alias)
        self._parameters: dict[str, tuple[Any, Kind]] = {}

    @property
    def source(self) -> FromClause:
        """The project's records with what they look up."""
        tables = {table.fullname: table for table in (self.layout.record, self.layout.link)}
        source: FromClause = self.record
        for join in self.root.scope.joins:
            source = source.outerjoin(_aliased(tables[join.table], join.alias), text(join.on))
        return source

    @property
    def scope(self) -> ColumnElement[bool]:
        """The living records of the project that there are for who asks."""
        own = self.record.c.project_id == literal_column(self._project_id(self.root.project))
        living = own & self.record.c.deleted_at.is_(None)
        if self.schema.project(self.root.project).only is None:
            return living
        return living & self._condition(self.exists(self.root.project, self.root.alias))

    def condition(self, tree: Filter) -> ColumnElement[bool]:
        """For WHERE: may be NULL where it does not hold."""
        return self._condition(self.checked(tree))

    def _condition(self, sql: str) -> ColumnElement[bool]:
        parameters = [
            bindparam(name, value, type_=TYPES.get(kind, Text())) for name, (value, kind) in self._parameters.items()
        ]
        used = [parameter for parameter in parameters if f":{parameter.key}" in sql]
        return type_coerce(Grouping(text(sql).bindparams(*used)), Boolean())

    def value(self, operand: Operand) -> ColumnElement[Any]:
        """The value, typed; money as its amount in the base currency (see `money`)."""
        value = self.compile(operand, self.root)
        sql = self.base(value, self.root) if isinstance(value, Amount) else value
        return literal_column(sql, TYPES.get(operand.kind, Text()))

    def money(self, operand: Operand) -> tuple[ColumnElement[Decimal], ColumnElement[str]]:
        """Amount and currency of a value that is money."""
        value = self.compile(operand, self.root)
        money = value.settled() if isinstance(value, Amount) else Amount(value)
        return literal_column(money.amount, Numeric()), literal_column(money.currency, Text())

    def order(self, sorts: Sequence[Sort]) -> list[ColumnElement[Any]]:
        """For ORDER BY: empties last, equals by id."""
        return [*(_ordered(self._key(sort), sort) for sort in sorts), self.record.c.id]

    def _key(self, sort: Sort) -> ColumnElement[Any]:
        kind = sort.operand.kind
        return literal_column(self.in_order(self.sort_key(sort), kind), TYPES.get(kind, Text()))

    def in_order(self, key: str, kind: Kind) -> str:
        """A key that sorts by code point, as every text here."""
        return f'({key} COLLATE "C")' if kind in (Kind.OPTION, Kind.USER) else key

    def keys(self, sorts: Sequence[Sort]) -> list[ColumnElement[Any]]:
        """What to select so that the row's `cursor` can be taken: labelled ``key_0``, ``key_1`` … ``key_id``."""
        keys = [self._key(sort).label(f"key_{number}") for number, sort in enumerate(sorts)]
        return [*keys, self.record.c.id.label("key_id")]

    def cursor(self, sorts: Sequence[Sort], row: Mapping[str, Any]) -> list[str | bool | None]:
        """Where the row (a mapping) stands in this order, as JSON for `after`."""
        return [to_json(row[f"key_{number}"]) for number in (*range(len(sorts)), "id")]

    def after(self, sorts: Sequence[Sort], cursor: Sequence[Any]) -> ColumnElement[bool]:
        """The rows after a `cursor` of the same sorts. Raises `Invalid` where it is of others."""
        keys: list[Key] = [(self._key(sort), sort.operand.kind, sort.descending) for sort in sorts]
        keys.append((type_coerce(self.record.c.id, Uuid(as_uuid=False)), Kind.LINK, False))
        if len(cursor) != len(keys):
            raise Invalid.at("/cursor", "The cursor does not belong to this query.")
        return after(keys, [from_json(value, kind) for value, (_, kind, _) in zip(cursor, keys, strict=True)])

    def stretches(self, sorts: Sequence[Sort], cursor: Sequence[Any] | None) -> list[ColumnElement[bool]]:
        """The rows after a cursor (without one: all) as stretches that follow each other.

        Those with a first key come before those without. Of the former an index on the key can be read from the
        cursor on, and a reference be followed from its other end.
        """
        key, kind, descending = self._key(sorts[0]), sorts[0].operand.kind, sorts[0].descending
        found = self._condition(self.is_there(self.through(sorts[0].operand.hops, self.root).alias))
        if cursor is None:
            return [found & key.is_not(None), key.is_(None)]
        after = self.after(sorts, cursor)
        if cursor[0] is None:
            return [after]
        last = literal(from_json(cursor[0], kind), key.type)
        return [found & (key <= last if descending else key >= last) & after, key.is_(None)]

    # --- the engine's words

    def bind(self, value: Any, kind: Kind) -> str:
        if self.within_value:
            return self._written(value, kind)
        name = f"value_{len(self._parameters)}_"
        self._parameters[name] = (value, kind)
        return f":{name}"

    def _written(self, value: Any, kind: Kind) -> str:
        """What a parameter would be, as a part of a value, which has none."""
        if kind in (Kind.OPTIONS, Kind.LINK):
            return f"ARRAY[{', '.join(map(quoted, value))}]::{'text' if kind is Kind.OPTIONS else 'uuid'}[]"
        return self.constant(value, kind)

    def stored(self, alias: str, key: str, kind: Kind) -> str | Amount:
        field = f'{alias}."values" -> {quoted(key)}'
        if kind is Kind.MONEY:
            return Amount(f"({field} ->> 'amount')::numeric", (f"({field} ->> 'currency')",))
        if kind in (Kind.OPTIONS, Kind.FILE):
            return f"({field})"
        return f'(({alias}."values" ->> {quoted(key)}){CASTS.get(kind, "")})'

    def system(self, alias: str, key: str) -> str:
        return COLUMNS.get(key, f"{{0}}.{key}").format(alias)

    def constant(self, value: Any, kind: Kind) -> str:
        if value is None:
            return f"NULL{CASTS.get(kind, '::text')}"
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, Decimal):
            return f"{value:f}::numeric" if value >= 0 else f"({value:f})::numeric"
        text_ = value.isoformat() if isinstance(value, datetime) else str(value)
        return f"({quoted(text_)}{CASTS.get(kind, '::text')})"

    def is_there(self, alias: str) -> str:
        return f"{alias}.id IS NOT NULL"

    def links(self, project: str, key: str) -> str:  # noqa: ARG002 — one table holds all links
        return self.layout.link.fullname

    def is_link(self, link: str, key: str) -> str:
        return f"{link}.field = {quoted(key)}"

    def records(self, project: str) -> str:  # noqa: ARG002 — one table holds all records
        return self.layout.record.fullname

    def is_target(self, link: str, target: str, project: str) -> str:
        of_project = f"{target}.project_id = {self._project_id(project)}"
        living = f"{target}.id = {link}.target_id AND {target}.deleted_at IS NULL AND {of_project}"
        return f"{living} AND {self.exists(project, target)}"

    def is_source(self, link: str, source: str, project: str) -> str:
        of_project = f"{source}.project_id = {self._project_id(project)}"
        living = f"{source}.id = {link}.record_id AND {source}.deleted_at IS NULL AND {of_project}"
        return f"{living} AND {self.exists(project, source)}"

    def to_one(self, place: Place, hop: Hop, link: str, target: str) -> Sequence[Join]:
        first = f"{link}.record_id = {place.alias}.id AND {self.is_link(link, hop.field)} AND {link}.position = 0"
        return [
            Join(self.links(place.project, hop.field), link, first),
            Join(self.records(hop.project), target, self.is_target(link, target, hop.project)),
        ]

    def is_not_true(self, condition: str) -> str:
        return f"({condition}) IS NOT TRUE"

    def is_one_of(self, value: str, texts: Sequence[Value]) -> str:
        return f"{value} = ANY ({self.bind(list(texts), Kind.OPTIONS)})"

    def contains(self, value: str, text: str) -> str:
        return f"strpos({value}, {self.bind(text, Kind.TEXT)}) > 0"

    def starts_with(self, value: str, text: str) -> str:
        return f"starts_with({value}, {self.bind(text, Kind.TEXT)})"

    def is_record(self, alias: str, ids: Sequence[Value]) -> str:
        return f"{alias}.id = ANY ({self.bind(list(ids), Kind.LINK)})"

    def has_any(self, place: Place, operand: Operand, texts: Sequence[Value]) -> str:
        if operand.kind is Kind.LINK:
            return self._has_link(place, operand, f" AND target_id = ANY ({self.bind(list(texts), Kind.LINK)})")
        wanted = self.bind(list(texts), Kind.OPTIONS)
        stored = self.compile(operand, place)
        return f"{stored} {'&&' if operand.field in SYSTEM_KINDS else '?|'} {wanted}"

    def has_none_at_all(self, place: Place, operand: Operand) -> str:
        if operand.kind is Kind.LINK:
            return f"NOT {self._has_link(place, operand)}"
        size = "cardinality" if operand.field in SYSTEM_KINDS else "jsonb_array_length"
        return f"coalesce({size}({self.compile(operand, place)}), 0) = 0"

    def _has_link(self, place: Place, operand: Operand, wanted: str = "") -> str:
        mine = f"record_id = {place.alias}.id AND {self.is_link('link', operand.field)}{wanted}"
        return f"EXISTS (SELECT FROM {self.layout.link.fullname} AS link WHERE {mine})"

    def is_referenced(self, place: Place, project: str, link: str) -> str:
        _, source = self.aliases()
        living = f"{source}.id = link.record_id AND {source}.deleted_at IS NULL AND {self.exists(project, source)}"
        return (
            f"{place.alias}.id IN (SELECT link.target_id FROM {self.layout.link.fullname} AS link"  # noqa: S608 — quoted
            f" INNER JOIN {self.layout.record.fullname} AS {source} ON {living}"
            f" WHERE {self.is_link('link', link)} AND {source}.project_id = {self._project_id(project)})"
        )

    def rolled_up(self, rollup: Rollup, value: str, inner: Place, condition: str, place: Place) -> str:
        link, _ = self.aliases()
        table, end, is_other = self.many(place, rollup.hop, link, inner.alias)
        mine = f"{link}.{end} = {place.alias}.id AND {self.is_link(link, rollup.hop.field)}"
        first = "" if rollup.hop.multiple else f" AND {link}.position = 0"
        return (
            f"(SELECT {value} FROM {table} AS {link} INNER JOIN {self.records(rollup.hop.project)} AS {inner.alias}"  # noqa: S608 — quoted
            f" ON {is_other} {' '.join(map(str, inner.scope.joins))} WHERE {mine}{first} AND ({condition}))"
        )

    def aggregate(self, rollup: Rollup, value: str | Amount, place: Place) -> str:
        if isinstance(value, Amount):
            return money(rollup.function, value.settled().amount, self.base(value, place))
        return AGGREGATES[rollup.function](value)

    def stage(self, alias: str, stage: Stage) -> str:
        moment = f"{'max' if stage.last else 'min'}({'left_at' if stage.left else 'entered_at'})"
        return self._stages(alias, moment, stage.list)

    def stay(self, alias: str, stay: Stay) -> str:
        now = self.constant(self.now, Kind.DATETIME)
        return self._stages(alias, f"trunc(sum(extract(epoch FROM coalesce(left_at, {now}) - entered_at)))", stay.list)

    def _stages(self, alias: str, value: str, stage: str) -> str:
        mine = f"record_id = {alias}.id AND list = {quoted(stage)}"
        return f"(SELECT {value} FROM {self.layout.stage.fullname} WHERE {mine})"  # noqa: S608 — quoted

    def rate(self, amount: str, currency: str, wanted: str, day: str) -> str:
        if self.layout.rate is None:
            return "NULL"
        table = f"FROM {self.layout.rate.fullname} WHERE date <= {day} AND"
        direct = f'SELECT 0 AS inverse, date, rate AS times, 1 AS over {table} "from" = {currency} AND "to" = {wanted}'
        inverse = f'SELECT 1, date, 1, rate {table} "from" = {wanted} AND "to" = {currency}'
        found = f"{direct} UNION ALL {inverse}"
        worth = self.functions["divide"](f"({amount} * times)", "over")
        return f"(SELECT {worth} FROM ({found}) AS known ORDER BY inverse, date DESC LIMIT 1)"  # noqa: S608 — quoted

    def _project_id(self, project: str) -> str:
        return f"{quoted(self.schema.project(project).id)}::uuid"


def _ordered(key: ColumnElement[Any], sort: Sort) -> ColumnElement[Any]:
    return (key.desc() if sort.descending else key.asc()).nulls_last()
