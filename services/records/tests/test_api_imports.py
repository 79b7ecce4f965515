"""Files brought in: read, matched, written, and what does not fit told with its reason."""

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from typing import Any

import openpyxl
import pytest
import pytest_asyncio
from services.records.tests.importing import finished, form, import_file, parts, rejected, upload, written
from services.records.tests.running import Api
from sqlalchemy import text

from records.workers.jobs import JOBS
from shared.database import Transaction
from shared.http.keys import new_key
from shared.jobs import Job, RunningJob
from shared.jobs import storage as jobs

CUSTOMERS = {
    "key": "customers",
    "name": "Customers",
    "lists": [{"key": "all", "name": "All", "category": "neutral"}],
    "fields": [
        {"key": "email", "name": "E-mail", "type": "email"},
        {"key": "phone", "name": "Telefoon", "type": "phone", "config": {"default_region": "NL"}},
        {"key": "source", "name": "Bron", "type": "select", "config": {"options": ["Web", "Fair"]}},
        {"key": "city", "name": "Plaats", "type": "text"},
    ],
}
DEALS = {
    "key": "deals",
    "name": "Deals",
    "lists": [{"key": key, "name": key.title(), "category": "open"} for key in ("new", "sent")],
    "fields": [
        {"key": "amount", "name": "Amount", "type": "currency"},
        {"key": "closing", "name": "Closing", "type": "date"},
        {"key": "customer", "name": "Customer", "type": "reference", "config": {"project": "customers"}},
    ],
}
COLUMNS = ("Naam", "E-mail", "Telefoon", "Bron", "Plaats")


@pytest_asyncio.fixture(loop_scope="session")
async def crm(api: Api) -> Api:
    await api.post("/v1/projects", CUSTOMERS)
    await api.post("/v1/projects", DEALS)
    return api


async def values(api: Api, project: str = "customers") -> dict[str, Any]:
    return {each["title"]: each["values"] for each in (await api.query(project))["items"]}


async def test_a_file_is_looked_at_and_a_mapping_proposed(crm: Api) -> None:
    content = "Naam;E-mailadres;Tel.;Bron;Opmerking\nSmit;a@b.nl;020-1234567;Web;x\n".encode("utf-16")
    answer = await form(crm, "/v1/imports/preview", content, project="customers")
    seen = answer.json()
    assert answer.status_code == 200, seen
    assert (seen["encoding"], seen["delimiter"], seen["rows"]) == ("utf-16", ";", 1)
    assert seen["mapping"] == {"Naam": "title", "E-mailadres": "email", "Tel.": "phone", "Bron": "source"}
    assert seen["match_on"] == ["email"]
    assert seen["sample"] == [["Smit", "a@b.nl", "020-1234567", "Web", "x"]]


async def test_an_import_makes_records_and_a_selection_of_them(crm: Api) -> None:
    content = written(COLUMNS, ("Smit", "a@b.nl", "020 1234567", "web", "Utrecht"), ("Jansen", "", "", "", ""))
    done = await import_file(crm, content, project="customers")
    assert (done["state"], done["created"], done["rejected"]) == ("done", 2, 0), done
    assert (await values(crm))["Smit"] == {
        "email": "a@b.nl",
        "phone": "+31201234567",
        "source": "web",
        "city": "Utrecht",
    }
    record = (await crm.query("customers"))["items"][0]
    assert record["imported"]


async def test_a_form_with_the_file_is_one_request(crm: Api) -> None:
    asked = {"project": "customers", "mapping": {"Naam": "title"}, "dry_run": False}
    answer = await form(crm, "/v1/imports", written(("Naam",), ("Smit",)), **asked)
    assert answer.status_code == 202, answer.text
    assert answer.json()["total"] == 1


