"""A workspace set up by hand, as ops would: projects, fields, records, questions, moves, history."""

import itertools
from dataclasses import dataclass
from typing import Any

import pytest_asyncio
from services.records.tests.running import Api

numbers = itertools.count(1)


@dataclass(frozen=True)
class Sales:
    """Customers and deals; ``api`` is the service."""

    api: Api
    customers: str
    deals: str

    async def customer(self, title: str, **values: Any) -> dict[str, Any]:
        body = {"title": title, "values": values}
        made: dict[str, Any] = await self.api.post(f"/v1/projects/{self.customers}/records", body, status=201)
        return made

    async def deal(self, title: str, stage: str = "new", **values: Any) -> dict[str, Any]:
        body = {"title": title, "list": stage, "values": values}
        made: dict[str, Any] = await self.api.post(f"/v1/projects/{self.deals}/records", body, status=201)
        return made


@pytest_asyncio.fixture(loop_scope="session")
async def sales(shared_api: Api) -> Sales:
    number = next(numbers)
    customers, deals = f"customers_{number}", f"deals_{number}"
    await shared_api.post(
        "/v1/projects",
        {
            "key": customers,
            "name": "Customers",
            "lists": [{"key": "all", "name": "All", "category": "neutral"}],
            "fields": [
                {"key": "phone", "name": "Phone", "type": "phone", "config": {"default_region": "NL"}},
                {"key": "industry", "name": "Industry", "type": "select", "config": {"options": ["IT", "Transport"]}},
            ],
        },
        status=201,
    )
    categories = {"new": "open", "sent": "open", "won": "won", "lost": "lost"}
    await shared_api.post(
        "/v1/projects",
        {
            "key": deals,
            "name": "Deals",
            "lists": [{"key": key, "name": key.title(), "category": each} for key, each in categories.items()],
            "fields": [
                {"key": "amount", "name": "Amount", "type": "currency", "config": {"per_record_currency": True}},
                {"key": "cost", "name": "Cost", "type": "currency"},
                {"key": "confidence", "name": "Confidence", "type": "rating"},
                {"key": "close_on", "name": "Close on", "type": "date"},
                {"key": "customer", "name": "Customer", "type": "reference", "config": {"project": customers}},
                {"key": "customer_name", "name": "Name", "type": "lookup", "config": {"path": ["customer", "title"]}},
                {"key": "profit", "name": "Profit", "type": "formula", "config": {"expression": "{amount} - {cost}"}},
            ],
            "tags": [{"key": "seo", "name": "S E O"}],
        },
        status=201,
    )
    return Sales(shared_api, customers, deals)


async def test_a_record_shows_what_was_put_in_and_what_is_computed(sales: Sales) -> None:
    customer = await sales.customer("Bakkerij Smit", industry="it")
    deal = await sales.deal("Website", amount="25000.00", cost={"amount": "15000"}, customer=customer["id"])
    assert deal["values"] == {
        "amount": {"amount": "25000.00", "currency": "EUR"},
        "cost": {"amount": "15000.00", "currency": "EUR"},
        "customer": customer["id"],
        "customer_name": "Bakkerij Smit",
        "profit": {"amount": "10000.00", "currency": "EUR"},
    }
    assert deal["version"] == 1
    assert deal["created_at"] == deal["entered_list_at"] == deal["last_activity_at"]
    assert await sales.api.get(f"/v1/records/{deal['id']}") == deal


async def test_a_renamed_customer_is_seen_at_once_by_its_deals(sales: Sales) -> None:
    customer = await sales.customer("Old name")
    deal = await sales.deal("Website", customer=customer["id"])
    await sales.api.patch(f"/v1/records/{customer['id']}", {"title": "New name"})
    assert (await sales.api.get(f"/v1/records/{deal['id']}"))["values"]["customer_name"] == "New name"
    assert await sales.api.titles(sales.deals, filter={"customer_name": "New name"}) == ["Website"]
    assert await sales.api.titles(sales.deals, filter={"customer_name": "Old name"}) == []


async def test_a_patch_merges_values_and_null_clears(sales: Sales) -> None:
    deal = await sales.deal("Website", amount="100", cost="40", confidence=3)
    after = await sales.api.patch(f"/v1/records/{deal['id']}", {"values": {"cost": None, "confidence": 4}})
    assert after["version"] == 2
    assert after["values"] == {"amount": {"amount": "100.00", "currency": "EUR"}, "confidence": 4}


