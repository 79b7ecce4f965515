"""What fields, lists and projects may be told to ask of their records, and that every way in asks it."""

import asyncio
from typing import Any

import pytest
from services.records.tests.importing import finished, import_file, written
from services.records.tests.running import Api

NUMBER = {"key": "number", "name": "No.", "type": "unique_id", "config": {"prefix": "K-", "digits": 3, "start": 7}}
EMAIL = {"key": "email", "name": "E-mail", "type": "email", "unique": "warn"}


async def project(api: Api, *fields: dict[str, Any], **parts: Any) -> str:
    lists = [{"key": "open", "name": "Open"}, {"key": "lost", "name": "Lost", "category": "lost"}]
    body = {"key": "deals", "name": "Deals", "lists": lists, "fields": fields} | parts
    return str((await api.post("/v1/projects", body, status=201))["id"])


async def add(api: Api, title: str = "A", *, status: int = 201, **values: Any) -> Any:
    return await api.post("/v1/projects/deals/records", {"title": title, "values": values}, status=status)


async def bulk(api: Api, *items: dict[str, Any], status: int = 200) -> Any:
    return await api.post("/v1/projects/deals/records/bulk", {"items": items}, status=status)


async def test_numbers_are_given_out_once_on_every_way_in(api: Api) -> None:
    await project(api, NUMBER, {"key": "code", "name": "Code", "type": "unique_id", "config": {"sequential": False}})
    first = await add(api)
    assert first["values"]["number"] == "K-007"
    assert len(first["values"]["code"]) == 12
    await bulk(api, {"title": "B"}, {"title": "C"}, {"id": first["id"], "title": "A again"})
    many = await asyncio.gather(*(add(api, f"many {n}") for n in range(5)))
    page = (await api.query("deals"))["items"]
    assert sorted(each["values"]["number"] for each in page) == [f"K-{n:03}" for n in range(7, 15)]
    problem = await api.patch(f"/v1/records/{many[0]['id']}", {"values": {"number": "K-001"}}, status=422)
    assert problem["errors"][0]["pointer"] == "/values/number"
    kept = await api.patch(f"/v1/records/{first['id']}", {"values": {"number": "K-007"}})
    assert kept["version"] == 2


async def test_records_that_were_there_before_their_number_are_given_one(api: Api) -> None:
    await project(api)
    await bulk(api, *({"title": f"{n}"} for n in range(5)))
    gone = await add(api, "gone")
    await api.delete(f"/v1/records/{gone['id']}")
    await api.post("/v1/projects/deals/fields", NUMBER)
    edited = (await api.query("deals", filter={"title": "4"}))["items"][0]
    assert (await api.patch(f"/v1/records/{edited['id']}", {"title": "first"}))["values"]["number"] == "K-007"
    assert (await add(api, "new"))["values"]["number"] == "K-008"
    (job,) = (await api.get("/v1/jobs/records?kind=numbering"))["items"]
    done = await finished(api, f"/v1/jobs/records/{job['id']}")
    assert (done["state"], done["done"], done["total"], done["result"]) == ("done", 4, 5, {"numbered": 4})
    page = (await api.query("deals", sort=[{"field": "number"}]))["items"]
    assert [each["title"] for each in page] == ["first", "new", "0", "1", "2", "3"]
    assert (await api.post(f"/v1/records/{gone['id']}/restore"))["values"]["number"] == "K-013"


async def test_a_record_moved_in_brings_its_number_and_others_go_on_behind_it(api: Api) -> None:
    await project(api, NUMBER)
    first = await add(api)
    brought = await bulk(api, {"title": "B", "values": {"number": "K-041"}}, {"title": "C"})
    numbers = [(await api.get(f"/v1/records/{each['id']}"))["values"]["number"] for each in brought["items"]]
    assert numbers == ["K-041", "K-042"]
    for number in ("k-007", "K-041"):
        assert "already" in (await add(api, number=number, status=422))["errors"][0]["detail"]
    key = await api.post("/v1/keys", {"name": "No history", "scopes": ["read", "write"]})
    async with api.as_key(key["key"]) as client:
        body = {"title": "D", "values": {"number": "K-500"}}
        refused = await client.post("/v1/projects/deals/records", json=body)
        assert (refused.status_code, "backdate" in refused.text) == (422, True)
    file = written(["Name", "No."], ["E", "K-060"], ["F", "K-041"], ["G", "other"], ["H", ""])
    done = await import_file(api, file, project="deals", mapping={"Name": "title", "No.": "number"})
    assert (done["created"], done["rejected"]) == (3, 1)
    found = (await api.query("deals", sort=[{"field": "title"}]))["items"]
    last = {each["title"]: each["values"]["number"] for each in found}
    assert last == {"A": "K-007", "B": "K-041", "C": "K-042", "E": "K-060", "G": "other", "H": last["H"]}
    assert last["H"] > "K-060"
    copied = await api.post(f"/v1/records/{first['id']}/copy", {})
    assert copied["record"]["values"]["number"] > last["H"]


