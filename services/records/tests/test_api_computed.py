"""What is computed is never stale: rollups, records that refer back, times in lists, conversions and rates."""

from typing import Any

import pytest_asyncio
from services.records.tests.running import Api
from sqlalchemy import text

LISTS = [{"key": "open", "name": "Open"}, {"key": "won", "name": "Won", "category": "won"}]
AMOUNT = {"key": "amount", "name": "Amount", "type": "currency", "config": {"per_record_currency": True}}
DEALS: dict[str, Any] = {
    "key": "deals",
    "name": "Deals",
    "lists": LISTS,
    "fields": [
        AMOUNT,
        {"key": "customer", "name": "Customer", "type": "reference", "config": {"project": "customers"}},
        {"key": "customer_name", "name": "Name", "type": "lookup", "config": {"path": ["customer", "title"]}},
        {"key": "made", "name": "Made", "type": "created_at"},
        {"key": "stay", "name": "Stay", "type": "time_in_list"},
        {"key": "in_open", "name": "In open", "type": "time_in_list", "config": {"list": "open"}},
    ],
}
BACK = {"key": "deals", "name": "Deals", "type": "referenced_by", "config": {"project": "deals", "field": "customer"}}
CYCLE = {
    "start": {"event": "record.created"},
    "end": {"event": "record.list_entered", "list": "won"},
    "display": "days",
}


def rollup(key: str, function: str, field: str | None = None, **config: Any) -> dict[str, Any]:
    config |= {"via": "deals", "fn": function} | ({"field": field} if field else {})
    return {"key": key, "name": key, "type": "rollup", "config": config}


@pytest_asyncio.fixture(loop_scope="session")
async def crm(api: Api) -> Api:
    await api.post("/v1/projects", {"key": "customers", "name": "Customers", "lists": LISTS, "fields": []})
    await api.post("/v1/projects", DEALS)
    for field in (
        BACK,
        rollup("won_total", "sum", "amount", filter={"list": ["won"]}),
        rollup("how_many", "count"),
        rollup("names", "join", "title"),
        rollup("largest", "max", "amount"),
        {"key": "bonus", "name": "Bonus", "type": "formula", "config": {"expression": "{won_total} / 10"}},
    ):
        await api.post("/v1/projects/customers/fields", field)
    return api


async def customer(api: Api, title: str = "Smit") -> str:
    return str((await api.post("/v1/projects/customers/records", {"title": title}))["id"])


async def deal(api: Api, customer_id: str, title: str, amount: Any, **more: Any) -> dict[str, Any]:
    values = {"customer": customer_id} | ({"amount": amount} if amount else {})
    made: dict[str, Any] = await api.post("/v1/projects/deals/records", {"title": title, "values": values} | more)
    return made