async def test_a_patch_that_changes_nothing_makes_no_version(sales: Sales) -> None:
    deal = await sales.deal("Website", amount="100")
    after = await sales.api.patch(f"/v1/records/{deal['id']}", {"title": "Website", "values": {"amount": "100.00"}})
    assert after == deal


async def test_a_stale_if_match_is_refused(sales: Sales) -> None:
    deal = await sales.deal("Website")
    path = f"/v1/records/{deal['id']}"
    await sales.api.patch(path, {"title": "Web shop"}, if_match='"1"')
    await sales.api.patch(path, {"title": "Web site"}, if_match='"1"', status=412)
    await sales.api.post(f"{path}/move", {"list": "won"}, if_match='"1"', status=412)
    await sales.api.delete(path, if_match='"1"', status=412)


async def test_a_move_is_told_in_the_history(sales: Sales) -> None:
    deal = await sales.deal("Website")
    moved = await sales.api.post(f"/v1/records/{deal['id']}/move", {"list": "sent"})
    assert (moved["list"], moved["version"]) == ("sent", 2)
    assert moved["entered_list_at"] > deal["entered_list_at"]
    assert await sales.api.post(f"/v1/records/{deal['id']}/move", {"list": "sent"}) == moved
    history = await sales.api.get(f"/v1/records/{deal['id']}/history")
    assert [(each["version"], each["kind"]) for each in history["items"]] == [(2, "moved"), (1, "created")]
    assert history["items"][0]["changes"] == {"list": {"before": "new", "after": "sent"}}
    assert history["items"][0]["actor"].startswith("key:")
    await sales.api.post(f"/v1/records/{deal['id']}/move", {"list": "nowhere"}, status=422)


async def test_a_record_moves_before_another_on_the_board(sales: Sales) -> None:
    first, second, third = [await sales.deal(title) for title in ("first", "second", "third")]
    await sales.api.post(f"/v1/records/{third['id']}/move", {"list": "new", "before": first["id"]})
    await sales.api.post(f"/v1/records/{second['id']}/move", {"list": "new", "before": first["id"]})
    assert await sales.api.titles(sales.deals, filter={"list": "new"}) == ["third", "second", "first"]
    other = await sales.deal("elsewhere", stage="won")
    body = {"list": "new", "before": other["id"]}
    await sales.api.post(f"/v1/records/{second['id']}/move", body, status=422)


async def test_the_trash_gives_back_what_it_took(sales: Sales) -> None:
    customer = await sales.customer("Bakkerij Smit")
    deal = await sales.deal("Website", customer=customer["id"])
    await sales.api.delete(f"/v1/records/{customer['id']}", status=204)
    await sales.api.get(f"/v1/records/{customer['id']}", status=404)
    await sales.api.delete(f"/v1/records/{customer['id']}", status=404)
    assert "customer_name" not in (await sales.api.get(f"/v1/records/{deal['id']}"))["values"]
    restored = await sales.api.post(f"/v1/records/{customer['id']}/restore")
    assert (restored["title"], restored["version"]) == ("Bakkerij Smit", 3)
    assert (await sales.api.get(f"/v1/records/{deal['id']}"))["values"]["customer_name"] == "Bakkerij Smit"
    await sales.api.post(f"/v1/records/{customer['id']}/restore", status=404)


async def test_questions_go_through_references_and_formulas(sales: Sales) -> None:
    bakery, carrier = (
        await sales.customer("Bakery", industry="IT"),
        await sales.customer("Carrier", industry="Transport"),
    )
    await sales.deal("small", amount="100", cost="10", customer=bakery["id"])
    await sales.deal("large", amount="900", cost="100", customer=bakery["id"])
    await sales.deal("moved", amount="500", cost="100", customer=carrier["id"])
    await sales.deal("empty")
    assert await sales.api.titles(sales.deals, filter={"customer.industry": "it"}) == ["small", "large"]
    over = {"all": [{"field": "profit", "op": "gt", "value": "300.00"}, {"list_category": "open"}]}
    assert await sales.api.titles(sales.deals, filter=over) == ["large", "moved"]
    by_profit = [{"field": "profit", "descending": True}]
    assert await sales.api.titles(sales.deals, sort=by_profit) == ["large", "moved", "small", "empty"]
    by_name = [{"field": "customer_name"}, {"field": "amount", "descending": True}]
    assert await sales.api.titles(sales.deals, sort=by_name) == ["large", "small", "moved", "empty"]
    page = await sales.api.query(
        sales.deals, filter={"customer.title": "bakery"}, fields=["profit"], count=True, limit=1
    )
    assert page["count"] == 2
    assert page["items"][0]["values"] == {"profit": {"amount": "90.00", "currency": "EUR"}}


