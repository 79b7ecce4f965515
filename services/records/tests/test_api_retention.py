"""What is kept for long enough goes: tried first, then by itself at night."""

from typing import Any

import pytest
import pytest_asyncio
from services.records.tests.importing import finished, parts, upload
from services.records.tests.running import Api
from sqlalchemy import text

from records.workers.retention import begin_due

CUSTOMERS = {
    "key": "customers",
    "name": "Customers",
    "lists": [
        {"key": "open", "name": "Open", "category": "open"},
        {"key": "lost", "name": "Lost", "category": "lost"},
    ],
    "fields": [
        {"key": "phone", "name": "Phone", "type": "phone", "config": {"default_region": "NL"}},
        {"key": "amount", "name": "Amount", "type": "currency"},
    ],
}
LOST = {
    "what": "records",
    "project": "customers",
    "filter": {"field": "list_category", "op": "eq", "value": "lost"},
    "since": "last_activity_at",
    "after": "P1Y",
    "action": "trash",
    "enabled": False,
}


@pytest_asyncio.fixture(loop_scope="session")
async def desk(api: Api) -> Api:
    """Two customers of two years ago, one of them lost, and one lost today."""
    await api.post("/v1/projects", CUSTOMERS)
    async with api.database.begin() as connection:
        await connection.execute(text("DELETE FROM tombstone"))
    old = {"created_at": "2020-01-01T09:00:00Z", "last_activity_at": "2020-01-01T09:00:00Z"}
    items = [
        {"title": "Jan", "list": "lost", "values": {"phone": "0612345678", "amount": "100.00"}, **old},
        {"title": "Piet", "list": "open", **old},
        {"title": "Eva", "list": "lost"},
    ]
    await api.post("/v1/projects/customers/records/bulk", {"items": items})
    return api


async def run(desk: Api, key: str, *, dry_run: bool) -> Any:
    job = await desk.post(f"/v1/retentions/{key}/run", {"dry_run": dry_run}, status=202)
    done = await finished(desk, f"/v1/jobs/records/{job['id']}")
    assert done["state"] == "done", done["error"]
    return done["result"]


async def test_a_dry_run_counts_and_names_and_changes_nothing(desk: Api) -> None:
    await desk.ask("PUT", "/v1/retentions/lost", LOST)
    told = await run(desk, "lost", dry_run=True)
    assert (told["count"], len(told["sample"]), told["erasures"]) == (1, 1, [])
    assert len(await desk.titles("customers")) == 3


async def test_what_is_due_goes_to_the_trash_and_its_history_says_why(desk: Api) -> None:
    await desk.ask("PUT", "/v1/retentions/lost", LOST)
    gone = (await run(desk, "lost", dry_run=False))["sample"][0]["id"]
    assert sorted(await desk.titles("customers")) == ["Eva", "Piet"]
    await desk.post(f"/v1/records/{gone}/restore")
    history = (await desk.get(f"/v1/records/{gone}/history"))["items"]
    assert [(each["kind"], each["actor"]) for each in history if each["kind"] == "deleted"] == [
        ("deleted", "retention:lost")
    ]
    assert (await run(desk, "lost", dry_run=False))["count"] == 1


async def test_it_runs_by_itself_once_a_night(desk: Api) -> None:
    await desk.ask("PUT", "/v1/retentions/other", LOST)
    await desk.ask("PUT", "/v1/retentions/nightly", LOST | {"enabled": True})
    async with desk.database.begin() as connection:
        await connection.execute(
            text("""UPDATE app_clock SET "offset" = interval '12 hours' - (now() - date_trunc('day', now()))""")
        )
    try:
        for _ in range(2):
            await begin_due(parts(desk))
    finally:
        async with desk.database.begin() as connection:
            await connection.execute(text("""UPDATE app_clock SET "offset" = '0'"""))
    async with desk.database.begin() as connection:
        begun = text("SELECT input ->> 'retention' FROM job WHERE input ->> 'retention' IN ('nightly', 'other')")
        assert list((await connection.execute(begun)).scalars()) == ["nightly"]


async def test_uploads_go_after_their_time(desk: Api) -> None:
    kept = await upload(desk, b"Name\nJan\n")
    async with desk.database.begin() as connection:
        await connection.execute(text("UPDATE upload SET created_at = created_at - interval '31 days'"))
    await upload(desk, b"Name\nEva\n")
    await desk.ask(
        "PUT", "/v1/retentions/uploads", {"what": "uploads", "after": "P30D", "action": "erase", "enabled": False}
    )
    assert (await run(desk, "uploads", dry_run=True))["count"] == 1
    assert (await run(desk, "uploads", dry_run=False))["count"] == 1
    await desk.post("/v1/imports/preview", {"project": "customers", "upload": kept["upload"]}, status=404)


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"after": "3 years"}, "/after"),
        ({"project": "nowhere"}, "/project"),
        ({"since": "amount"}, "/since"),
        ({"filter": {"field": "nonsense", "op": "eq", "value": 1}}, "/filter/field"),
        ({"what": "uploads"}, "/action"),
        ({"what": "uploads", "action": "erase"}, "/project"),
    ],
)
async def test_what_is_wrong_is_named(desk: Api, wrong: Any, pointer: str) -> None:
    problem = await desk.ask("PUT", "/v1/retentions/lost", LOST | wrong, status=422)
    assert [each["pointer"] for each in problem["errors"]] == [pointer]


async def test_policies_are_part_of_a_configuration(desk: Api) -> None:
    await desk.ask("PUT", "/v1/retentions/lost", LOST)
    file = (await desk.client.get("/v1/configuration")).text
    assert "retentions:" in file
    plan = (await desk.client.post("/v1/configuration/plan", content=file)).json()
    assert (plan["creates"], plan["changes"]) == ([], [])


async def test_who_is_anonymised_stays_as_a_number(desk: Api) -> None:
    await desk.ask("PUT", "/v1/retentions/lost", LOST | {"action": "anonymise"})
    told = await run(desk, "lost", dry_run=False)
    jan = told["sample"][0]["id"]
    await desk.post(f"/v1/records/{jan}/comments", {"body": "Jan rang."})
    (erasure,) = told["erasures"]
    receipt = (await finished(desk, f"/v1/jobs/records/{erasure}"))["result"]
    assert receipt["records"] == {"deleted": [], "blanked": [], "anonymised": [jan]}
    record = await desk.get(f"/v1/records/{jan}")
    assert (record["title"], record["list"]) == ("Anonymous", "lost")
    assert record["values"] == {"amount": {"amount": "100.00", "currency": "EUR"}}
    whole = str([await desk.get(f"/v1/records/{jan}/{part}") for part in ("history", "activities")])
    assert "Jan" not in whole
    async with desk.database.begin() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM tombstone"))).scalar_one() == 0


async def test_who_is_erased_is_gone(desk: Api) -> None:
    await desk.ask("PUT", "/v1/retentions/lost", LOST | {"action": "erase"})
    told = await run(desk, "lost", dry_run=False)
    receipt = (await finished(desk, f"/v1/jobs/records/{told['erasures'][0]}"))["result"]
    jan = told["sample"][0]["id"]
    assert receipt["records"]["deleted"] == [jan]
    await desk.get(f"/v1/records/{jan}", status=404)
    assert (await run(desk, "lost", dry_run=True))["count"] == 0
