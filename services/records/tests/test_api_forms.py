"""Public forms: made by ops, answered by strangers, tried by robots."""

import asyncio
import html
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from services.records.tests.running import Api
from sqlalchemy import text

from shared.contracts.records import FormSubmitted

FORM = {
    "key": "new_customer",
    "title": {"en": "New enquiry", "nl": "Nieuwe aanvraag"},
    "fields": [
        {"key": "title", "required": True},
        {"key": "email", "required": True},
        {"key": "phone"},
        {"key": "industry", "title": {"en": "Your trade"}},
        {"key": "description"},
    ],
    "defaults": {"source": "website", "list": "customers"},
    "protection": {"min_fill_seconds": 0},
    "on_submit": [
        {"dedupe": {"match": ["email", "phone"], "action": "attach_to_existing"}},
        {"create_record": {"project": "deals", "list": "new", "set": {"customer": "{{record.id}}"}}},
    ],
}
OPTIONS = [{"key": "it", "name": "IT"}, {"key": "food", "name": "Food <b>"}]


@pytest_asyncio.fixture(loop_scope="session")
async def shop(api: Api) -> Api:
    """Customers with a public form, and deals that are made beside them."""
    source = [{"key": "website", "name": "Website"}]
    customers = {
        "key": "customers",
        "name": "Customers",
        "lists": [{"key": "customers", "name": "Customers", "category": "neutral"}],
        "fields": [
            {"key": "email", "name": "E-mail", "type": "email"},
            {"key": "phone", "name": "Phone", "type": "phone", "config": {"default_region": "NL"}},
            {"key": "industry", "name": "Industry", "type": "select", "config": {"options": OPTIONS}},
            {"key": "source", "name": "Source", "type": "select", "config": {"options": source}},
            {"key": "secret", "name": "Credit limit", "type": "number"},
            {"key": "manager", "name": "Manager", "type": "user"},
        ],
    }
    deals = {
        "key": "deals",
        "name": "Deals",
        "lists": [{"key": "new", "name": "New", "category": "open"}],
        "fields": [{"key": "customer", "name": "Customer", "type": "reference", "config": {"project": "customers"}}],
    }
    for project in (customers, deals):
        await api.post("/v1/projects", project, status=201)
    return api


