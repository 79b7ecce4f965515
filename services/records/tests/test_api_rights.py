"""What a role hides is nowhere, and what it does not allow does not happen."""

import json
from typing import Any

import httpx
import pytest
from services.records.tests.running import Api
from sqlalchemy import text

OPPORTUNITIES: dict[str, Any] = {
    "key": "opportunities",
    "name": "Opportunities",
    "lists": [
        {"key": "qualification", "name": "Qualification"},
        {"key": "secret", "name": "Secret"},
        {"key": "won", "name": "Won", "category": "won"},
    ],
    "fields": [
        {"key": "amount", "name": "Amount", "type": "currency"},
        {"key": "cost", "name": "Cost", "type": "currency", "required": True},
        {"key": "profit", "name": "Profit", "type": "formula", "config": {"expression": "{amount} - {cost}"}},
        {"key": "margin", "name": "Margin", "type": "formula", "config": {"expression": "{profit} / {amount}"}},
        {"key": "phone", "name": "Phone", "type": "phone", "config": {"default_region": "NL"}},
        {"key": "code", "name": "Code", "type": "text"},
    ],
    "tags": [{"key": "vip", "name": "VIP"}],
}
INVOICES: dict[str, Any] = {
    "key": "invoices",
    "name": "Invoices",
    "lists": [{"key": "open", "name": "Open"}],
    "fields": [
        {"key": "deal", "name": "Deal", "type": "reference", "config": {"project": "opportunities"}},
        {"key": "deal_cost", "name": "Cost", "type": "lookup", "config": {"path": ["deal", "cost"]}},
        {"key": "deal_title", "name": "Title", "type": "lookup", "config": {"path": ["deal", "title"]}},
    ],
}
HIDDEN = ("cost", "profit", "margin", "phone", "deal_cost")


class Junior:
    """A user with a key, beside the administrator."""

    def __init__(self, api: Api, user: str, key: str) -> None:
        self.user = user
        self.client = api.as_key(key)

    async def ask(self, method: str, path: str, body: Any = None) -> httpx.Response:
        return await self.client.request(method, path, json=body)


async def person(api: Api, name: str, *scopes: str) -> Junior:
    user = await api.post("/v1/users", {"name": name, "email": f"{name}@example.com", "teams": [name]})
    key = await api.post("/v1/keys", {"name": name, "scopes": scopes or ["read", "write"], "user": user["id"]})
    return Junior(api, user["id"], key["key"])


async def sales(api: Api, **role: Any) -> Junior:
    """Two projects, and a junior who has a role in the first."""
    for project in (OPPORTUNITIES, INVOICES):
        await api.post("/v1/projects", project)
    junior = await person(api, "junior")
    await api.post("/v1/projects/opportunities/roles", {"key": "junior", "name": "Junior", "teams": ["junior"], **role})
    return junior


HIDING = {"field_permissions": {"cost": "none", "phone": "none", "code": "view"}}


async def deal(api: Api, cost: str, **others: Any) -> Any:
    values = {"amount": "100.00", "cost": cost, "code": "a", **others.pop("values", {})}
    return await api.post("/v1/projects/opportunities/records", {"title": "Deal", "values": values, **others})


async def everything_of(junior: Junior, record: str, invoice: str) -> list[tuple[str, int, str]]:
    """All that the junior can get to hear, as it is told."""
    asked: list[tuple[str, str, Any]] = [
        ("GET", f"/v1/records/{record}", None),
        ("GET", f"/v1/records/{invoice}", None),
        ("GET", f"/v1/records/{record}/history", None),
        ("GET", f"/v1/records/{record}/activities", None),
        ("GET", "/v1/projects", None),
        ("GET", "/v1/projects/opportunities/fields", None),
        ("GET", "/v1/projects/invoices/fields", None),
        ("GET", "/v1/phone-matches?number=%2B31201234567", None),
        ("PATCH", f"/v1/records/{record}", {"title": "Deal"}),
    ]
    for project in ("opportunities", "invoices"):
        path = f"/v1/projects/{project}/records/query"
        asked.append(("POST", path, {"count": True}))
        for key in HIDDEN:
            asked.append(("POST", path, {"filter": {"field": key, "op": "is_not_empty"}, "count": True}))
            asked.append(("POST", path, {"sort": [{"field": key}]}))
            asked.append(("POST", path, {"fields": [key]}))
        asked.append(("POST", path, {"filter": {"field": "deal.cost", "op": "is_not_empty"}}))
    asked += [("PATCH", f"/v1/records/{record}", {"values": {key: "1.00"}}) for key in HIDDEN]
    bulk = {"items": [{"id": record, "values": {"cost": "1.00"}}]}
    asked.append(("POST", "/v1/projects/opportunities/records/bulk", bulk))
    answers = [
        (f"{method} {path} {json.dumps(body)}", await junior.ask(method, path, body)) for method, path, body in asked
    ]
    return [(question, answer.status_code, answer.text) for question, answer in answers]


