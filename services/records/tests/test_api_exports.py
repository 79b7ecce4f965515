"""Files written, and read again unchanged."""

import csv
import io
from typing import Any

import openpyxl
import pytest_asyncio
from services.records.tests.importing import finished, import_file
from services.records.tests.running import Api

KINDS: dict[str, dict[str, Any]] = {
    "number": {},
    "percent": {},
    "currency": {"per_record_currency": True},
    "rating": {},
    "checkbox": {},
    "select": {"options": ["Web, or so", "Fair"]},
    "multi_select": {"options": ["A, b", "B", "=C"]},
    "date": {},
    "datetime": {},
    "phone": {},
    "email": {},
    "url": {},
    "text": {},
    "long_text": {},
    "address": {},
    "location": {},
    "country": {"multiple": True},
    "reference": {"project": "other", "multiple": True},
}
FIELDS = [{"key": f"a_{kind}", "name": f"The {kind}", "type": kind, "config": each} for kind, each in KINDS.items()]
FORMULA = {"key": "twice", "name": "Twice", "type": "formula", "config": {"expression": "{a_number} * 2"}}
NASTY: list[dict[str, Any]] = [
    {"text": "=1+1", "long_text": "one\r\ntwo\tthree, \"four\"; 'five'", "phone": "+31201234567", "number": "-12.5"},
    {"text": " 'quoted ", "long_text": "-- @x", "number": 0, "checkbox": False, "rating": 3, "percent": "0.0000000001"},
    {"text": "0123", "currency": {"amount": "-1234.50", "currency": "USD"}, "checkbox": True, "date": "2026-02-28"},
    {"text": "1e5", "number": "123456789012.345", "datetime": "2026-01-31T09:30:00.123456Z", "select": "Web, or so"},
    {"text": "''", "multi_select": ["A, b", "=C"], "email": "=x@example.com", "url": "https://e.com/?a=1,2;3"},
    {
        "text": "true",
        "country": ["NL", "DE"],
        "location": {"latitude": "52.09", "longitude": "-5.1", "text": "Home; x"},
    },
    {
        "text": "31-1-2026",
        "address": {"street": "Straat 1b", "postcode": "3511 AB", "city": "Utrecht", "country": "NL"},
    },
    {"text": "Ünï ÇØDÉ 😀", "reference": [0, 1]},
]


@pytest_asyncio.fixture(loop_scope="session")
async def things(api: Api) -> Api:
    await api.post("/v1/projects", {"key": "other", "name": "Other", "lists": [], "fields": []})
    others = [(await api.post("/v1/projects/other/records", {"title": title}))["id"] for title in ("One", "Two")]
    lists = [{"key": "all", "name": "All, of them", "category": "open"}]
    tags = [{"key": "hot", "name": "Hot, very"}]
    await api.post("/v1/projects", {"key": "things", "name": "Things", "lists": lists, "fields": [*FIELDS, FORMULA]})
    await api.post("/v1/projects/things/tags", tags[0])
    for number, given in enumerate(NASTY):
        values = {f"a_{kind}": value for kind, value in given.items()}
        if "a_reference" in values:
            values["a_reference"] = [others[each] for each in values["a_reference"]]
        body = {"title": f"@{number}", "values": values, "tags": ["hot"], "due_at": "2026-05-31T22:00:00Z"}
        await api.post("/v1/projects/things/records", body)
    return api


async def exported(api: Api, **asked: Any) -> bytes:
    job = await api.post("/v1/exports", {"project": "things"} | asked, status=202)
    done = await finished(api, f"/v1/exports/{job['id']}")
    assert done["state"] == "done", done
    return (await api.client.get(done["file"])).content


async def test_an_export_imported_again_changes_nothing(things: Api) -> None:
    for asked in ({}, {"format": "xlsx"}):
        content = await exported(things, **asked)
        done = await import_file(things, content, project="things", on_match="replace")
        counts = {name: done[name] for name in ("created", "updated", "skipped", "rejected")}
        reasons = (await things.client.get(done["rejected_rows"])).text if done["rejected"] else ""
        assert counts == {"created": 0, "updated": 0, "skipped": len(NASTY), "rejected": 0}, (asked, reasons)


async def test_a_file_holds_what_was_asked_for(things: Api) -> None:
    condition = {"field": "a_number", "op": "lt", "value": 0}
    content = await exported(things, fields=["title", "twice", "a_text"], filter=condition)
    assert content.decode("utf-8-sig").splitlines() == ["title,Twice,The text", "'@0,'-25,'=1+1"]
    raw = await exported(things, fields=["title", "twice"], filter=condition, safe=False)
    assert list(csv.reader(io.StringIO(raw.decode("utf-8-sig")))) == [["title", "Twice"], ["@0", "-25"]]
    chosen = {"project": "things", "name": "Negative", "criteria": condition}
    selection = (await things.post("/v1/selections", chosen))["id"]
    workbook = openpyxl.load_workbook(
        io.BytesIO(await exported(things, fields=["a_number", "a_text"], selection=selection, format="xlsx"))
    )
    assert list(workbook.worksheets[0].values) == [("The number", "The text"), (-12.5, "'=1+1")]


async def test_what_is_asked_wrongly_is_named(things: Api) -> None:
    for asked, pointer in (
        ({"fields": ["title", "nothing"]}, "/fields/1"),
        ({"filter": {"field": "nothing", "value": 1}}, "/filter/field"),
    ):
        problem = await things.post("/v1/exports", {"project": "things"} | asked, status=422)
        assert pointer.removeprefix("/filter") in problem["errors"][0]["pointer"], problem


async def test_an_export_is_its_makers(things: Api) -> None:
    job = await things.post("/v1/exports", {"project": "things"})
    reader = things.as_key((await things.post("/v1/keys", {"name": "Reader", "scopes": ["read"]}))["key"])
    assert (await reader.get(f"/v1/exports/{job['id']}")).status_code == 404
    await finished(things, f"/v1/exports/{job['id']}")