async def test_the_four_actions_on_a_match(crm: Api) -> None:
    mapping = {"Naam": "title", "E-mail": "email", "Plaats": "city", "Bron": "source"}
    old = {"title": "Smit", "values": {"email": "Jan@b.nl", "city": "Utrecht"}}
    for action, counts, expected in (
        ("skip", (0, 0, 1), {"email": "Jan@b.nl", "city": "Utrecht"}),
        ("merge_empty", (0, 1, 0), {"email": "Jan@b.nl", "city": "Utrecht", "source": "web"}),
        ("replace", (0, 1, 0), {"email": "jan@b.nl", "city": "Zeist", "source": "web"}),
        ("add", (1, 0, 0), {"email": "jan@b.nl", "city": "Zeist", "source": "web"}),
    ):
        kept = await crm.post("/v1/projects/customers/records", old)
        content = written(COLUMNS, ("New name", "jan@b.nl", "", "Web", "Zeist"))
        done = await import_file(
            crm, content, project="customers", mapping=mapping, match_on=["email"], on_match=action
        )
        assert (done["created"], done["updated"], done["skipped"]) == counts, (action, done)
        found = (await crm.query("customers"))["items"]
        changed = found[-1]
        assert changed["values"] == expected, action
        assert changed["title"] == ("Smit" if action in ("skip", "merge_empty") else "New name")
        for each in found:
            await crm.delete(f"/v1/records/{each['id']}")
        assert kept["id"] in {each["id"] for each in found}


async def test_a_record_that_is_there_is_moved_to_the_list_of_its_row(crm: Api) -> None:
    await crm.patch("/v1/projects/deals/lists/sent", {"require_on_entry": ["amount"]})
    asked = {"project": "deals", "mapping": {"Name": "title", "Stage": "list", "Amount": "amount"}}
    asked |= {"match_on": ["title"], "on_match": "replace"}
    rows = [("A", "New", ""), ("B", "New", ""), ("C", "Sent", "")]
    await import_file(crm, written(["Name", "Stage", "Amount"], *rows), **asked)
    rows = [("A", "Sent", "12.50"), ("B", "sent", ""), ("C", "Sent", ""), ("D", "Nowhere", "")]
    file = written(["Name", "Stage", "Amount"], *rows)
    done = await import_file(crm, file, **asked)
    assert [done[name] for name in ("created", "updated", "skipped", "rejected")] == [0, 1, 1, 2]
    assert [each["Name"] for each in await rejected(crm, done)] == ["B", "D"]
    (moved,) = (await crm.query("deals", filter={"title": "A"}))["items"]
    assert (moved["list"], moved["version"]) == ("sent", 2)
    told = (await crm.get(f"/v1/records/{moved['id']}/history"))["items"]
    assert {each["kind"] for each in told} == {"created", "moved"}
    asked |= {"on_match": "merge_empty", "mapping": {"Name": "title", "Stage": "list"}}
    kept = await import_file(crm, written(["Name", "Stage"], ("A", "New")), **asked)
    assert kept["skipped"] == 1


async def test_an_export_that_comes_back_as_it_is_changes_nothing(crm: Api) -> None:
    customer = await crm.post("/v1/projects/customers/records", {"title": "An; Co", "values": {"email": "a@b.nl"}})
    values = {"amount": "1234.50", "closing": "2026-02-03", "customer": customer["id"]}
    item = {"title": "=A", "list": "sent", "values": values, "due_at": "2026-05-06T07:08:09Z"}
    await crm.post("/v1/projects/deals/records/bulk", {"items": [item, {"title": "B"}]})
    job = await crm.post("/v1/exports", {"project": "deals"}, status=202)
    await finished(crm, f"/v1/exports/{job['id']}")
    file = (await crm.client.get(f"/v1/exports/{job['id']}/file")).content
    held = await upload(crm, file)
    proposed = await crm.post("/v1/imports/preview", {"project": "deals", "upload": held["upload"]})
    mapping = {name: to for name, to in proposed["mapping"].items() if not to.endswith("_at") or to == "due_at"}
    assert {"title", "list", "amount", "closing", "customer", "due_at", "id"} <= set(mapping.values())
    done = await import_file(crm, file, project="deals", mapping=mapping, on_match="replace")
    assert [done[name] for name in ("created", "updated", "skipped", "rejected")] == [0, 0, 2, 0], (
        await rejected(crm, done) if done["rejected_rows"] else done
    )


