"""What people agreed to: one field, and beside it every yes and no with how it is known."""

from typing import Any

import pytest
import pytest_asyncio
from services.records.tests.running import Api
from services.records.tests.test_events import published

PURPOSES = {
    "key": "purpose",
    "name": "Purpose",
    "extra": ["legal_basis"],
    "items": [
        {"key": "sales_and_service", "name": "Sales", "extra": {"legal_basis": "legitimate_interest"}},
        {"key": "e_marketing", "name": "E-marketing"},
        {"key": "phone", "name": "Being called"},
    ],
}
MAIL = {"key": "mail", "name": "Mail", "items": [{"key": "newsletter", "name": "Newsletter"}]}
CUSTOMERS = {
    "key": "customers",
    "name": "Customers",
    "lists": [{"key": "customers", "name": "Customers", "category": "neutral"}],
    "fields": [
        {"key": "email", "name": "E-mail", "type": "email"},
        {"key": "phone", "name": "Phone", "type": "phone", "config": {"default_region": "NL"}},
        {"key": "do_not_call", "name": "Do not call", "type": "checkbox"},
        {
            "key": "consents",
            "name": "Consents",
            "type": "consent",
            "config": {"value_list": "purpose", "call_lists": "phone"},
        },
        {"key": "subscriptions", "name": "Subscriptions", "type": "consent", "config": {"value_list": "mail"}},
    ],
}


@pytest_asyncio.fixture(loop_scope="session")
async def desk(api: Api) -> Api:
    """Customers who are asked for three purposes and one kind of mail."""
    await api.post("/v1/value-lists", PURPOSES)
    await api.post("/v1/value-lists", MAIL)
    await api.post("/v1/projects", CUSTOMERS)
    return api


async def made(desk: Api, title: str = "Jan", **values: Any) -> str:
    return str((await desk.post("/v1/projects/customers/records", {"title": title, "values": values}))["id"])


async def standing(desk: Api, record: str) -> dict[str, Any]:
    found = await desk.get(f"/v1/records/{record}/consents")
    return {each["option"]: each for each in found["items"]}


async def test_a_yes_is_kept_with_how_it_is_known(desk: Api) -> None:
    jan = await made(desk)
    said = {
        "field": "consents",
        "option": "e_marketing",
        "state": "given",
        "source": "phone_call",
        "wording": "May we write to you?",
        "wording_version": "3",
        "evidence": "call:42",
    }
    entry = await desk.post(f"/v1/records/{jan}/consents", said)
    assert {name: entry[name] for name in said} == said
    assert (entry["legal_basis"], entry["actor"][:4]) == ("consent", "key:")
    now = await standing(desk, jan)
    assert (now["e_marketing"]["agreed"], now["e_marketing"]["last"]["id"]) == (True, entry["id"])
    assert (now["newsletter"]["agreed"], now["newsletter"]["last"]) == (False, None)
    assert (await desk.get(f"/v1/records/{jan}"))["values"]["consents"] == ["e_marketing"]


async def test_nothing_that_was_said_is_ever_changed(desk: Api) -> None:
    jan = await made(desk, consents=["e_marketing"])
    path = f"/v1/records/{jan}/consents"
    for state in ("given", "withdrawn", "withdrawn"):
        await desk.post(path, {"field": "consents", "option": "E-marketing", "state": state})
    page = await desk.get(f"{path}/history?limit=3")
    rest = await desk.get(f"{path}/history?limit=3&cursor={page['next_cursor']}")
    assert [each["state"] for each in page["items"] + rest["items"]] == ["withdrawn", "withdrawn", "given", "given"]
    assert "consents" not in (await desk.get(f"/v1/records/{jan}"))["values"]


async def test_however_the_field_is_written_the_words_are_kept(desk: Api) -> None:
    jan = await made(desk, consents=["sales_and_service", "phone"])
    await desk.patch(
        f"/v1/records/{jan}", {"values": {"consents": ["sales_and_service"], "subscriptions": ["newsletter"]}}
    )
    now = await standing(desk, jan)
    last = {key: (each["last"] or {}).get("state") for key, each in now.items()}
    assert last == {"sales_and_service": "given", "phone": "withdrawn", "newsletter": "given", "e_marketing": None}
    assert now["sales_and_service"]["last"]["legal_basis"] == "legitimate_interest"
    assert now["phone"]["last"]["source"] == "api"


async def test_every_word_is_told(desk: Api) -> None:
    jan = await made(desk, consents=["phone"])
    await desk.post(f"/v1/records/{jan}/consents", {"field": "consents", "option": "phone", "state": "withdrawn"})
    told = [each["data"] for each in await published(desk, "records.consent.")]
    assert [(each["option"], each["state"], each["record"]["id"]) for each in told] == [
        ("phone", "given", jan),
        ("phone", "withdrawn", jan),
    ]
    assert "consents" not in told[1]["record"]["values"]


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"field": "email"}, "/field"),
        ({"option": "nonsense"}, "/option"),
        ({"legal_basis": "because"}, "/legal_basis"),
        ({"state": "maybe"}, "/state"),
    ],
)
async def test_what_is_wrong_is_named(desk: Api, wrong: Any, pointer: str) -> None:
    jan = await made(desk)
    body = {"field": "consents", "option": "phone", "state": "given"} | wrong
    problem = await desk.post(f"/v1/records/{jan}/consents", body, status=422)
    assert [each["pointer"] for each in problem["errors"]] == [pointer]


async def test_records_are_found_by_what_people_agreed_to(desk: Api) -> None:
    await made(desk, "Yes", consents=["e_marketing"], subscriptions=["newsletter"])
    await made(desk, "No", consents=["phone"])
    agreed = {"field": "consents", "op": "has_any", "value": ["e_marketing"]}
    assert await desk.titles("customers", filter=agreed) == ["Yes"]
    assert await desk.titles("customers", filter={"field": "subscriptions", "op": "is_empty"}) == ["No"]
