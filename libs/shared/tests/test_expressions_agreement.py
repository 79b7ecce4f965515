"""Python, PostgreSQL and ClickHouse agree on random worlds: which records pass, in which order, and to the digit."""

import json
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from typing import Any

import clickhouse_connect
import pytest
import pytest_asyncio
import sqlalchemy as sa
from clickhouse_connect.driver.client import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from shared.errors import Invalid
from shared.expressions import (
    Kind,
    Operand,
    Sort,
    clickhouse,
    computed_operands,
    find_operand,
    parse_filter,
    parse_formula,
    parse_sort,
    postgres,
    python,
)
from shared.expressions.python_functions import number_text
from shared.expressions.python_values import found
from shared.expressions.tree import Money, kind_of
from shared.testing.languages import ALL_TIMES, NOW, SCALARS, Formulas
from shared.testing.worlds import World, random_world

FILTERS, FORMULAS = 16, 16
# More by hand: TRUNKLINE_EXAMPLES=25.
EXAMPLES = int(os.environ.get("TRUNKLINE_EXAMPLES", "4"))
FEWER = EXAMPLES // 2
SAME = ("id", "list", "title", "color", "probability", "outcome", "tags", "assignees", "values")
METADATA = sa.MetaData()
RECORD = sa.Table(
    "record",
    METADATA,
    sa.Column("id", sa.Uuid(as_uuid=False), primary_key=True),
    sa.Column("project_id", sa.Uuid(as_uuid=False)),
    *(sa.Column(name, sa.Text) for name in ("list", "title", "color", "probability")),
    *(sa.Column(name, JSONB(none_as_null=True)) for name in ("values", "outcome")),
    *(sa.Column(name, sa.ARRAY(sa.Text)) for name in ("tags", "assignees")),
    *(sa.Column(name, sa.DateTime(timezone=True)) for name in (*ALL_TIMES, "deleted_at")),
)
LINK = sa.Table(
    "link",
    METADATA,
    sa.Column("record_id", sa.Uuid(as_uuid=False)),
    sa.Column("field", sa.Text),
    sa.Column("target_id", sa.Uuid(as_uuid=False)),
    sa.Column("position", sa.Integer),
)
STAGE = sa.Table(
    "stage_entry",
    METADATA,
    sa.Column("record_id", sa.Uuid(as_uuid=False)),
    sa.Column("list", sa.Text),
    *(sa.Column(name, sa.DateTime(timezone=True)) for name in ("entered_at", "left_at")),
)
RATE = sa.Table(
    "rate", METADATA, *(sa.Column(name, sa.Text) for name in ("date", "from", "to")), sa.Column("rate", sa.Numeric)
)
LAYOUT = postgres.Layout(RECORD, LINK, STAGE, RATE)
COLUMNAR = clickhouse.Layout("agreement.record", "agreement.rate")
CLICKHOUSE_COLUMNS = {
    **dict.fromkeys(("id", "title", "values", "probability"), "String"),
    **dict.fromkeys(("project", "list", "list_category", "color", "outcome"), "LowCardinality(String)"),
    "links": "Map(String, Array(String))",
    **dict.fromkeys(("tags", "assignees"), "Array(String)"),
    **dict.fromkeys(ALL_TIMES, "Nullable(DateTime64(3, 'UTC'))"),
    "stages": "Array(Tuple(list String, entered_at DateTime64(3, 'UTC'), left_at Nullable(DateTime64(3, 'UTC'))))",
    "version": "UInt64",
    "is_deleted": "UInt8",
}


@pytest_asyncio.fixture(loop_scope="session")
async def connection(database_url: str) -> AsyncIterator[AsyncConnection]:
    engine = create_async_engine(database_url)
    async with engine.connect() as opened:
        await opened.run_sync(METADATA.create_all)
        await opened.commit()
        yield opened
    await engine.dispose()