async def test_rows_that_mean_the_same_record_meet_in_the_file_too(crm: Api) -> None:
    rows = [("A", "x@b.nl", "", "", ""), ("B", "X@B.nl", "", "", "Zeist"), ("C", "y@b.nl", "", "", "")]
    asked = {"project": "customers", "match_on": ["email"], "on_match": "replace"}
    tried = await import_file(crm, written(COLUMNS, *rows), **asked, dry_run=True)
    assert (tried["created"], tried["updated"]) == (2, 1)
    assert await values(crm) == {}
    done = await import_file(crm, written(COLUMNS, *rows), **asked)
    assert (done["created"], done["updated"]) == (2, 1)
    assert set(await values(crm)) == {"B", "C"}


async def test_a_broken_row_is_rejected_with_its_reason_and_can_be_mended(crm: Api) -> None:
    rows = [("Smit", "a@b.nl", "", "", ""), ("", "no address", "12", "Radio", "=1+1"), ("Jansen", "", "", "", "")]
    done = await import_file(crm, written(COLUMNS, *rows), project="customers")
    assert (done["created"], done["rejected"]) == (2, 1)
    (row,) = await rejected(crm, done)
    assert row["Plaats"] == "'=1+1"
    assert all(each in row["reason"] for each in ("E-mail: must be an e-mail", "Telefoon: ", "Bron: must be one of"))
    row |= {"Naam": "Mended", "E-mail": "c@d.nl", "Telefoon": "", "Bron": "Fair"}
    done = await import_file(crm, written(list(row), list(row.values())), project="customers")
    assert (done["created"], done["rejected"]) == (1, 0)
    assert (await values(crm))["Mended"] == {"email": "c@d.nl", "source": "fair", "city": "=1+1"}


async def test_unknown_options_are_made_defaulted_blanked_or_rejected(crm: Api) -> None:
    for choice, expected in (
        ("reject_row", None),
        ("blank", {}),
        ("default", {"source": "fair"}),
        ("create", {"source": "radio_1"}),
    ):
        content = written(("Naam", "Bron"), (choice, "Radio 1"))
        defaults = {"source": "fair"} if choice == "default" else None
        done = await import_file(crm, content, project="customers", unknown_option=choice, defaults=defaults)
        assert done["rejected"] == (expected is None), done
        assert (await values(crm)).get(choice) == expected
    field = next(each for each in (await crm.get("/v1/projects/customers/fields"))["items"] if each["key"] == "source")
    assert [option["name"] for option in field["config"]["options"]] == ["Web", "Fair", "Radio 1"]


async def test_references_are_named_by_title_key_or_id(crm: Api) -> None:
    smit = await crm.post("/v1/projects/customers/records", {"title": "Smit", "values": {"email": "s@b.nl"}})
    for _ in range(2):
        await crm.post("/v1/projects/customers/records", {"title": "Twice"})
    content = written(
        ("Deal", "Customer", "Amount", "Closing"),
        ("by title", "SMIT", "1.234,50", "31-1-2026"),
        ("by id", smit["id"], "€ 12", "2026-01-31"),
        ("several", "Twice", "", ""),
        ("nobody", "Nobody", "", ""),
    )
    done = await import_file(crm, content, project="deals")
    assert (done["created"], done["rejected"]) == (2, 2), done
    found = await values(crm, "deals")
    assert found["by title"]["customer"] == found["by id"]["customer"] == smit["id"]
    assert found["by title"]["amount"]["amount"] == "1234.50"
    assert found["by title"]["closing"] == "2026-01-31"
    reasons = [row["reason"] for row in await rejected(crm, done)]
    assert reasons == [
        "Customer: 'Twice' may be any of 2; write the id.",
        "Customer: there is no 'Nobody' to link to.",
    ]
    content = written(("Deal", "Customer"), ("by mail", "S@b.nl"))
    mapping = {"Deal": "title", "Customer": "customer.email"}
    assert (await import_file(crm, content, project="deals", mapping=mapping))["created"] == 1


