"""Selections: what they hold, how they are made of each other, and calling through them."""

from typing import Any

import pytest_asyncio
from services.records.tests.running import Api

CUSTOMERS = {
    "key": "customers",
    "name": "Customers",
    "lists": [{"key": key, "name": key, "category": "open"} for key in ("new", "old")],
    "fields": [
        {"key": "city", "name": "City", "type": "text"},
        {"key": "phone", "name": "Phone", "type": "phone"},
    ],
}
UTRECHT = {"field": "city", "op": "eq", "value": "Utrecht"}
QUIET = {"counter": "activities", "direction": "outgoing", "period": "P90D", "op": "eq", "value": 0}


@pytest_asyncio.fixture(loop_scope="session")
async def crm(api: Api) -> Api:
    await api.post("/v1/projects", CUSTOMERS)
    for number, (title, city) in enumerate((("A", "Utrecht"), ("B", "Utrecht"), ("C", "Zeist"), ("D", "Zeist"))):
        values = {"city": city, "phone": f"+3120123456{number}"}
        await api.post("/v1/projects/customers/records", {"title": title, "values": values})
    return api


async def ids(crm: Api) -> dict[str, str]:
    return {each["title"]: each["id"] for each in (await crm.query("customers"))["items"]}


async def made(crm: Api, **parts: Any) -> str:
    body = {"project": "customers", "name": "Some", "kind": "dynamic"} | parts
    return str((await crm.post("/v1/selections", body, status=201))["id"])


async def held(crm: Api, selection: str) -> str:
    found = await crm.get(f"/v1/selections/{selection}/records?sort=title&count=true")
    assert found["count"] == len(found["items"])
    return "".join(each["title"] for each in found["items"])


async def test_a_dynamic_selection_follows_its_records(crm: Api) -> None:
    utrecht = await made(crm, criteria=UTRECHT)
    assert await held(crm, utrecht) == "AB"
    await crm.patch(f"/v1/records/{(await ids(crm))['C']}", {"values": {"city": "Utrecht"}})
    assert await held(crm, utrecht) == "ABC"
    assert (await crm.post("/v1/selections/preview", {"project": "customers", "criteria": UTRECHT}))["count"] == 3
    await crm.patch(f"/v1/selections/{utrecht}", {"criteria": {"not": UTRECHT}})
    assert await held(crm, utrecht) == "D"


async def test_a_static_selection_holds_its_members(crm: Api) -> None:
    known = await ids(crm)
    chosen = await made(crm, kind="static", members=[known["A"]])
    await crm.post(f"/v1/selections/{chosen}/members", {"add": [known["C"], known["A"]], "remove": []})
    assert await held(crm, chosen) == "AC"
    await crm.post(f"/v1/selections/{chosen}/members", {"remove": [known["A"]]})
    assert await held(crm, chosen) == "C"
    await crm.delete(f"/v1/records/{known['C']}")
    assert await held(crm, chosen) == ""
    problem = await crm.post(f"/v1/selections/{chosen}/members", {"add": [chosen]}, status=422)
    assert problem["errors"][0]["pointer"] == "/members/0"


async def test_combined_selections_follow_their_parts(crm: Api) -> None:
    known = await ids(crm)
    utrecht, chosen = (
        await made(crm, criteria=UTRECHT),
        await made(crm, kind="static", members=[known["B"], known["C"]]),
    )
    for compare, expected in (("union", "ABC"), ("intersection", "B"), ("difference", "A")):
        combined = await made(crm, kind="combined", of=[utrecht, chosen], compare=compare)
        assert await held(crm, combined) == expected
    outer = await made(crm, kind="combined", of=[combined, chosen], compare="union")
    assert await held(crm, outer) == "ABC"
    await crm.post(f"/v1/selections/{chosen}/members", {"add": [known["D"]], "remove": [known["B"]]})
    assert await held(crm, outer) == "ABCD"
    await crm.patch(f"/v1/selections/{combined}", {"of": [utrecht, outer]}, status=409)
    await crm.delete(f"/v1/selections/{utrecht}", status=409)


async def test_counters_say_who_was_not_called(crm: Api) -> None:
    known = await ids(crm)
    await crm.post(f"/v1/records/{known['A']}/activities", {"type": "email", "body": "Offer"})
    await crm.post(f"/v1/records/{known['C']}/activities", {"type": "note", "body": "Thought of them"})
    assert await held(crm, await made(crm, criteria=QUIET)) == "BCD"
    assert await held(crm, await made(crm, criteria={"all": [UTRECHT, QUIET]})) == "B"
    assert await held(crm, await made(crm, criteria={"not": {"any": [UTRECHT, QUIET]}})) == ""
    noted = {"field": "counters.activities", "type": "note", "op": "gte", "value": 1}
    assert await held(crm, await made(crm, criteria={"any": [UTRECHT, noted]})) == "ABC"
    silent = {"counter": "last_activity_age_days", "op": "gt", "value": 14}
    assert await held(crm, await made(crm, criteria=silent)) == ""


async def test_a_snapshot_stays_as_it_was(crm: Api) -> None:
    utrecht = await made(crm, criteria=UTRECHT)
    kept = (await crm.post(f"/v1/selections/{utrecht}/snapshot", {"name": "Then"}))["id"]
    await crm.patch(f"/v1/records/{(await ids(crm))['A']}", {"values": {"city": "Zeist"}})
    assert (await held(crm, utrecht), await held(crm, kept)) == ("B", "AB")


async def test_a_call_list_is_called_through(crm: Api) -> None:
    known = await ids(crm)
    path = f"/v1/selections/{await made(crm, criteria={})}/call-list"
    first = await crm.get(f"{path}?sort=-title")
    assert (first["next"]["title"], first["remaining"]) == ("D", 4)
    assert first["phones"] == {"phone": "+31201234563"}
    await crm.post(f"{path}/{known['D']}", {"state": "called"})
    await crm.post(f"{path}/{known['C']}", {"state": "skipped"})
    then = await crm.get(f"{path}?sort=-title")
    assert [then[name] for name in ("remaining", "called", "skipped")] == [2, 1, 1]
    assert then["next"]["title"] == "B"
    await crm.post(f"{path}/{known['D']}", {"state": "open"})
    assert (await crm.get(f"{path}?sort=-title"))["next"]["title"] == "D"


async def test_mistakes_are_named(crm: Api) -> None:
    for parts, pointer in (
        ({"criteria": {"field": "nothing", "op": "eq", "value": 1}}, "/criteria/field"),
        ({"criteria": {"all": [QUIET, {"field": "nothing", "value": 1}]}}, "/criteria/all/1/field"),
        ({"criteria": QUIET | {"period": "soon"}}, "/criteria/period"),
        ({"criteria": QUIET | {"op": "has"}}, "/criteria/op"),
        ({"criteria": QUIET | {"direction": "up"}}, "/criteria/direction"),
        ({"kind": "static", "criteria": UTRECHT}, "/criteria"),
        ({"kind": "combined", "of": ["x", "y"]}, "/of/0"),
        ({"kind": "combined", "of": []}, "/of"),
        ({"name": " "}, "/name"),
    ):
        body = {"project": "customers", "name": "Some", "kind": "dynamic"} | parts
        problem = await crm.post("/v1/selections", body, status=422)
        assert [each["pointer"] for each in problem["errors"]] == [pointer], problem