@pytest.fixture
def client(chdb_path: str) -> Iterator[Client]:
    with clickhouse_connect.get_client(interface="chdb", path=chdb_path, settings=clickhouse.SETTINGS) as opened:
        opened.command("CREATE DATABASE agreement")
        columns = ", ".join(f"{name} {type_}" for name, type_ in CLICKHOUSE_COLUMNS.items())
        opened.command(f"CREATE TABLE agreement.record ({columns}) ENGINE = ReplacingMergeTree(version) ORDER BY id")
        rates = "date String, `from` String, `to` String, rate Decimal(76, 10), version UInt64"
        order = "ENGINE = ReplacingMergeTree(version) ORDER BY (`from`, `to`, date)"
        opened.command(f"CREATE TABLE agreement.rate ({rates}) {order}")
        yield opened
        opened.command("DROP DATABASE agreement")


def moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


@asynccontextmanager
async def loaded(world: World, connection: AsyncConnection, client: Client) -> AsyncIterator[None]:
    try:
        await load(world, connection, client)
        yield
    finally:
        await connection.rollback()
        client.command("TRUNCATE TABLE agreement.record")
        client.command("TRUNCATE TABLE agreement.rate")


async def load(world: World, connection: AsyncConnection, client: Client) -> None:
    rows, links, facts, stages = [], [], [], []
    for record in world.records.values():
        times = {name: moment(record[name]) for name in ALL_TIMES}
        same = {name: record[name] for name in SAME}
        deleted = record["id"] in world.deleted
        rows.append({**same, **times, "project_id": record["project"], "deleted_at": NOW if deleted else None})
        for field, targets in record["links"].items():
            links += [
                {"record_id": record["id"], "field": field, "target_id": target, "position": position}
                for position, target in enumerate(targets)
            ]
        stays = [
            (each["list"], moment(each["entered_at"]), moment(each["left_at"])) for each in record["stage_history"]
        ]
        names = ("record_id", "list", "entered_at", "left_at")
        stages += [dict(zip(names, (record["id"], *stay), strict=True)) for stay in stays]
        fact = {**record, **times, "project": record["project_key"], "values": json.dumps(record["values"])}
        fact |= {"probability": record["probability"] or "", "outcome": (record["outcome"] or {}).get("state", "")}
        fact |= {"color": record["color"] or "", "is_deleted": deleted, "stages": stays}
        facts.append([fact[name] for name in CLICKHOUSE_COLUMNS])
    await connection.execute(sa.insert(RECORD), rows)
    await connection.execute(sa.insert(LINK), links)
    rates = [dict(zip(("date", "from", "to", "rate"), rate, strict=True)) for rate in world.rates]
    await connection.execute(sa.insert(STAGE), stages)
    await connection.execute(sa.insert(RATE), rates)
    client.insert("agreement.rate", [[*rate, 1] for rate in world.rates])
    client.insert("agreement.record", facts, column_names=list(CLICKHOUSE_COLUMNS))


def plain(value: Any, kind: Kind) -> Any:
    """What an engine answered, as Python's backend says it."""
    if value is None:
        return None
    if kind in (Kind.NUMBER, Kind.MONEY):
        return number_text(Decimal(value))
    if kind is Kind.BOOLEAN:
        return bool(value)
    if kind is Kind.DATETIME:
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return value


class Questions:
    """What is asked of all three: filters and formulas (with their source), and sorts, of one project."""

    def __init__(self, random: Random, world: World, project: str) -> None:
        self.world, self.project = world, project
        conditions = world.conditions(random, project)
        written = [conditions.write(2) for _ in range(FILTERS)]
        self.filters = [(text, parse_filter(text, project, world.schema)) for text in written]
        formulas = Formulas(random, world.schema, project)
        self.formulas = [formula for _ in range(FORMULAS) if (formula := self.formula(formulas, random))]
        for key, operand in computed_operands(project, world.schema).items():
            if not operand.many:
                self.formulas.append((str(world.schema.project(project).by_key[key]), operand))

    def formula(self, formulas: Formulas, random: Random) -> tuple[str, Operand] | None:
        text = formulas.write(random.choice(SCALARS), 3)
        try:
            tree = parse_formula(text, self.project, self.world.schema)
        except Invalid:
            return None  # too large, with the formulas it uses
        return text, Operand(self.project, "formula", kind_of(tree), formula=tree)