async def test_spreadsheets_are_read_too(crm: Api) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.append(["Deal", "Amount", "Closing"])
    sheet.append(["One", 12.5, dt.date(2026, 1, 31)])
    content = io.BytesIO()
    workbook.save(content)
    assert (await upload(crm, content.getvalue(), "deals.xlsx"))["format"] == "xlsx"
    assert (await import_file(crm, content.getvalue(), project="deals"))["created"] == 1
    assert (await values(crm, "deals"))["One"] == {
        "amount": {"amount": "12.50", "currency": "EUR"},
        "closing": "2026-01-31",
    }


async def test_what_is_asked_wrongly_is_named(crm: Api) -> None:
    held = await upload(crm, written(COLUMNS, ("Smit", "", "", "", "")))
    for asked, pointer in (
        ({"mapping": {"Nobody": "title"}}, "/mapping/Nobody"),
        ({"mapping": {"Naam": "nothing"}}, "/mapping/Naam"),
        ({"mapping": {"Naam": "title", "Plaats": "title"}}, "/mapping/Plaats"),
        ({"mapping": {"Naam": "title"}, "match_on": ["email"]}, "/match_on/0"),
        ({"on_match": "replace"}, "/match_on"),
        ({"list": "nowhere"}, "/list"),
        ({"defaults": {"source": "nothing"}}, "/defaults/source"),
        ({"profile": "nothing"}, "/profile"),
        ({"on_match": "nothing"}, "/on_match"),
        ({"upload": "nothing"}, "/upload"),
    ):
        body = {"upload": held["upload"], "project": "customers"} | asked
        problem = await crm.post("/v1/imports", body, status=422)
        assert [each["pointer"] for each in problem["errors"]] == [pointer], problem
    for content in (b"", b"\0\1\2", b"PK\x03\x04 no zip"):
        assert (await crm.client.post("/v1/imports/uploads", content=content)).status_code == 422


async def test_only_who_may_writes(crm: Api) -> None:
    reader = crm.as_key((await crm.post("/v1/keys", {"name": "Reader", "scopes": ["read"]}))["key"])
    assert (await reader.post("/v1/imports/uploads", content=b"a\n1\n")).status_code == 403
    assert (await crm.as_key(new_key()).get("/v1/imports")).status_code == 401
    writer = crm.as_key((await crm.post("/v1/keys", {"name": "Writer", "scopes": ["read", "write"]}))["key"])
    held = await upload(crm, written(("Naam", "created_at"), ("Smit", "2024-01-01")))
    body = {"upload": held["upload"], "project": "customers"}
    assert (await writer.post("/v1/imports", json=body)).status_code == 403


async def test_an_import_that_died_goes_on_where_it_was(crm: Api) -> None:
    held = await upload(crm, written(("Naam",), *((f"Row {number}",) for number in range(1_200))))
    selection = await crm.post("/v1/imports", {"upload": held["upload"], "project": "customers", "dry_run": False})
    await finished(crm, f"/v1/imports/{selection['id']}")
    asked = (await jobs_of(crm))[0].input
    async with crm.database.transaction() as transaction:
        await jobs.add_job(transaction, "mortal", asked, total=1_200)
        first = await jobs.claim(transaction, ["mortal"])
    assert first is not None
    with pytest.raises(RuntimeError):
        await JOBS["import"](Mortal(first, crm.database, parts(crm)))
    async with crm.database.transaction() as transaction:
        await transaction.execute(text("UPDATE job SET lease_until = clock_timestamp() WHERE kind = 'mortal'"))
        second = await jobs.claim(transaction, ["mortal"])
    assert second is not None
    assert second.position == {"part": 1, "row": 500, "created": 500, "updated": 0, "skipped": 0, "rejected": 0}
    done = await JOBS["import"](RunningJob(second, crm.database, parts(crm), second.position))
    assert done["created"] == 1_200
    assert (await crm.query("customers", count=True))["count"] == 2_400


class Mortal(RunningJob):
    """Dies in its second step, before the commit."""

    async def checkpoint(self, transaction: Transaction, position: Mapping[str, Any], *, done: int) -> None:
        await super().checkpoint(transaction, position, done=done)
        if done > 500:
            raise RuntimeError


async def jobs_of(api: Api) -> Sequence[Job]:
    async with api.database.transaction() as transaction:
        return await jobs.find_jobs(transaction, kind="import")