async def test_the_same_value_brings_a_warning(api: Api) -> None:
    await project(api, EMAIL)
    first = await add(api, email="jo@example.com")
    assert "warnings" not in first
    second = await add(api, "B", email="JO@example.com")
    assert [(each["pointer"], each["record"]) for each in second["warnings"]] == [("/values/email", first["id"])]
    written = await bulk(
        api, {"title": "C", "values": {"email": "x@example.com"}}, {"title": "D", "values": {"email": "x@example.com"}}
    )
    assert [each["pointer"] for each in written["warnings"]] == ["/items/1/values/email"]
    assert "warnings" not in await api.patch(f"/v1/records/{second['id']}", {"title": "B again"})


async def test_the_same_value_is_refused_where_the_field_says_so(api: Api) -> None:
    await project(api, EMAIL | {"unique": "refuse"})
    first = await add(api, email="jo@example.com")
    problem = await add(api, "B", status=422, email="jo@example.com")
    assert problem["errors"][0]["pointer"] == "/values/email"
    twice = {"values": {"email": "x@example.com"}}
    problem = await bulk(api, {"title": "C"} | twice, {"title": "D"} | twice, status=422)
    assert problem["errors"][0]["pointer"] == "/items/1/values/email"
    await api.delete(f"/v1/records/{first['id']}")
    await add(api, "B", email="jo@example.com")
    await api.post(f"/v1/records/{first['id']}/restore", status=422)
    race = await asyncio.gather(
        *(
            api.client.post("/v1/projects/deals/records", json={"title": "R", "values": {"email": "r@x.nl"}})
            for _ in range(4)
        )
    )
    assert {each.status_code for each in race} <= {201, 409, 422}
    assert sum(each.status_code == 201 for each in race) == 1


async def test_values_there_already_are_told_apart_when_it_is_asked_later(api: Api) -> None:
    await project(api, {"key": "email", "name": "E-mail", "type": "email"})
    for title in "AB":
        await add(api, title, email="jo@example.com")
    field = "/v1/projects/deals/fields/email"
    await api.patch(field, {"unique": "refuse"}, status=409)
    assert (await api.patch(field, {"unique": "warn"}))["unique"] == "warn"
    assert len((await add(api, "C", email="jo@example.com"))["warnings"]) == 1


REASON = {"key": "reason", "name": "Reason", "type": "text"}


async def test_a_field_has_to_be_filled_in_when_its_condition_holds(api: Api) -> None:
    lost = {"all": [{"list": ["lost"]}, {"field": "rank", "op": "gte", "value": 3}]}
    rank = {"key": "rank", "name": "Rank", "type": "number"}
    await project(api, rank, REASON | {"required_when": lost, "visible_when": {"list": ["lost"]}})
    low, high = await add(api, rank=1), await add(api, rank=5)
    await api.post(f"/v1/records/{low['id']}/move", {"list": "lost"})
    problem = await api.post(f"/v1/records/{high['id']}/move", {"list": "lost"}, status=422)
    assert [each["pointer"] for each in problem["errors"]] == ["/values/reason"]
    problem = await api.patch(f"/v1/records/{low['id']}", {"values": {"rank": 4}}, status=422)
    assert [each["pointer"] for each in problem["errors"]] == ["/values/reason"]
    problem = await bulk(api, {"title": "A"}, {"title": "B", "list": "lost", "values": {"rank": 9}}, status=422)
    assert [each["pointer"] for each in problem["errors"]] == ["/items/1/values/reason"]
    await api.patch(f"/v1/records/{low['id']}", {"values": {"rank": 4, "reason": "price"}})
    await api.patch(f"/v1/records/{low['id']}", {"values": {"reason": None}}, status=422)
    field = await api.get("/v1/projects/deals/fields/reason")
    assert (field["required_when"], field["visible_when"]) == (lost, {"list": ["lost"]})
    await api.delete("/v1/projects/deals/fields/rank", status=409)