def seen_from_python(world: World) -> python.Context:
    return python.Context(world.schema, NOW, world.resolve, world.referencing, world.linking, world.known_rates)


def asked_of_python(questions: Questions) -> dict[str, list[Any]]:
    world = questions.world
    context = seen_from_python(world)
    answers = {}
    for record in world.of(questions.project):
        passes = [python.holds(tree, record, context) for _, tree in questions.filters]
        values = [[shown(value) for _, value in found(operand, record, context)] for _, operand in questions.formulas]
        answers[record["id"]] = passes + [value[0] if value else None for value in values]
    return answers


def shown(value: Any) -> Any:
    if isinstance(value, Money):
        return number_text(value.amount), value.currency or "EUR"
    return number_text(value) if isinstance(value, Decimal) else value


async def asked_of_postgres(questions: Questions, connection: AsyncConnection) -> dict[str, list[Any]]:
    query = postgres.Query(questions.world.schema, questions.project, LAYOUT, now=NOW)
    columns: list[Any] = [query.condition(tree).is_(True) for _, tree in questions.filters]
    for _, operand in questions.formulas:
        columns += query.money(operand) if operand.kind is Kind.MONEY else (query.value(operand),)
    labelled = [column.label(f"column_{number}") for number, column in enumerate(columns)]
    statement = sa.select(query.record.c.id, *labelled).select_from(query.source).where(query.scope)
    rows = await connection.execute(statement)
    return {id_: answered(questions, answers) for id_, *answers in rows}


def asked_of_clickhouse(questions: Questions, client: Client) -> dict[str, list[Any]]:
    query = clickhouse.Query(questions.world.schema, questions.project, COLUMNAR, now=NOW)
    columns = [f"ifNull({query.condition(tree)}, false)" for _, tree in questions.filters]
    for _, operand in questions.formulas:
        columns += query.money(operand) if operand.kind is Kind.MONEY else (query.value(operand),)
    labelled = [f"{column} AS column_{number}" for number, column in enumerate(columns)]
    sql = f"SELECT r.id, {', '.join(labelled)} FROM {query.source} WHERE {query.scope}"  # noqa: S608 — compiled
    rows = client.query(sql, parameters=query.parameters or None).result_rows
    return {id_: answered(questions, answers) for id_, *answers in rows}


def answered(questions: Questions, answers: Sequence[Any]) -> list[Any]:
    """A row's answers, as Python's backend says them."""
    left = iter(answers)
    said: list[Any] = [bool(next(left)) for _ in questions.filters]
    for _, operand in questions.formulas:
        value = plain(next(left), operand.kind)
        if operand.kind is Kind.MONEY:
            currency = next(left)
            value = None if value is None else (value, currency or "EUR")
        said.append(value)
    return said


# Each is a world of its own, asked some hundred questions; more of them by hand: TRUNKLINE_EXAMPLES=50.
EXAMPLES = int(os.environ.get("TRUNKLINE_EXAMPLES", "2"))
SEEDS = [Phase.explicit, Phase.generate]  # a seed cannot be made simpler
ONE_AFTER_ANOTHER = [HealthCheck.function_scoped_fixture]  # `loaded` cleans up after each example


@given(seed=st.integers(0, 2**32))
@settings(max_examples=EXAMPLES, derandomize=True, deadline=None, phases=SEEDS, suppress_health_check=ONE_AFTER_ANOTHER)
async def test_three_backends_give_one_answer(seed: int, connection: AsyncConnection, client: Client) -> None:
    random = Random(seed)
    world = random_world(random, 40)
    async with loaded(world, connection, client):
        for project in ("deals", "customers"):
            questions = Questions(random, world, project)
            expected = asked_of_python(questions)
            compare(questions, expected, await asked_of_postgres(questions, connection), "PostgreSQL")
            compare(questions, expected, asked_of_clickhouse(questions, client), "ClickHouse")


