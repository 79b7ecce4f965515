"""One event a version, with the whole record, in the form of its golden example."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from services.records.tests.running import Api
from sqlalchemy import select

import shared.contracts
from shared.contracts import Envelope, event_types
from shared.database.tables import api_key, outbox

EXAMPLES = Path(shared.contracts.__file__).parent / "examples"
CUSTOMERS = {
    "key": "customers",
    "name": "Customer database",
    "lists": [{"key": "customers", "name": "Customers", "category": "neutral"}],
    "fields": [{"key": "phone", "name": "Phone", "type": "phone", "config": {"default_region": "NL"}}],
}
OPPORTUNITIES = {
    "key": "opportunities",
    "name": "Opportunities",
    "lists": [
        {"key": "qualification", "name": "Qualification", "category": "open", "max_age_days": 10},
        {"key": "contract_out", "name": "Contract Out", "category": "open", "forecast_weight": "0.90"},
    ],
    "fields": [
        {"key": "amount", "name": "Amount", "type": "currency"},
        {"key": "customer", "name": "Customer", "type": "reference", "config": {"project": "customers"}},
        {"key": "customer_name", "name": "Name", "type": "lookup", "config": {"path": ["customer", "title"]}},
    ],
    "tags": [{"key": "website", "name": "Website", "color": "#2563eb"}],
}

# Told by the tests of what they belong to.
ELSEWHERE = {"role", "form", "suggestion", "consent", "person"}


async def published(api: Api, *prefixes: str) -> list[dict[str, Any]]:
    """The envelopes in the outbox, in the order they were written."""
    async with api.database.begin() as connection:
        rows = await connection.execute(select(outbox.c.envelope).order_by(outbox.c.position))
        envelopes = [json.loads(row.envelope) for row in rows]
    return [each for each in envelopes if each["type"].startswith(prefixes or "records.")]


async def deal_with_a_life(api: Api) -> str:
    await api.post("/v1/projects", CUSTOMERS)
    await api.post("/v1/projects", OPPORTUNITIES)
    body = {"title": "Bakkerij Smit", "values": {"phone": "020 123 4567"}}
    customer = await api.post("/v1/projects/customers/records", body)
    values = {"amount": "25000.00", "customer": customer["id"]}
    body = {"title": "Website", "values": values, "tags": ["website"], "due_at": "2030-01-31T09:00:00Z"}
    deal = (await api.post("/v1/projects/opportunities/records", body))["id"]
    path = f"/v1/records/{deal}"
    await api.patch(path, {"values": {"amount": "26000.00"}})
    await api.patch(path, {"values": {"amount": "26000.00"}})
    await api.post(f"{path}/move", {"list": "contract_out"})
    await api.post(f"{path}/move", {"list": "contract_out"})
    await api.delete(path)
    await api.post(f"{path}/restore")
    await api.post(f"{path}/comments", {"body": "They want the quote by Friday."})
    await api.post("/v1/projects/opportunities/fields", {"key": "send", "name": "Send", "type": "button"})
    await api.post(f"{path}/buttons/send", {})
    await api.ask("PUT", "/v1/rates", [{"date": "2024-04-10", "from": "USD", "to": "EUR", "rate": "0.90"}])
    user = await api.post("/v1/users", {"name": "Jo", "email": "jo@example.com", "teams": ["sales"]})
    await api.patch(f"/v1/users/{user['id']}", {"skills": ["north"]})
    key = await api.post("/v1/keys", {"name": "Website", "scopes": ["read"]})
    await api.delete(f"/v1/keys/{key['id']}")
    found: str = deal
    return found


async def test_every_version_is_told_once_and_whole(api: Api) -> None:
    deal = await deal_with_a_life(api)
    told = [each for each in await published(api, "records.record.") if each["subject"] == deal]
    assert [(each["type"].split(".")[2], each["data"]["record"]["version"]) for each in told] == [
        ("created", 1),
        ("updated", 2),
        ("moved", 3),
        ("deleted", 4),
        ("restored", 5),
    ]
    created, updated, moved = (each["data"] for each in told[:3])
    assert created["record"]["values"] == {"amount": {"amount": "25000.00", "currency": "EUR"}}
    assert "customer_name" not in created["record"]["values"]
    assert len(created["record"]["links"]["customer"]) == 1
    assert updated["changes"] == {
        "amount": {
            "before": {"amount": "25000.00", "currency": "EUR"},
            "after": {"amount": "26000.00", "currency": "EUR"},
        }
    }
    assert (moved["from_list"], moved["to_list"]) == ("qualification", "contract_out")
    first, second = moved["record"]["stage_history"]
    assert (first["list"], second["list"]) == ("qualification", "contract_out")
    assert first["left_at"] == second["entered_at"] == moved["record"]["entered_list_at"]


async def test_what_is_told_has_the_form_of_its_example(api: Api) -> None:
    await deal_with_a_life(api)
    told = {each["type"]: each for each in await published(api)}
    assert set(told) == {
        name for name in event_types() if name.startswith("records.") and not ELSEWHERE & set(name.split("."))
    }
    for name, envelope in told.items():
        example = json.loads((EXAMPLES / f"{name}.json").read_text())
        Envelope.model_validate(envelope)
        assert form(envelope) <= form(example), name


async def test_what_is_told_is_what_its_contract_would_write(api: Api) -> None:
    await deal_with_a_life(api)
    for envelope in await published(api):
        contract = event_types()[envelope["type"]]
        assert contract.model_validate(envelope["data"]).model_dump(mode="json") == envelope["data"]


def form(tree: object, place: str = "") -> set[str]:
    """The places in a JSON tree where something stands, list items taken together."""
    match tree:
        case dict():
            inner = _free(place, tree)
            return {place}.union(*(form(each, f"{place}/{name}") for name, each in inner.items()))
        case list():
            return {place}.union(*(form(each, f"{place}/-") for each in tree if isinstance(each, dict)))
    return {place}


def _free(place: str, tree: Mapping[str, Any]) -> Mapping[str, Any]:
    """What has names of its own (values by field key) is one thing, whatever it holds."""
    last = place.rsplit("/", 1)[-1]
    return {} if last in ("values", "links", "changes", "config", "basis") else tree


async def test_a_schema_is_told_whole_with_every_change(api: Api) -> None:
    await api.post("/v1/projects", CUSTOMERS)
    await api.post("/v1/projects/customers/tags", {"key": "vip", "name": "VIP"})
    await api.patch("/v1/projects/customers", {"name": "Klanten"})
    await api.patch("/v1/projects/customers", {"name": "Klanten"})
    await api.delete("/v1/projects/customers")
    told = [each["data"] for each in await published(api, "records.project.")]
    assert [(each["version"], each["name"], len(each["tags"]), each["deleted"]) for each in told] == [
        (1, "Customer database", 0, False),
        (2, "Customer database", 1, False),
        (3, "Klanten", 1, False),
        (4, "Klanten", 1, True),
    ]
    assert told[0]["fields"] == [
        {
            "key": "phone",
            "name": "Phone",
            "type": "phone",
            "kind": "text",
            "required": False,
            "config": {"default_region": "NL"},
        }
    ]


async def test_a_key_is_told_by_its_hash_only(api: Api) -> None:
    made = await api.post("/v1/keys", {"name": "Website", "scopes": ["write", "read"]}, status=201)
    await api.delete(f"/v1/keys/{made['id']}", status=204)
    await api.delete(f"/v1/keys/{made['id']}", status=204)
    told = await published(api, "records.key.")
    assert [each["data"]["version"] for each in told] == [1, 2]
    assert told[1]["data"]["revoked_at"]
    assert made["key"] not in json.dumps(told)
    assert (await api.as_key(made["key"]).get("/v1/projects")).status_code == 401


async def test_bulk_tells_each_record_and_marks_what_was_moved_in(api: Api) -> None:
    await api.post("/v1/projects", CUSTOMERS)
    items = [{"title": "New"}, {"title": "Old", "created_at": "2024-02-10T09:00:00Z"}]
    await api.post("/v1/projects/customers/records/bulk", {"items": items})
    told = [each["data"]["record"] for each in await published(api, "records.record.")]
    assert [(each["title"], each["imported"]) for each in told] == [("New", False), ("Old", True)]


async def test_a_refused_change_tells_nothing(api: Api) -> None:
    await api.post("/v1/projects", CUSTOMERS)
    before = len(await published(api))
    await api.post("/v1/projects/customers/records", {"title": "x", "values": {"phone": "1"}}, status=422)
    await api.post("/v1/projects", CUSTOMERS, status=409)
    assert len(await published(api)) == before


async def test_the_same_request_twice_is_one_record(api: Api) -> None:
    await api.post("/v1/projects", CUSTOMERS)
    path, body = "/v1/projects/customers/records", {"title": "Smit"}
    first = await api.post(path, body, idempotency_key="k-1", status=201)
    assert await api.post(path, body, idempotency_key="k-1", status=201) == first
    await api.post(path, {"title": "Jansen"}, idempotency_key="k-1", status=422)
    assert await api.titles("customers") == ["Smit"]
    assert len(await published(api, "records.record.")) == 1


async def test_what_a_rule_does_says_so_and_does_not_count_as_activity(api: Api) -> None:
    await api.post("/v1/projects", CUSTOMERS)
    record = await api.post("/v1/projects/customers/records", {"title": "Smit"})
    service = (await api.post("/v1/keys", {"name": "Service", "scopes": ["read", "write"]}))["key"]
    async with api.database.begin() as connection:
        await connection.execute(
            api_key.update().where(api_key.c.name == "Service").values(scopes=["read", "write", "delegate"])
        )
    rule = api.as_key(service)
    rule.headers.update({"trunkline-actor": "rule:r1", "trunkline-depth": "3", "trunkline-origin": "r0,r1"})
    path = f"/v1/records/{record['id']}"
    changed = (await rule.patch(path, json={"values": {"phone": "+31201234567"}})).json()
    assert changed["last_activity_at"] == record["last_activity_at"]
    await rule.post(f"{path}/comments", json={"body": "By a rule"})
    assert (await api.get(path))["last_activity_at"] == record["last_activity_at"]
    told = (await published(api, "records.record.updated"))[0]
    assert (told["actor"], told["depth"], told["origin"]) == ("rule:r1", 3, "r0,r1")
    assert (await api.patch(path, {"title": "By a person"}))["last_activity_at"] > record["last_activity_at"]