def euros(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


async def test_a_rollup_adds_up_what_refers_here_and_is_right_after_each_write(crm: Api) -> None:
    smit = await customer(crm)
    first = await deal(crm, smit, "b", "100.00", list="won")
    second = await deal(crm, smit, "a", "40.00")
    values = (await crm.get(f"/v1/records/{smit}"))["values"]
    assert values == {
        "deals": [second["id"], first["id"]],
        "won_total": euros("100.00"),
        "how_many": 2,
        "names": "a, b",
        "largest": euros("100.00"),
        "bonus": euros("10.00"),
    }
    await crm.post(f"/v1/records/{second['id']}/move", {"list": "won"})
    await crm.delete(f"/v1/records/{first['id']}")
    values = (await crm.get(f"/v1/records/{smit}"))["values"]
    assert values["won_total"] == euros("40.00")
    assert values["deals"] == [second["id"]]


async def test_a_rollup_filters_and_sorts_and_can_be_looked_up(crm: Api) -> None:
    smit, jansen = await customer(crm), await customer(crm, "Jansen")
    await deal(crm, smit, "a", "100.00", list="won")
    await deal(crm, jansen, "b", "200.00", list="won")
    field = {"key": "bonus", "name": "Bonus", "type": "lookup", "config": {"path": ["customer", "bonus"]}}
    await crm.post("/v1/projects/deals/fields", field)
    assert await crm.titles("customers", sort=[{"field": "won_total", "descending": True}]) == ["Jansen", "Smit"]
    assert await crm.titles("customers", filter={"field": "bonus", "op": "gt", "value": 15}) == ["Jansen"]
    assert await crm.titles("customers", filter={"field": "deals.amount", "op": "lt", "value": 150}) == ["Smit"]
    assert await crm.titles("deals", sort=[{"field": "bonus"}]) == ["a", "b"]
    items = (await crm.query("deals", sort=[{"field": "bonus"}]))["items"]
    assert [each["values"]["bonus"] for each in items] == [euros("10.00"), euros("20.00")]


async def test_those_that_refer_here_come_in_pages(crm: Api) -> None:
    smit = await customer(crm)
    made = [(await deal(crm, smit, f"deal {number}", "1.00"))["title"] for number in range(3)]
    await deal(crm, await customer(crm, "Jansen"), "another", "1.00")
    path = f"/v1/records/{smit}/referenced-by"
    page = await crm.get(f"{path}?field=deals&limit=2")
    rest = await crm.get(f"{path}?field=deals.customer&limit=2&cursor={page['next_cursor']}")
    assert [each["title"] for each in (*page["items"], *rest["items"])] == made
    assert rest["next_cursor"] is None
    problem = await crm.get(f"{path}?field=title", status=422)
    assert problem["errors"][0]["pointer"] == "/field"


async def test_a_cycle_through_a_rollup_is_refused_with_its_path(crm: Api) -> None:
    share = {"key": "share", "name": "Share", "type": "formula", "config": {"expression": "{customer.bonus} / 2"}}
    await crm.post("/v1/projects/deals/fields", share)
    problem = await crm.post("/v1/projects/customers/fields", rollup("shares", "sum", "share"), status=201)
    config = {"config": {"expression": "{shares} * 2"}}
    problem = await crm.patch("/v1/projects/customers/fields/bonus", config, status=422)
    path = "customers.bonus → customers.shares → deals.share → customers.bonus"
    assert path in problem["detail"]


async def test_a_cycle_within_a_project_is_told_by_its_fields(crm: Api) -> None:
    for key, expression in (("profit", "{amount}"), ("margin", "{profit} / 2")):
        field = {"key": key, "name": key, "type": "formula", "config": {"expression": expression}}
        await crm.post("/v1/projects/deals/fields", field)
    change = {"config": {"expression": "{margin} * 2"}}
    problem = await crm.patch("/v1/projects/deals/fields/profit", change, status=422)
    assert "profit → margin → profit" in problem["detail"]


async def test_a_rollup_of_what_does_not_add_up_is_refused(crm: Api) -> None:
    for function, field, sentence in (
        ("sum", "title", "sum takes number or money, not text"),
        ("average", None, "needs the 'field'"),
        ("sum", "nothing", "no field 'nothing'"),
        ("median", "amount", "'fn' is one of"),
    ):
        problem = await crm.post("/v1/projects/customers/fields", rollup("x", function, field), status=422)
        assert sentence in problem["detail"], problem


async def test_time_in_lists_and_between_events(crm: Api) -> None:
    await crm.post("/v1/projects/deals/fields", {"key": "cycle", "name": "C", "type": "duration", "config": CYCLE})
    history = [
        {"list": "open", "entered_at": "2024-01-01T00:00:00Z"},
        {"list": "won", "entered_at": "2024-01-11T00:00:00Z"},
    ]
    item = {"title": "old", "list": "won", "created_at": "2024-01-01T00:00:00Z", "stage_history": history}
    (written,) = (await crm.post("/v1/projects/deals/records/bulk", {"items": [item]}))["items"]
    values = (await crm.get(f"/v1/records/{written['id']}"))["values"]
    assert values["cycle"] == values["in_open"] == 10 * 86_400
    assert values["made"] == "2024-01-01T00:00:00Z"
    assert values["stay"] > 300 * 86_400
    young = await deal(crm, await customer(crm), "young", None)
    assert "cycle" not in young["values"]
    assert await crm.titles("deals", filter={"field": "cycle", "op": "gte", "value": 864_000}) == ["old"]
    assert await crm.titles("deals", sort=[{"field": "cycle"}]) == ["old", "young"]
    unknown = {"key": "y", "name": "Y", "type": "time_in_list", "config": {"list": "nowhere"}}
    problem = await crm.post("/v1/projects/deals/fields", unknown, status=422)
    assert problem["errors"][0]["pointer"] == "/config/list"


async def test_rates_are_dated_and_a_missing_one_is_said(crm: Api) -> None:
    conversion = {"source": "amount", "currency": "GBP", "at": "2024-05-01"}
    field = {"key": "pounds", "name": "Pounds", "type": "currency_conversion", "config": conversion}
    await crm.post("/v1/projects/deals/fields", field)
    smit = await customer(crm)
    await deal(crm, smit, "dollars", {"amount": "5000.00", "currency": "USD"}, list="won")
    question = {"filter": {"field": "amount", "op": "gt", "value": 1}}
    assert (await crm.query("deals", **question))["items"] == []
    page = await crm.query("deals")
    assert [(each["from"], each["to"]) for each in page["missing_rates"]] == [("USD", "EUR")]
    assert "pounds" not in page["items"][0]["values"]
    assert "won_total" not in (await crm.get(f"/v1/records/{smit}"))["values"]

    rates = [
        {"date": "2024-04-10", "from": "USD", "to": "EUR", "rate": "0.90"},
        {"date": "2024-04-10", "from": "GBP", "to": "USD", "rate": "1.25"},
        {"date": "2299-01-01", "from": "USD", "to": "EUR", "rate": "7"},
    ]
    assert await crm.ask("PUT", "/v1/rates", rates) == {"changed": 3}
    assert await crm.ask("PUT", "/v1/rates", rates) == {"changed": 0}
    page = await crm.query("deals", **question)
    assert [(each["from"], each["to"]) for each in page["missing_rates"]] == [("GBP", "EUR")]
    assert page["items"][0]["values"]["pounds"] == {"amount": "4000.00", "currency": "GBP"}
    assert (await crm.get(f"/v1/records/{smit}"))["values"]["won_total"] == euros("4500.00")
    listed = await crm.get("/v1/rates?from=USD&limit=1")
    assert listed["items"] == [{"date": "2024-04-10", "from": "USD", "to": "EUR", "rate": "0.9"}]
    assert listed["next_cursor"]


async def test_each_mistake_in_rates_is_named(crm: Api) -> None:
    wrong = [{"date": "2024-02-30", "from": "USD", "to": "XXY", "rate": "-1"}]
    problem = await crm.ask("PUT", "/v1/rates", wrong, status=422)
    assert {each["pointer"] for each in problem["errors"]} == {"/0/to", "/0/date", "/0/rate"}


MANY = text(
    """
    WITH made AS (
        INSERT INTO record (id, project_id, list, title, "values", tags, assignees, created_at, updated_at,
            entered_list_at, last_activity_at, version, imported)
        SELECT uuidv7(), id, 'open', 'deal ' || n, '{}', '{}', '{}', now(), now(), now(), now(), 1, false
        FROM project, generate_series(1, 10000) AS n WHERE key = 'deals' RETURNING id)
    INSERT INTO link (record_id, field, target_id, position) SELECT id, 'customer', CAST(:target AS uuid), 0 FROM made
    """
)


# Where every row of the deals lies: another place is another version of it.
PLACES = text(
    "SELECT md5(string_agg(format('%s %s', record.ctid, record.xmin), ',' ORDER BY record.id)) FROM record JOIN project"
    " ON project.id = record.project_id WHERE key = 'deals'"
)


async def places(api: Api) -> str:
    async with api.database.begin() as connection:
        return str((await connection.execute(PLACES)).scalar_one())


async def test_renaming_a_customer_of_ten_thousand_deals_rewrites_nothing_and_the_next_query_is_right(crm: Api) -> None:
    parent, other = await customer(crm, "Parent"), await customer(crm, "Middle")
    await deal(crm, other, "of another", None)
    async with crm.database.begin() as connection:
        await connection.execute(MANY, {"target": parent})
        await connection.execute(text("ANALYZE record, link"))
    before = await places(crm)
    await crm.patch(f"/v1/records/{parent}", {"title": "Aaa"})
    assert await places(crm) == before
    page = await crm.query(
        "deals",
        filter={"field": "customer_name", "op": "eq", "value": "aaa"},
        sort=[{"field": "customer_name"}],
        limit=2,
        count=True,
    )
    assert page["count"] == 10_000
    assert page["items"][0]["values"]["customer_name"] == "Aaa"
    last = await crm.titles("deals", sort=[{"field": "customer_name", "descending": True}], limit=1)
    assert last == ["of another"]