async def test_every_mistake_of_a_question_is_named(sales: Sales) -> None:
    problem = await sales.api.post(
        f"/v1/projects/{sales.deals}/records/query",
        {
            "filter": {
                "all": [{"field": "nothing", "op": "eq", "value": 1}, {"field": "amount", "op": "gt", "value": "x"}]
            },
            "sort": [{"field": "customer.nothing"}],
            "fields": ["amount", "nothing"],
        },
        status=422,
    )
    pointers = {error["pointer"] for error in problem["errors"]}
    assert pointers == {"/filter/all/0/field", "/filter/all/1/value", "/sort/0/field", "/fields/1"}


async def test_what_cannot_be_stored_is_named_and_nothing_is_written(sales: Sales) -> None:
    body = {"title": "", "list": "nowhere", "values": {"amount": "x", "nothing": 1}, "tags": ["nope"]}
    problem = await sales.api.post(f"/v1/projects/{sales.deals}/records", body, status=422)
    pointers = {error["pointer"] for error in problem["errors"]}
    assert pointers == {"/title", "/list", "/values/amount", "/values/nothing", "/tags/0"}
    assert await sales.api.titles(sales.deals) == []


async def test_links_lead_to_records_that_are_there(sales: Sales) -> None:
    deal = await sales.deal("Not a customer")
    body = {"title": "Website", "values": {"customer": deal["id"]}}
    problem = await sales.api.post(f"/v1/projects/{sales.deals}/records", body, status=422)
    assert [error["pointer"] for error in problem["errors"]] == ["/values/customer"]


async def test_tags_are_taken_by_key_or_name(sales: Sales) -> None:
    body = {"title": "Website", "tags": ["s e o", "seo"]}
    deal = await sales.api.post(f"/v1/projects/{sales.deals}/records", body)
    assert deal["tags"] == ["seo"]
    assert deal["list"] == "new"


async def test_tags_are_added_and_taken_off_without_knowing_the_others(sales: Sales) -> None:
    await sales.api.post(f"/v1/projects/{sales.deals}/tags", {"key": "urgent", "name": "Urgent"}, status=201)
    deal = await sales.api.post(f"/v1/projects/{sales.deals}/records", {"title": "Website", "tags": ["seo"]})
    path = f"/v1/records/{deal['id']}"
    assert (await sales.api.patch(path, {"add_tags": ["urgent", "seo"]}))["tags"] == ["seo", "urgent"]
    after = await sales.api.patch(path, {"remove_tags": ["seo"]})
    assert (after["tags"], after["version"]) == (["urgent"], 3)
    problem = await sales.api.patch(path, {"add_tags": ["nope"]}, status=422)
    assert [error["pointer"] for error in problem["errors"]] == ["/add_tags/0"]


async def test_only_users_are_assigned(sales: Sales) -> None:
    user = await sales.api.post("/v1/users", {"name": "Jo", "email": f"jo{next(numbers)}@example.com"}, status=201)
    deal = await sales.deal("Website")
    path = f"/v1/records/{deal['id']}"
    assert (await sales.api.patch(path, {"assignees": [user["id"]]}))["assignees"] == [user["id"]]
    problem = await sales.api.patch(path, {"assignees": [user["id"], deal["id"]]}, status=422)
    assert [error["pointer"] for error in problem["errors"]] == ["/assignees/1"]
    assert await sales.api.titles(sales.deals, filter={"assignee": user["id"]}) == ["Website"]


async def test_done_keeps_the_first_moment(sales: Sales) -> None:
    deal = await sales.deal("Website")
    done = await sales.api.patch(f"/v1/records/{deal['id']}", {"done": True, "color": "red"})
    assert done["done_at"]
    assert done["color"] == "red"
    assert (await sales.api.patch(f"/v1/records/{deal['id']}", {"done": True}))["version"] == done["version"]
    assert await sales.api.titles(sales.deals, filter={"done": True}) == ["Website"]
    assert (await sales.api.patch(f"/v1/records/{deal['id']}", {"done": False}))["done_at"] is None