def compare(questions: Questions, expected: dict[str, list[Any]], actual: dict[str, list[Any]], engine: str) -> None:
    assert actual.keys() == expected.keys()
    asked = [text for text, _ in (*questions.filters, *questions.formulas)]
    for id_, answers in expected.items():
        for text, wanted, got in zip(asked, answers, actual[id_], strict=True):
            assert got == wanted, f"{engine}, {questions.project}: {text}\nof {questions.world.records[id_]}"


@given(seed=st.integers(0, 2**32))
@settings(max_examples=FEWER, derandomize=True, deadline=None, phases=SEEDS, suppress_health_check=ONE_AFTER_ANOTHER)
async def test_three_backends_sort_alike_and_pages_miss_nothing(
    seed: int, connection: AsyncConnection, client: Client
) -> None:
    random = Random(seed)
    world = random_world(random, 40)
    names = sortable(world)
    context = seen_from_python(world)
    async with loaded(world, connection, client):
        for _ in range(8):
            wanted = [{"field": random.choice(names), "descending": random.random() < 0.5} for _ in range(2)]
            sorts = parse_sort(wanted, "deals", world.schema)
            expected = [record["id"] for record in python.sort(world.of("deals"), sorts, context)]
            assert await pages_of_postgres(world, sorts, connection) == expected, wanted
            assert await stretches_of_postgres(world, sorts, connection) == expected, wanted
            assert order_of_clickhouse(world, sorts, client) == expected, wanted


def sortable(world: World) -> list[str]:
    names = [field.key for field in world.schema.project("deals").fields] + [
        "list",
        "title",
        "due_at",
        "customer.title",
        "probability",
        "outcome",
    ]
    operands = {name: find_operand(name, "deals", world.schema) for name in names}
    return ["customer", *(name for name, operand in operands.items() if not operand.many)]


async def pages_of_postgres(world: World, sorts: Sequence[Sort], connection: AsyncConnection) -> list[str]:
    seen: list[str] = []
    cursor: list[Any] | None = None
    while not seen or cursor:
        query = postgres.Query(world.schema, "deals", LAYOUT, now=NOW)
        after = [query.after(sorts, json.loads(json.dumps(cursor)))] if cursor else []
        order, keys = query.order(sorts), query.keys(sorts)
        statement = sa.select(*keys).select_from(query.source).where(query.scope, *after).order_by(*order).limit(17)
        rows = (await connection.execute(statement)).mappings().all()
        seen += [row["key_id"] for row in rows]
        cursor = query.cursor(sorts, dict(rows[-1])) if rows else None
    return seen


async def stretches_of_postgres(world: World, sorts: Sequence[Sort], connection: AsyncConnection) -> list[str]:
    """In pages of 17, each read a stretch at a time."""
    seen: list[str] = []
    cursor: list[Any] | None = None
    while not seen or cursor:
        page: list[Any] = []
        query = postgres.Query(world.schema, "deals", LAYOUT, now=NOW)
        order, keys, stretches = query.order(sorts), query.keys(sorts), query.stretches(sorts, cursor)
        for stretch in stretches:
            statement = sa.select(*keys).select_from(query.source).where(query.scope, stretch).order_by(*order)
            page += (await connection.execute(statement.limit(17 - len(page)))).mappings().all()
        seen += [row["key_id"] for row in page]
        cursor = query.cursor(sorts, dict(page[-1])) if page else None
    return seen


def order_of_clickhouse(world: World, sorts: Sequence[Sort], client: Client) -> list[str]:
    query = clickhouse.Query(world.schema, "deals", COLUMNAR, now=NOW)
    order = query.order(sorts)
    sql = f"SELECT r.id FROM {query.source} WHERE {query.scope} ORDER BY {order}"  # noqa: S608 — compiled
    return list(client.query(sql, parameters=query.parameters or None).result_columns[0])