async def test_records_from_before_a_condition_are_still_edited(api: Api) -> None:
    await project(api, REASON)
    record = await bulk(api, {"title": "A", "list": "lost"})
    await api.patch("/v1/projects/deals/fields/reason", {"required_when": {"list": ["lost"]}})
    assert (await api.patch(f"/v1/records/{record['items'][0]['id']}", {"title": "B"}))["title"] == "B"
    await bulk(api, {"title": "C", "list": "lost"}, status=422)


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"required_when": {"nothing": 1}}, "/required_when"),
        ({"visible_when": {"field": "boss.title", "op": "eq", "value": "A"}}, "/visible_when"),
        ({"visible_when": {"relation": "deals.boss", "op": "exists"}}, "/visible_when"),
        ({"visible_when": {"list": ["lost"]}, "required": True}, "/required"),
        ({"required_when": ["lost"]}, "/required_when"),
    ],
)
async def test_a_condition_asks_of_the_record_itself(api: Api, given: dict[str, Any], place: str) -> None:
    await project(api, {"key": "boss", "name": "Boss", "type": "reference", "config": {"project": "deals"}})
    problem = await api.post("/v1/projects/deals/fields", REASON | given, status=422)
    assert [each["pointer"].startswith(place) for each in problem["errors"]] == [True], problem


async def test_a_record_is_due_when_its_field_says(api: Api) -> None:
    day = {"key": "pay_by", "name": "Pay by", "type": "date", "config": {"is_due_date": True}}
    await project(api, day)
    record = await add(api, pay_by="2026-07-01")
    assert record["due_at"] == "2026-07-01T21:59:59Z"
    assert (await api.patch(f"/v1/records/{record['id']}", {"title": "B"}))["due_at"] == "2026-07-01T21:59:59Z"
    moved = await api.patch(f"/v1/records/{record['id']}", {"values": {"pay_by": "2026-12-01"}})
    assert moved["due_at"] == "2026-12-01T22:59:59Z"
    assert (await api.patch(f"/v1/records/{record['id']}", {"values": {"pay_by": None}}))["due_at"] is None
    problem = await api.post("/v1/projects/deals/fields", day | {"key": "other"}, status=422)
    assert problem["errors"][0]["pointer"] == "/config/is_due_date"


async def test_a_list_is_entered_only_with_what_it_asks(api: Api) -> None:
    await project(
        api, {"key": "reason", "name": "Reason", "type": "text"}, {"key": "rank", "name": "R", "type": "number"}
    )
    lost = "/v1/projects/deals/lists/lost"
    await api.patch(lost, {"require_on_entry": ["nothing"]}, status=422)
    assert (await api.patch(lost, {"require_on_entry": ["reason"]}))["require_on_entry"] == ["reason"]
    record = await add(api)
    problem = await api.post(f"/v1/records/{record['id']}/move", {"list": "lost"}, status=422)
    assert [each["pointer"] for each in problem["errors"]] == ["/values/reason"]
    problem = await bulk(api, {"title": "A"}, {"title": "B", "list": "lost"}, status=422)
    assert [each["pointer"] for each in problem["errors"]] == ["/items/1/values/reason"]
    await api.patch(f"/v1/records/{record['id']}", {"values": {"reason": "price"}})
    assert (await api.post(f"/v1/records/{record['id']}/move", {"list": "lost"}))["list"] == "lost"
    await api.delete("/v1/projects/deals/fields/reason", status=409)


async def test_nothing_comes_into_a_locked_list_or_leaves_it(api: Api) -> None:
    await project(api)
    record = await add(api)
    await api.patch("/v1/projects/deals/lists/open", {"locked": True})
    await api.patch("/v1/projects/deals/lists/open", {"name": "Other"}, status=409)
    await add(api, status=409)
    await api.post(f"/v1/records/{record['id']}/move", {"list": "lost"}, status=409)
    await api.delete(f"/v1/records/{record['id']}", status=409)
    assert (await api.patch(f"/v1/records/{record['id']}", {"title": "Edited"}))["title"] == "Edited"
    await api.patch("/v1/projects/deals/lists/open", {"locked": False})
    await api.delete(f"/v1/records/{record['id']}")


