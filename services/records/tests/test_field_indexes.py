"""Fields of large projects get indexes when they are asked about, and pages are read from them."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from services.records.tests.running import Api
from sqlalchemy import Select, text

from records.storage import field_indexes, workspaces
from records.storage.queries import Wanted, query_of, statements
from records.workers.field_indexes import once
from shared.expressions import parse_filter, parse_sort
from shared.http.application import Parts
from shared.testing.service import PATIENCE_SECONDS

LISTS = [{"key": "open", "name": "Open"}]
CUSTOMERS = {"key": "customers", "name": "Customers", "lists": LISTS, "fields": []}
DEALS: dict[str, Any] = {
    "key": "deals",
    "name": "Deals",
    "lists": LISTS,
    "fields": [
        {"key": "amount", "name": "Amount", "type": "number"},
        {"key": "customer", "name": "Customer", "type": "reference", "config": {"project": "customers"}},
        {"key": "customer_name", "name": "Name", "type": "lookup", "config": {"path": ["customer", "title"]}},
        {"key": "double", "name": "Double", "type": "formula", "config": {"expression": "{amount} * 2"}},
        {"key": "age", "name": "Age", "type": "formula", "config": {"expression": "DATEDIFF({created_at}, NOW())"}},
    ],
}
MANY = text(
    """
    INSERT INTO record (id, project_id, list, title, "values", tags, assignees, created_at, updated_at,
        entered_list_at, last_activity_at, version, imported)
    SELECT uuidv7(), id, 'open', CAST(:title AS text) || n,
        CASE WHEN n % 10 = 0 THEN '{}' ELSE jsonb_build_object('amount', (n * 7919 % 1000)::text) END, '{}', '{}',
        now(), now(), now(), now(), 1, false
    FROM project, generate_series(1, :count) AS n WHERE key = :project
    """
)
LINKED = text(
    """
    INSERT INTO link (record_id, field, target_id, position)
    SELECT deal.id, 'customer', customer.id, 0
    FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM record WHERE title LIKE 'deal%') AS deal
    JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM record WHERE title LIKE 'firm%') AS customer
        ON customer.n = deal.n % 120
    WHERE customer.n < 100
    """
)


@pytest_asyncio.fixture(loop_scope="session")
async def crm(api: Api) -> AsyncIterator[Api]:
    """6,000 deals, some without an amount and some without a customer."""
    await api.post("/v1/projects", CUSTOMERS)
    await api.post("/v1/projects", DEALS)
    async with api.database.begin() as connection:
        await connection.execute(MANY, {"project": "customers", "title": "firm ", "count": 120})
        await connection.execute(MANY, {"project": "deals", "title": "deal ", "count": 6_000})
        await connection.execute(LINKED)
        await connection.execute(text("ANALYZE record, link"))
    yield api
    for project in ("deals", "customers"):
        await api.delete(f"/v1/projects/{project}")
    await settled(api)


async def states(api: Api) -> dict[str, str]:
    async with api.database.begin() as connection:
        return {row.field: row.state for row in await field_indexes.known(connection)}


async def settled(api: Api) -> dict[str, str]:
    """What became of those that were wanted; the service's own worker may be at it, too."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            await once(Parts(None, api.database, None, None, {}))  # type: ignore[arg-type]  # only the database is used
            found = await states(api)
            if "wanted" not in found.values():
                return found
            await asyncio.sleep(0.1)


async def plans(api: Api, **wanted: Any) -> str:
    """How PostgreSQL would read the page."""
    async with api.database.transaction() as transaction:
        workspace = await workspaces.current(transaction.connection)
        tree = parse_filter(wanted.get("filter"), "deals", workspace.expressions)
        sorts = tuple(parse_sort(wanted.get("sort", []), "deals", workspace.expressions))
        asked = Wanted("deals", tree, sorts)
        query = query_of(workspace, "deals", transaction.now)
        first = statements(query, workspace, asked, transaction.now)[0].limit(51)
        return await _explained(api, first)


async def _explained(api: Api, statement: Select[Any]) -> str:
    async with api.database.begin() as connection:
        written = statement.compile(connection.sync_connection, compile_kwargs={"literal_binds": True})
        rows = await connection.exec_driver_sql(f"EXPLAIN {written}")
        return "\n".join(row[0] for row in rows)


async def all_pages(api: Api, **question: Any) -> list[str]:
    titles, cursor = list[str](), None
    for _ in itertools.count():
        page = await api.query("deals", **question, fields=[], limit=500, cursor=cursor)
        titles += [each["title"] for each in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            return titles
    raise AssertionError


async def test_what_large_projects_are_asked_for_is_indexed_and_read_from_there(crm: Api) -> None:
    questions: list[dict[str, Any]] = [
        {"sort": [{"field": "amount", "descending": True}]},
        {"sort": [{"field": "customer_name"}]},
        {"sort": [{"field": "double"}], "filter": {"field": "double", "op": "gt", "value": 1_990}},
    ]
    before = [await all_pages(crm, **question) for question in questions]
    assert [len(each) for each in before[:2]] == [6_000, 6_000]
    assert await settled(crm) == {"amount": "ready", "title": "ready", "double": "ready"}
    assert [await all_pages(crm, **question) for question in questions] == before
    for question in (questions[0], questions[2]):
        plan = await plans(crm, **question)
        assert "field_" in plan, plan


async def test_what_depends_on_the_time_has_no_index(crm: Api) -> None:
    await crm.query("deals", sort=[{"field": "age"}], limit=1)
    assert await states(crm) == {}


async def test_small_projects_need_none(crm: Api) -> None:
    await crm.query("customers", sort=[{"field": "title"}], limit=1)
    assert await states(crm) == {}


async def test_an_index_goes_with_its_field(crm: Api) -> None:
    await crm.query("deals", sort=[{"field": "double"}], limit=1)
    assert await settled(crm) == {"double": "ready"}
    await crm.delete("/v1/projects/deals/fields/double")
    assert await settled(crm) == {}
    async with crm.database.begin() as connection:
        left = await connection.execute(text("SELECT 1 FROM pg_class WHERE relname LIKE 'field\\_%' AND relkind = 'i'"))
        assert {row[0] for row in left} <= {1}
