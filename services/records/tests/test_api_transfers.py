"""Copies of records and records taken elsewhere: what fits goes along, what does not is named."""

import itertools
from types import SimpleNamespace
from typing import Any

import pytest_asyncio
from services.records.tests.running import Api

numbers = itertools.count(1)


@pytest_asyncio.fixture(loop_scope="session")
async def two(shared_api: Api) -> Any:
    """Leads and deals, which share some fields; a lead that has them all."""
    number = next(numbers)
    leads, deals = f"leads_{number}", f"closing_{number}"
    select = {"key": "source", "name": "Source", "type": "select", "config": {"options": ["Web", "Fair"]}}
    fields = [
        {"key": "phone", "name": "Phone", "type": "phone", "config": {"default_region": "NL"}},
        {"key": "budget", "name": "Budget", "type": "number"},
        select,
        {"key": "remark", "name": "Remark", "type": "text"},
    ]
    lists = [{"key": "new", "name": "New", "category": "open"}]
    body = {"key": leads, "name": "Leads", "lists": lists, "fields": fields, "tags": [{"key": "hot", "name": "Hot"}]}
    await shared_api.post("/v1/projects", body)
    others = [
        fields[0],
        {"key": "budget", "name": "Budget", "type": "currency"},
        select | {"config": {"options": ["Web"]}},
        {"key": "size", "name": "Size", "type": "text", "required": True},
        {"key": "lead", "name": "Lead", "type": "reference", "config": {"project": leads}},
    ]
    await shared_api.post("/v1/projects", {"key": deals, "name": "Deals", "lists": lists, "fields": others})
    values = {"phone": "0201234567", "budget": 5, "source": "fair", "remark": "Nice"}
    lead = await shared_api.post(f"/v1/projects/{leads}/records", {"title": "Smit", "values": values, "tags": ["hot"]})
    path = f"/v1/records/{lead['id']}"
    return SimpleNamespace(api=shared_api, leads=leads, deals=deals, lead=lead, path=path)


def left(moved: Any) -> list[str]:
    return [each["pointer"] for each in moved["left_behind"]]


async def test_a_copy_holds_what_was_asked_for(two: Any) -> None:
    await two.api.post(f"{two.path}/checklists", {"name": "Steps", "items": [{"text": "One", "done": True}]})
    await two.api.post(f"{two.path}/comments", {"body": "Hello"})
    copy = await two.api.post(f"{two.path}/copy", {"title": "Smit 2"}, status=201)
    assert (copy["left_behind"], copy["record"]["values"]) == ([], two.lead["values"])
    path = f"/v1/records/{copy['record']['id']}"
    assert (await two.api.get(f"{path}/checklists"))["percent_done"] == 100
    assert (await two.api.get(f"{path}/comments"))["items"] == []
    bare = await two.api.post(f"{two.path}/copy", {"include": ["comments"]})
    assert (bare["record"]["values"], bare["record"]["tags"]) == ({}, [])
    assert (await two.api.get(f"/v1/records/{bare['record']['id']}/comments"))["items"][0]["body"] == "Hello"
    assert (await two.api.get(f"{two.path}/history"))["items"][0]["kind"] == "copied_to"


async def test_a_copy_elsewhere_says_what_does_not_fit(two: Any) -> None:
    refused = await two.api.post(f"{two.path}/copy", {"project": two.deals}, status=422)
    assert refused["errors"][0]["pointer"] == "/values/size"
    copy = await two.api.post(f"{two.path}/copy", {"project": two.deals, "values": {"size": "L"}})
    assert left(copy) == ["/values/budget", "/values/source", "/values/remark", "/tags/0"]
    assert copy["record"]["values"] == {"phone": "+31201234567", "size": "L"}


async def test_a_transferred_record_keeps_its_id_its_history_and_what_did_not_fit(two: Any) -> None:
    await two.api.post(f"{two.path}/comments", {"body": "Hello"})
    moved = await two.api.post(f"{two.path}/transfer", {"project": two.deals, "values": {"size": "L"}})
    assert (moved["record"]["id"], moved["record"]["version"]) == (two.lead["id"], 2)
    assert moved["record"] == await two.api.get(two.path)
    assert left(moved) == ["/values/budget", "/values/source", "/values/remark", "/tags/0"]
    last, _ = [each for each in (await two.api.get(f"{two.path}/history"))["items"] if "comment" not in each["kind"]]
    assert last["changes"]["remark"] == {"before": "Nice", "after": None}
    assert last["changes"]["project"] == {"before": two.leads, "after": two.deals}
    assert (await two.api.get(f"{two.path}/comments"))["items"][0]["body"] == "Hello"
    assert await two.api.titles(two.leads) == []
    assert await two.api.titles(two.deals) == ["Smit"]
    matches = await two.api.get("/v1/phone-matches?number=%2B31201234567")
    assert two.lead["id"] in {each["id"] for each in matches["candidates"]} | {matches["primary"]["id"]}


async def test_a_record_that_others_refer_to_stays(two: Any) -> None:
    body = {"title": "Deal", "values": {"size": "L", "lead": two.lead["id"]}}
    deal = await two.api.post(f"/v1/projects/{two.deals}/records", body)
    wanted = {"project": two.deals, "values": {"size": "L"}}
    refused = await two.api.post(f"{two.path}/transfer", wanted, status=409)
    assert f"{two.deals}.lead" in refused["detail"]
    await two.api.patch(f"/v1/records/{deal['id']}", {"values": {"lead": None}})
    await two.api.post(f"{two.path}/transfer", wanted)


async def test_a_link_to_what_is_gone_is_left_behind(two: Any) -> None:
    body = {"title": "Deal", "values": {"size": "L", "lead": two.lead["id"]}}
    deal = await two.api.post(f"/v1/projects/{two.deals}/records", body)
    await two.api.delete(two.path)
    copy = await two.api.post(f"/v1/records/{deal['id']}/copy", {})
    assert left(copy) == ["/values/lead"]