async def test_a_default_fills_what_nobody_speaks_of(api: Api) -> None:
    await project(
        api,
        {"key": "rank", "name": "Rank", "type": "number", "default": 3, "description": "1 to 5", "folder": "Scores"},
    )
    assert (await add(api))["values"] == {"rank": 3}
    assert (await add(api, rank=None))["values"] == {}
    assert (await add(api, rank=1))["values"] == {"rank": 1}
    field = await api.get("/v1/projects/deals/fields/rank")
    assert (field["description"], field["folder"], field["default"]) == ("1 to 5", "Scores", "3")
    await api.patch("/v1/projects/deals/fields/rank", {"default": "x"}, status=422)


async def test_default_fields_are_switched_off_and_records_called_by_their_name(api: Api) -> None:
    label = {"en": ["Deal", "Deals"], "nl": ["Kans", "Kansen"]}
    await project(api, default_fields={"due_date": False}, record_label=label)
    assert (await api.get("/v1/projects/deals"))["record_label"] == label
    problem = await api.post("/v1/projects/deals/records", {"title": "A", "due_at": "2026-01-31T09:30:00Z"}, status=422)
    assert problem["errors"][0]["pointer"] == "/due_at"
    changed = await api.patch("/v1/projects/deals", {"default_fields": {"description": False}})
    assert changed["default_fields"] == {"description": False}
    await api.patch("/v1/projects/deals", {"default_fields": {"titles": False}}, status=422)
    await api.patch("/v1/projects/deals", {"record_label": {"en": ["Deal"]}}, status=422)
    await api.patch("/v1/projects/deals", {"default_fields": {}})
    record = await api.post("/v1/projects/deals/records", {"title": "A", "description": "Two\nlines"})
    assert record["description"] == "Two\nlines"
    assert (await api.patch(f"/v1/records/{record['id']}", {"description": None}))["description"] is None


async def test_lists_and_fields_are_put_in_another_order(api: Api) -> None:
    await project(api, EMAIL, {"key": "rank", "name": "Rank", "type": "number"})
    order = await api.post("/v1/projects/deals/lists/sort", {"keys": ["lost", "open"]})
    assert [(each["key"], each["position"]) for each in order["items"]] == [("lost", 0), ("open", 1)]
    assert (await add(api))["list"] == "lost"
    await api.post("/v1/projects/deals/fields/sort", {"keys": ["rank"]}, status=422)


async def test_a_project_comes_back_from_the_trash_with_its_records(api: Api) -> None:
    id_ = await project(api)
    record = await add(api)
    await api.delete("/v1/projects/deals")
    await api.get(f"/v1/records/{record['id']}", status=404)
    assert (await api.post(f"/v1/projects/{id_}/restore"))["key"] == "deals"
    assert (await api.get(f"/v1/records/{record['id']}"))["title"] == "A"
    await api.post(f"/v1/projects/{id_}/restore", status=404)


async def test_too_many_lists_and_fields_are_advised_against(api: Api) -> None:
    fields = [{"key": f"f{n}", "name": f"F{n}", "type": "text"} for n in range(31)]
    await project(api, *fields)
    assert "31 fields" in (await api.get("/v1/projects/deals"))["advice"][0]


@pytest.mark.parametrize(("press", "status"), [({}, 422), ({"phrase": "ship it"}, 422), ({"phrase": "Ship it"}, 200)])
async def test_a_button_is_pressed_with_its_confirmation(api: Api, press: dict[str, Any], status: int) -> None:
    await project(
        api, {"key": "ship", "name": "Ship", "type": "button", "config": {"confirm": "hard", "phrase": "Ship it"}}
    )
    record = await add(api)
    await api.post(f"/v1/records/{record['id']}/buttons/ship", press, status=status)
    await api.post(f"/v1/records/{record['id']}/buttons/nothing", press, status=404)
    async with api.database.begin() as connection:
        told = await connection.exec_driver_sql("SELECT count(*) FROM outbox WHERE type = 'records.button.pressed.v1'")
        assert told.scalar() == (status == 200)