@pytest_asyncio.fixture(loop_scope="session")
async def stranger(shop: Api) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody without a key."""
    transport = httpx.ASGITransport(shop.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://records") as client:
        yield client


async def make(shop: Api, **changes: Any) -> Any:
    return await shop.post("/v1/projects/customers/forms", FORM | changes, status=201)


async def send(stranger: httpx.AsyncClient, status: int = 201, **answers: Any) -> Any:
    answer = await stranger.post("/v1/forms/new-customer/submissions", json=answers)
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_an_answer_becomes_a_record_where_the_form_says(shop: Api, stranger: httpx.AsyncClient) -> None:
    form = await make(shop)
    assert form["share"]["link"] == "http://records/forms/new-customer"
    await send(stranger, title="Bakkerij Smit", email="info@smit.example", phone="020 794 6000", description="Call me")
    ((customer,), (deal,)) = [(await shop.query(project))["items"] for project in ("customers", "deals")]
    assert customer["values"] == {"email": "info@smit.example", "phone": "+31207946000", "source": "website"}
    assert (deal["title"], deal["values"]["customer"]) == ("Bakkerij Smit", customer["id"])
    notes = (await shop.get(f"/v1/records/{customer['id']}/activities"))["items"]
    assert [each["body"] for each in notes] == ["New enquiry:\nCall me"]
    (kept,) = (await shop.get("/v1/projects/customers/forms/new_customer/submissions"))["items"]
    assert (kept["state"], kept["record"]) == ("created", customer["id"])
    assert await told(shop) == [("new_customer", False)]


async def test_a_second_answer_of_the_same_person_is_attached_and_overwrites_nothing(
    shop: Api, stranger: httpx.AsyncClient
) -> None:
    await make(shop)
    await send(stranger, title="Bakkerij Smit", email="info@smit.example")
    await send(stranger, title="Somebody else", email="INFO@smit.example", industry="food")
    (customer,) = (await shop.query("customers"))["items"]
    assert (customer["title"], customer["values"]["industry"]) == ("Bakkerij Smit", "food")
    (note,) = (await shop.get(f"/v1/records/{customer['id']}/activities"))["items"]
    assert "title: Somebody else" in note["body"]
    assert await told(shop) == [("new_customer", False), ("new_customer", True)]


async def test_every_mistake_is_named_and_nothing_is_kept(shop: Api, stranger: httpx.AsyncClient) -> None:
    await make(shop)
    problem = await send(stranger, 422, email="nonsense", phone="12", industry="none", secret=5)
    assert {each["pointer"] for each in problem["errors"]} == {"/title", "/email", "/phone", "/industry", "/secret"}
    assert (await shop.query("customers"))["items"] == []


async def test_a_follow_up_that_fails_takes_the_record_back(shop: Api, stranger: httpx.AsyncClient) -> None:
    await make(shop)
    await shop.post("/v1/projects/deals/fields", {"key": "amount", "name": "A", "type": "number", "required": True})
    await send(stranger, 422, title="Smit", email="info@smit.example")
    assert (await shop.query("customers"))["items"] == []
    assert await told(shop) == []


async def test_a_robot_that_fills_the_trap_is_thanked_and_kept_apart(shop: Api, stranger: httpx.AsyncClient) -> None:
    await make(shop)
    await send(stranger, title="Buy", email="a@b.example", _homepage="http://spam.example")
    assert (await shop.query("customers"))["items"] == []
    (kept,) = (await shop.get("/v1/projects/customers/forms/new_customer/submissions"))["items"]
    assert (kept["state"], kept["record"], kept["answers"]["title"]) == ("spam", None, "Buy")


async def test_so_many_of_one_visitor_and_no_more(shop: Api, stranger: httpx.AsyncClient) -> None:
    await make(shop, protection={"rate_limit": {"per_ip": "3/60s"}})
    bodies = [{"title": f"S{number}", "email": f"s{number}@x.example"} for number in range(6)]
    sent = (stranger.post("/v1/forms/new-customer/submissions", json=each) for each in bodies)
    answers = await asyncio.gather(*sent)
    assert sorted(each.status_code for each in answers) == [201] * 3 + [429] * 3
    refused = next(each for each in answers if each.status_code == 429)
    assert refused.headers["retry-after"] == "60"
    assert len((await shop.query("customers"))["items"]) == 3


async def test_a_page_sent_twice_is_one_submission(shop: Api, stranger: httpx.AsyncClient) -> None:
    await make(shop)
    shown = (await stranger.get("/v1/forms/new-customer")).json()
    assert [each["key"] for each in shown["fields"]] == ["title", "email", "phone", "industry", "description"]
    first, again = [await send(stranger, title="Smit", email="i@s.example", _token=shown["token"]) for _ in range(2)]
    assert first == again
    assert len((await shop.query("deals"))["items"]) == 1


async def test_a_page_filled_faster_than_a_person_can_is_refused(shop: Api, stranger: httpx.AsyncClient) -> None:
    await make(shop, protection={"min_fill_seconds": 30})
    token = (await stranger.get("/v1/forms/new-customer")).json()["token"]
    problem = await send(stranger, 422, title="Smit", email="i@s.example", _token=token)
    assert problem["errors"][0]["pointer"] == "/_token"
    forged = token.replace(token[:3], "100", 1)
    for strange in (forged, "1.x.é", ".", {"no": "text"}):
        assert "not ours" in (await send(stranger, 422, title="Smit", email="i@s.example", _token=strange))["detail"]


async def test_the_page_works_without_scripts_and_shows_mistakes_beside_what_was_written(
    shop: Api, stranger: httpx.AsyncClient
) -> None:
    await make(shop, title={"en": "New <enquiry>"})
    page = await stranger.get("/forms/new-customer")
    assert "<h1>New &lt;enquiry&gt;</h1>" in page.text
    assert "Food &lt;b&gt;" in page.text
    assert "<script" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    written = {"title": 'Smit "& <Zn>', "email": "nonsense", "_token": token_of(page.text)}
    wrong = await stranger.post("/forms/new-customer", data=written)
    assert wrong.status_code == 422
    assert html.escape('Smit "& <Zn>').replace("&quot;", "&#34;") in wrong.text
    assert 'id="e-email"' in wrong.text
    dutch = await stranger.post("/forms/new-customer", data=written | {"title": ""}, headers={"accept-language": "nl"})
    assert "Dit is geen e-mailadres" in dutch.text
    assert "Dit is nodig." in dutch.text
    assert "needed" not in dutch.text
    written |= {"email": "info@smit.example", "industry": "it", "_token": token_of(wrong.text)}
    right = await stranger.post("/forms/new-customer", data=written, headers={"accept-language": "nl"})
    assert "Dank u wel" in right.text
    (customer,) = (await shop.query("customers"))["items"]
    assert customer["values"]["industry"] == "it"


async def test_after_it_was_sent_the_page_goes_where_the_form_says(shop: Api, stranger: httpx.AsyncClient) -> None:
    await make(shop, redirect_url="https://smit.example/thanks")
    page = await stranger.get("/forms/new-customer")
    assert "form-action 'self' https://smit.example" in page.headers["content-security-policy"]
    data = {"title": "Smit", "email": "i@s.example", "_token": token_of(page.text)}
    answer = await stranger.post("/forms/new-customer", data=data)
    assert (answer.status_code, answer.headers["location"]) == (303, "https://smit.example/thanks")


async def test_its_address_is_a_picture_too(shop: Api, stranger: httpx.AsyncClient) -> None:
    await make(shop)
    drawn = await stranger.get("/forms/new-customer/qr.svg")
    assert drawn.headers["content-type"] == "image/svg+xml"
    assert drawn.text.lstrip().startswith("<?xml")


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"fields": [{"key": "title"}, {"key": "manager"}]}, "/fields/1/key"),
        ({"fields": [{"key": "email"}]}, "/fields"),
        ({"fields": [{"key": "title"}, {"key": "title"}]}, "/fields/1/key"),
        ({"title": ""}, "/title"),
        ({"redirect_url": "javascript:alert(1)"}, "/redirect_url"),
        ({"protection": {"rate_limit": {"per_ip": "many"}}}, "/protection/rate_limit/per_ip"),
        ({"on_submit": [{"create_record": {"project": "nowhere"}}]}, "/on_submit/0/create_record/project"),
        ({"defaults": {"list": "nowhere"}}, "/defaults/list"),
        ({"theme": {"color": "red; background: url(x)"}}, "/theme/color"),
    ],
)
async def test_a_form_that_could_not_work_is_not_saved(shop: Api, changes: dict[str, Any], pointer: str) -> None:
    problem = await shop.post("/v1/projects/customers/forms", FORM | changes, status=422)
    assert [each["pointer"] for each in problem["errors"]] == [pointer]


async def test_a_form_is_changed_closed_and_taken_away(shop: Api, stranger: httpx.AsyncClient) -> None:
    await make(shop)
    await shop.post("/v1/projects/customers/forms", FORM, status=409)
    path = "/v1/projects/customers/forms/new_customer"
    assert (await shop.patch(path, {"title": "Hello"}))["version"] == 2
    assert (await shop.patch(path, {"enabled": False}))["enabled"] is False
    assert (await stranger.get("/forms/new-customer")).status_code == 404
    await send(stranger, 404, title="Smit", email="i@s.example")
    await shop.delete(path, status=204)
    await shop.get(path, status=404)
    assert (await make(shop))["slug"].startswith("new-customer-")


async def test_a_field_that_is_gone_is_asked_no_more(shop: Api, stranger: httpx.AsyncClient) -> None:
    await make(shop, on_submit=[])
    await shop.delete("/v1/projects/customers/fields/phone", status=204)
    shown = (await stranger.get("/v1/forms/new-customer")).json()
    assert [each["key"] for each in shown["fields"]] == ["title", "email", "industry", "description"]


async def test_forms_are_made_by_administrators_only(shop: Api, stranger: httpx.AsyncClient) -> None:
    assert (await stranger.post("/v1/projects/customers/forms", json=FORM)).status_code == 401
    assert (await stranger.get("/v1/projects/customers/forms")).status_code == 401


def token_of(page: str) -> str:
    found = re.search(r'name="_token" value="([^"]+)"', page)
    assert found
    return found[1]


async def told(shop: Api) -> list[tuple[str, bool]]:
    query = text("SELECT envelope::jsonb -> 'data' AS data FROM outbox WHERE type = :type ORDER BY position")
    async with shop.database.transaction() as transaction:
        found = await transaction.execute(query, {"type": FormSubmitted.type})
        return [(row.data["form"], row.data["attached"]) for row in found]