async def test_a_list_without_records_goes_and_one_with_records_stays(sales: Sales) -> None:
    await sales.deal("Website", stage="sent")
    await sales.api.delete(f"/v1/projects/{sales.deals}/lists/sent", status=409)
    await sales.api.delete(f"/v1/projects/{sales.deals}/lists/lost", status=204)
    lists = await sales.api.get(f"/v1/projects/{sales.deals}/lists")
    assert [each["key"] for each in lists["items"]] == ["new", "sent", "won"]


async def test_a_field_others_are_made_of_stays(sales: Sales) -> None:
    for path in (f"{sales.deals}/fields/cost", f"{sales.deals}/fields/customer", sales.customers):
        await sales.api.delete(f"/v1/projects/{path}", status=409)
    await sales.api.delete(f"/v1/projects/{sales.deals}/fields/profit", status=204)
    await sales.api.delete(f"/v1/projects/{sales.deals}/fields/cost", status=204)
    body = {"key": "cost", "name": "Cost", "type": "text"}
    await sales.api.post(f"/v1/projects/{sales.deals}/fields", body, status=409)


async def test_a_project_grows_part_by_part(shared_api: Api) -> None:
    await shared_api.post("/v1/projects", {"key": "growing", "name": "Growing"}, status=201)
    await shared_api.post("/v1/projects", {"key": "growing", "name": "Again"}, status=409)
    first = await shared_api.post("/v1/projects/growing/records", {"title": "First"}, status=201)
    assert first["list"] == "open"
    for part, body in (
        ("lists", {"key": "new", "name": "New"}),
        ("fields", {"key": "amount", "name": "Amount", "type": "number", "required": True}),
        ("fields", {"key": "double", "name": "Double", "type": "formula", "config": {"expression": "{amount} * 2"}}),
        ("tags", {"key": "hot", "name": "Hot"}),
    ):
        await shared_api.post(f"/v1/projects/growing/{part}", body, status=201)
        await shared_api.post(f"/v1/projects/growing/{part}", body, status=409)
    project = await shared_api.get("/v1/projects/growing")
    assert project["version"] == 6
    await shared_api.post("/v1/projects/growing/records", {"title": "Without amount"}, status=422)
    record = await shared_api.post(f"/v1/projects/{project['id']}/records", {"title": "x", "values": {"amount": 1.5}})
    assert record["values"] == {"amount": 1.5, "double": 3}
    await shared_api.patch(f"/v1/records/{record['id']}", {"values": {"amount": None}}, status=422)
    await shared_api.delete("/v1/projects/growing", status=204)
    await shared_api.get("/v1/projects/growing", status=404)
    await shared_api.get(f"/v1/records/{record['id']}", status=404)


async def test_a_computed_field_that_cannot_be_computed_is_refused(sales: Sales) -> None:
    for kind, config in (
        ("lookup", {"path": ["customer", "nothing"]}),
        ("formula", {"expression": "{amount} + {loop}"}),
        ("formula", {"expression": "{amount} +"}),
        ("reference", {"project": "nothing"}),
        ("reference", {"project": sales.deals, "filter": {"nothing": 1}}),
    ):
        body = {"key": "loop", "name": "Loop", "type": kind, "config": config}
        problem = await sales.api.post(f"/v1/projects/{sales.deals}/fields", body, status=422)
        assert all(error["pointer"].startswith("/config") for error in problem["errors"]), problem


async def test_a_renamed_field_and_list_keep_their_keys(sales: Sales) -> None:
    await sales.api.patch(f"/v1/projects/{sales.deals}/fields/amount", {"name": "Bedrag"})
    await sales.api.patch(f"/v1/projects/{sales.deals}/lists/won", {"name": "Gewonnen", "forecast_weight": 0.9})
    await sales.api.patch(f"/v1/projects/{sales.deals}/tags/seo", {"color": "#16a34a"})
    project = await sales.api.get(f"/v1/projects/{sales.deals}")
    assert project["fields"][0] | {"config": {}} == {
        "key": "amount",
        "name": "Bedrag",
        "type": "currency",
        "required": False,
        "unique": None,
        "default": None,
        "description": None,
        "folder": None,
        "required_when": None,
        "visible_when": None,
        "config": {},
        "position": 0,
    }
    assert project["lists"][2]["forecast_weight"] == "0.9"
    assert project["tags"][0]["color"] == "#16a34a"
