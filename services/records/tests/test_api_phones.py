"""Whose number is this: in any writing, as soon as a record has it, and no longer than it does."""

from typing import Any

import pytest
import pytest_asyncio
from services.records.tests.running import Api


@pytest_asyncio.fixture(loop_scope="session")
async def crm(api: Api) -> Api:
    """Customers with telephones, and deals that refer to them and have a telephone of their own."""
    phone = {"key": "phone", "name": "Phone", "type": "phone", "config": {"default_region": "NL"}}
    mobile = {"key": "mobile", "name": "Mobile", "type": "phone"}
    lists = [{"key": "new", "name": "New", "category": "open"}, {"key": "lost", "name": "Lost", "category": "lost"}]
    await api.post("/v1/projects", {"key": "customers", "name": "C", "lists": lists, "fields": [phone, mobile]})
    customer = {"key": "customer", "name": "Customer", "type": "reference", "config": {"project": "customers"}}
    await api.post("/v1/projects", {"key": "deals", "name": "D", "lists": lists, "fields": [phone, customer]})
    return api


async def add(api: Api, project: str, title: str, **values: Any) -> str:
    made = await api.post(f"/v1/projects/{project}/records", {"title": title, "values": values}, status=201)
    found: str = made["id"]
    return found


async def match(api: Api, number: str) -> tuple[str | None, list[str]]:
    answer = await api.client.get("/v1/phone-matches", params={"number": number})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    primary = found["primary"] and found["primary"]["title"]
    return primary, [each["title"] for each in found["candidates"]]


@pytest.mark.parametrize("written", ["+31201234567", "020 123 4567", "0031 (20) 123-45-67", "+31 20 1234567"])
async def test_a_number_is_found_however_it_is_written(crm: Api, written: str) -> None:
    await add(crm, "customers", "Smit", phone="020-1234567")
    assert await match(crm, written) == ("Smit", ["Smit"])


async def test_a_plus_that_was_not_encoded_is_understood(crm: Api) -> None:
    await add(crm, "customers", "Smit", phone="020-1234567")
    found = await crm.get("/v1/phone-matches?number=+31201234567")
    assert found["primary"]["title"] == "Smit"


async def test_nobody_has_an_unknown_number(crm: Api) -> None:
    assert await match(crm, "+31201234567") == (None, [])
    await crm.get("/v1/phone-matches?number=anonymous", status=422)
    await crm.get("/v1/phone-matches", status=422)


async def test_a_number_follows_its_record(crm: Api) -> None:
    smit = await add(crm, "customers", "Smit", phone="020 123 4567", mobile="+31612345678")
    assert (await match(crm, "06 12345678"))[0] == "Smit"
    await crm.patch(f"/v1/records/{smit}", {"values": {"phone": "020 765 4321", "mobile": None}})
    assert await match(crm, "020 123 4567") == (None, [])
    assert await match(crm, "06 12345678") == (None, [])
    assert (await match(crm, "020 765 4321"))[0] == "Smit"
    await crm.delete(f"/v1/records/{smit}")
    assert await match(crm, "020 765 4321") == (None, [])
    await crm.post(f"/v1/records/{smit}/restore")
    assert (await match(crm, "020 765 4321"))[0] == "Smit"


async def test_bulk_fills_the_index_too(crm: Api) -> None:
    items = [{"title": f"C{number}", "values": {"phone": f"020 123 456{number}"}} for number in range(3)]
    await crm.post("/v1/projects/customers/records/bulk", {"items": items})
    assert await match(crm, "020 123 4562") == ("C2", ["C2"])


async def test_a_customer_goes_before_a_deal_and_the_newest_activity_first(crm: Api) -> None:
    number = "+31201234567"
    await add(crm, "deals", "A deal", phone=number)
    old = await add(crm, "customers", "Old", phone=number)
    await add(crm, "customers", "New", phone=number)
    assert await match(crm, number) == ("New", ["New", "Old", "A deal"])
    await crm.post(f"/v1/records/{old}/comments", {"body": "Spoke with them."})
    assert await match(crm, number) == ("Old", ["Old", "New", "A deal"])