# The same records with other hidden values.
OTHERWISE = (
    "UPDATE record SET values = jsonb_set(values - 'phone', '{cost,amount}', '\"99.99\"') WHERE values ? 'cost'",
    "DELETE FROM phone",
    "UPDATE change SET changes = jsonb_set(changes, '{cost,after,amount}', '\"99.99\"') WHERE changes ? 'cost'",
)


@pytest.mark.parametrize("role", [HIDING, {**HIDING, "default_field_permission": "view"}])
async def test_what_differs_only_in_hidden_values_is_told_alike(api: Api, role: dict[str, Any]) -> None:
    """The same requests, on records that hold other hidden values: the answers are the same to the byte."""
    junior = await sales(api, **role)
    record = await deal(api, "40.00", values={"phone": "+31201234567"})
    invoice = await api.post("/v1/projects/invoices/records", {"title": "Bill", "values": {"deal": record["id"]}})
    before = await everything_of(junior, record["id"], invoice["id"])
    async with api.database.begin() as connection:
        for statement in OTHERWISE:
            await connection.execute(text(statement))
    after = await everything_of(junior, record["id"], invoice["id"])
    assert before == after
    for question, status, told in before:
        assert status < 500, question
        assert "40.00" not in told, question
        assert not any(f'"{key}":' in told for key in HIDDEN), question


async def test_a_hidden_field_is_answered_like_one_that_never_was(api: Api) -> None:
    junior = await sales(api, **HIDING)
    path = "/v1/projects/opportunities/records/query"
    for question in ({"filter": {"field": "X", "op": "is_empty"}}, {"sort": [{"field": "X"}]}, {"fields": ["X"]}):
        asked = [json.loads(json.dumps(question).replace("X", name)) for name in ("margin", "nargim")]
        hidden, unknown = [await junior.ask("POST", path, each) for each in asked]
        assert hidden.status_code == unknown.status_code == 422
        assert hidden.text.replace("margin", "nargim") == unknown.text


async def test_hidden_required_fields_do_not_stand_in_the_way_and_what_is_seen_only_stays(api: Api) -> None:
    junior = await sales(api, **HIDING)
    made = await junior.ask("POST", "/v1/projects/opportunities/records", {"title": "Mine", "values": {"amount": "5"}})
    assert made.status_code == 201, made.text
    record = made.json()["id"]
    refused = await junior.ask("PATCH", f"/v1/records/{record}", {"values": {"code": "b"}})
    assert refused.status_code == 422
    assert refused.json()["errors"] == [{"pointer": "/values/code", "detail": "'Code' is read-only for you."}]


async def test_a_change_leaves_hidden_values_as_they_were(api: Api) -> None:
    junior = await sales(api, **HIDING)
    record = await deal(api, "40.00")
    changed = await junior.ask("PATCH", f"/v1/records/{record['id']}", {"values": {"amount": "120.00"}})
    assert changed.status_code == 200
    assert (await api.get(f"/v1/records/{record['id']}"))["values"]["profit"]["amount"] == "80.00"


async def test_who_has_no_role_sees_nothing_of_a_project_that_has_roles(api: Api) -> None:
    await sales(api)
    stranger = await person(api, "stranger")
    record = await deal(api, "40.00")
    assert (await stranger.ask("GET", f"/v1/records/{record['id']}")).status_code == 404
    assert (await stranger.ask("POST", "/v1/projects/opportunities/records/query", {})).status_code == 404
    keys = [each["key"] for each in (await stranger.ask("GET", "/v1/projects")).json()["items"]]
    assert keys == ["invoices"]
    fields = (await stranger.ask("GET", "/v1/projects/invoices/fields")).json()["items"]
    assert fields == []  # all of them lead to what is not there


