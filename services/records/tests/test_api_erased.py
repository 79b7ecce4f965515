"""Somebody who was erased: no file and no sync brings them back, they themselves do."""

from typing import Any

import pytest_asyncio
from services.records.tests.importing import import_file, rejected
from services.records.tests.running import Api
from services.records.tests.test_events import published
from sqlalchemy import text

from shared.privacy import Person
from shared.privacy.tombstones import bury

MARK = "erased-abcdefabcdef"
CUSTOMERS = {
    "key": "customers",
    "name": "Customers",
    "lists": [{"key": "customers", "name": "Customers", "category": "neutral"}],
    "fields": [
        {"key": "email", "name": "E-mail", "type": "email"},
        {"key": "phone", "name": "Phone", "type": "phone", "config": {"default_region": "NL"}},
    ],
}


@pytest_asyncio.fixture(loop_scope="session")
async def desk(api: Api) -> Api:
    await api.post("/v1/projects", CUSTOMERS)
    async with api.database.transaction() as transaction:
        await transaction.execute(text("DELETE FROM tombstone"))
        await bury(transaction.connection, Person(("+31612345678",), ("jan@example.com",)), MARK)
    return api


def body(**values: Any) -> dict[str, Any]:
    return {"title": "Jan", "values": values}


async def test_a_sync_does_not_bring_them_back(desk: Api) -> None:
    path = "/v1/projects/customers/records"
    problem = await desk.post(path, body(phone="06 1234 5678"), status=422)
    assert [each["pointer"] for each in problem["errors"]] == ["/values/phone"]
    items = {"items": [body(phone="0612345679"), body(email="Jan@Example.com")]}
    problem = await desk.post("/v1/projects/customers/records/bulk", items, status=422)
    assert [each["pointer"] for each in problem["errors"]] == ["/items/1/values/email"]
    assert await desk.titles("customers") == []


async def test_a_file_does_not_bring_them_back_and_is_kept_without_them(desk: Api) -> None:
    file = "Name,Phone,Mail\nJan,06-12345678,\nJan,,JAN@example.com\nEva,06-12345679,eva@example.com\n"
    mapping = {"Name": "title", "Phone": "phone", "Mail": "email"}
    done = await import_file(desk, file.encode(), project="customers", mapping=mapping)
    assert (done["created"], done["rejected"]) == (1, 2)
    assert {each["reason"] for each in await rejected(desk, done)} == {"This row tells of somebody who was erased."}
    async with desk.database.begin() as connection:
        kept = str((await connection.execute(text("SELECT jsonb_agg(rows) FROM upload_part"))).scalar_one())
    assert (kept.count(MARK), "12345678" in kept, "jan@example" in kept.lower()) == (2, False, False)


async def test_they_come_back_by_a_form_and_calls_hears_of_it(desk: Api) -> None:
    form = {
        "key": "enquiry",
        "title": "Enquiry",
        "fields": [{"key": "title"}, {"key": "phone"}],
        "protection": {"min_fill_seconds": 0},
    }
    slug = (await desk.post("/v1/projects/customers/forms", form))["slug"]
    await desk.post(f"/v1/forms/{slug}/submissions", {"title": "Jan", "phone": "+31612345678"})
    (told,) = await published(desk, "records.person.returned")
    assert told["data"] == {"numbers": ["+31612345678"], "emails": []}
    await desk.post("/v1/projects/customers/records", body(phone="+31612345678"))
    await desk.post("/v1/projects/customers/records", body(email="jan@example.com"), status=422)


async def test_somebody_they_told_writes_them_down(desk: Api) -> None:
    user = (await desk.post("/v1/users", {"name": "Ann", "email": "ann@example.com"}))["id"]
    scopes = ["read", "write", "admin"]
    key = (await desk.post("/v1/keys", {"name": "Ann", "user": user, "scopes": scopes}))["key"]
    made = await desk.as_key(key).post("/v1/projects/customers/records", json=body(email="jan@example.com"))
    assert made.status_code == 201, made.text
