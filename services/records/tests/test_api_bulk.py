"""Many records at once: all of them or none, with their past where they have one."""

import pytest_asyncio
from services.records.tests.running import Api

from shared.http.keys import new_key

DEALS = {
    "key": "deals",
    "name": "Deals",
    "lists": [{"key": key, "name": key, "category": "open"} for key in ("new", "sent", "won")],
    "fields": [
        {"key": "amount", "name": "Amount", "type": "currency"},
        {"key": "phone", "name": "Phone", "type": "phone"},
        {"key": "parent", "name": "Parent", "type": "reference", "config": {"project": "deals"}},
    ],
}
BULK = "/v1/projects/deals/records/bulk"


@pytest_asyncio.fixture(loop_scope="session")
async def deals(api: Api) -> Api:
    await api.post("/v1/projects", DEALS)
    return api


async def test_a_thousand_records_are_written_in_order(deals: Api) -> None:
    items = [{"title": f"Deal {number}", "values": {"amount": f"{number}.50"}} for number in range(1_000)]
    written = (await deals.post(BULK, {"items": items}))["items"]
    assert [each["version"] for each in written] == [1] * 1_000
    last = await deals.get(f"/v1/records/{written[999]['id']}")
    assert last["values"]["amount"]["amount"] == "999.50"
    await deals.post(BULK, {"items": [*items, {"title": "one too many"}]}, status=422)


async def test_one_mistake_undoes_all_and_is_named(deals: Api) -> None:
    items = [{"title": f"Deal {number}", "values": {"amount": number}} for number in range(20)]
    items[17]["values"] = {"amount": "a lot"}
    problem = await deals.post(BULK, {"items": items}, status=422)
    assert [error["pointer"] for error in problem["errors"]] == ["/items/17/values/amount"]
    assert await deals.titles("deals") == []


async def test_mistakes_of_all_kinds_are_named_by_their_item(deals: Api) -> None:
    other = await deals.post("/v1/projects/deals/records", {"title": "There"})
    nowhere = "0193e0a1-5f0b-7c3e-9d52-2a0a4a8f6b11"
    for items, pointer in (
        ([{"title": "x"}, {"values": {}}], "/items/1/title"),
        ([{"title": "x", "list": "nowhere"}], "/items/0/list"),
        ([{"title": "x", "values": {"parent": nowhere}}], "/items/0/values/parent"),
        ([{"id": nowhere, "title": "x"}], "/items/0/id"),
        ([{"id": other["id"], "title": "x"}, {"id": other["id"], "title": "y"}], "/items/1/id"),
        ([{"id": other["id"], "list": "won"}], "/items/0/list"),
        ([{"id": other["id"], "nothing": 1}], "/items/0/nothing"),
    ):
        problem = await deals.post(BULK, {"items": items}, status=422)
        assert [error["pointer"] for error in problem["errors"]] == [pointer]
    assert (await deals.get(f"/v1/records/{other['id']}"))["version"] == 1


async def test_makes_and_changes_go_together(deals: Api) -> None:
    old = await deals.post("/v1/projects/deals/records", {"title": "Old", "values": {"amount": 1}})
    same = await deals.post("/v1/projects/deals/records", {"title": "Same"})
    items = [
        {"title": "New", "values": {"parent": old["id"]}},
        {"id": old["id"], "values": {"amount": 2}},
        {"id": same["id"], "title": "Same"},
    ]
    written = (await deals.post(BULK, {"items": items}))["items"]
    assert [each["version"] for each in written] == [1, 2, 1]
    assert [each["id"] for each in written[1:]] == [old["id"], same["id"]]
    assert (await deals.get(f"/v1/records/{old['id']}"))["values"]["amount"]["amount"] == "2.00"


async def test_a_record_brings_its_past(deals: Api) -> None:
    item = {
        "title": "Moved in",
        "created_at": "2024-02-10T09:00:00Z",
        "stage_history": [
            {"list": "new", "entered_at": "2024-02-10T09:00:00Z"},
            {"list": "won", "entered_at": "2024-03-20T11:00:00+01:00"},
        ],
        "last_activity_at": "2024-03-21T10:00:00Z",
    }
    (written,) = (await deals.post(BULK, {"items": [item]}))["items"]
    record = await deals.get(f"/v1/records/{written['id']}")
    assert record["imported"]
    assert (record["list"], record["created_at"]) == ("won", "2024-02-10T09:00:00Z")
    assert record["entered_list_at"] == "2024-03-20T10:00:00Z"
    assert record["last_activity_at"] == "2024-03-21T10:00:00Z"


async def test_a_past_must_be_possible(deals: Api) -> None:
    past = "2024-02-10T09:00:00Z"
    for item, pointer in (
        ({"created_at": "2999-01-01T00:00:00Z"}, "/items/0/created_at"),
        ({"created_at": "yesterday"}, "/items/0/created_at"),
        ({"stage_history": [{"list": "nowhere", "entered_at": past}]}, "/items/0/stage_history/0/list"),
        ({"list": "new", "stage_history": [{"list": "won", "entered_at": past}]}, "/items/0/stage_history"),
        (
            {"created_at": past, "stage_history": [{"list": "won", "entered_at": "2024-02-10T08:00:00Z"}]},
            "/items/0/stage_history/0/entered_at",
        ),
    ):
        problem = await deals.post(BULK, {"items": [{"title": "x"} | item]}, status=422)
        assert [error["pointer"] for error in problem["errors"]] == [pointer]


async def test_only_a_key_that_may_backdate_does(deals: Api) -> None:
    key = (await deals.post("/v1/keys", {"name": "Writer", "scopes": ["read", "write"]}))["key"]
    writer = deals.as_key(key)
    body = {"items": [{"title": "x", "created_at": "2024-02-10T09:00:00Z"}]}
    assert (await writer.post(BULK, json=body)).status_code == 403
    assert (await writer.post(BULK, json={"items": [{"title": "x"}]})).status_code == 200
    assert (await writer.post("/v1/keys", json={"name": "x", "scopes": ["read"]})).status_code == 403
    stranger = deals.as_key(new_key())
    assert (await stranger.get("/v1/projects")).status_code == 401