async def test_own_records_only(api: Api) -> None:
    junior = await sales(api, record_scope="assigned_only")
    theirs = await deal(api, "1.00")
    mine = await deal(api, "2.00", assignees=[junior.user])
    found = (await junior.ask("POST", "/v1/projects/opportunities/records/query", {"count": True})).json()
    assert [each["id"] for each in found["items"]] == [mine["id"]]
    assert found["count"] == 1
    for method, path in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("GET", "/history"), ("POST", "/comments")):
        answer = await junior.ask(method, f"/v1/records/{theirs['id']}{path}", {"body": "x"} if path else {})
        assert answer.status_code == 404, (method, path)
    invoice = await api.post("/v1/projects/invoices/records", {"title": "Bill", "values": {"deal": theirs["id"]}})
    shown = (await junior.ask("GET", f"/v1/records/{invoice['id']}")).json()
    assert "deal_title" not in shown["values"]
    question = {"filter": {"field": "deal.title", "op": "eq", "value": "Deal"}, "sort": [{"field": "deal_title"}]}
    assert (await junior.ask("POST", "/v1/projects/invoices/records/query", question)).json()["items"] == []
    made = (
        await junior.ask("POST", "/v1/projects/opportunities/records", {"title": "New", "values": {"cost": "1"}})
    ).json()
    assert made["assignees"] == [junior.user]


async def test_lists_and_tags_hide_records_too(api: Api) -> None:
    junior = await sales(api, list_permissions={"secret": "none", "won": "view"}, denied_tags=["vip"])
    hidden = [await deal(api, "1.00", list="secret"), await deal(api, "1.00", tags=["vip"])]
    won, seen = await deal(api, "1.00", list="won"), await deal(api, "1.00")
    found = (await junior.ask("POST", "/v1/projects/opportunities/records/query", {})).json()["items"]
    assert {each["id"] for each in found} == {won["id"], seen["id"]}
    for each in hidden:
        assert (await junior.ask("GET", f"/v1/records/{each['id']}")).status_code == 404
    lists = (await junior.ask("GET", "/v1/projects/opportunities/lists")).json()["items"]
    assert [each["key"] for each in lists] == ["qualification", "won"]
    assert (await junior.ask("PATCH", f"/v1/records/{won['id']}", {"title": "x"})).status_code == 403
    assert (await junior.ask("POST", f"/v1/records/{seen['id']}/move", {"list": "won"})).status_code == 403
    assert (await junior.ask("POST", f"/v1/records/{seen['id']}/move", {"list": "secret"})).status_code == 422


async def test_a_role_says_what_may_be_made_deleted_and_completed(api: Api) -> None:
    permissions = {"create_records": False, "delete_records": "own", "complete_records": False}
    junior = await sales(api, permissions=permissions)
    theirs, mine = await deal(api, "1.00"), await deal(api, "1.00", assignees=[junior.user])
    new = {"title": "x", "values": {"cost": "1"}}
    assert (await junior.ask("POST", "/v1/projects/opportunities/records", new)).status_code == 403
    assert (await junior.ask("DELETE", f"/v1/records/{theirs['id']}")).status_code == 403
    assert (await junior.ask("PATCH", f"/v1/records/{mine['id']}", {"done": True})).status_code == 403
    assert (await junior.ask("DELETE", f"/v1/records/{mine['id']}")).status_code == 204


async def test_a_change_of_role_or_user_holds_at_once(api: Api) -> None:
    junior = await sales(api, **HIDING)
    record = await deal(api, "40.00")
    assert "cost" not in (await junior.ask("GET", f"/v1/records/{record['id']}")).json()["values"]
    await api.patch("/v1/projects/opportunities/roles/junior", {"field_permissions": {}})
    assert "cost" in (await junior.ask("GET", f"/v1/records/{record['id']}")).json()["values"]
    await api.patch(f"/v1/users/{junior.user}", {"teams": []})
    assert (await junior.ask("GET", f"/v1/records/{record['id']}")).status_code == 404
    await api.delete("/v1/projects/opportunities/roles/junior")
    assert (await junior.ask("GET", f"/v1/records/{record['id']}")).status_code == 200
    await api.patch(f"/v1/users/{junior.user}", {"active": False})
    assert (await junior.ask("GET", f"/v1/records/{record['id']}")).status_code == 401


@pytest.mark.parametrize(
    ("role", "pointer"),
    [
        ({"field_permissions": {"kost": "none"}}, "/field_permissions/kost"),
        ({"list_permissions": {"kost": "none"}}, "/list_permissions/kost"),
        ({"permissions": {"fly": True}}, "/permissions/fly"),
        ({"permissions": {"delete_records": True}}, "/permissions/delete_records"),
        ({"denied_tags": ["x"]}, "/denied_tags/x"),
        ({"users": ["jo"]}, "/users/0"),
    ],
)
async def test_a_role_speaks_of_what_there_is(api: Api, role: dict[str, Any], pointer: str) -> None:
    await api.post("/v1/projects", OPPORTUNITIES)
    told = await api.post("/v1/projects/opportunities/roles", {"key": "r", "name": "R", **role}, status=422)
    assert [each["pointer"] for each in told["errors"]] == [pointer]
