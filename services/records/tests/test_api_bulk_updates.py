"""The same changes to all the records of a selection."""

from typing import Any

import pytest_asyncio
from services.records.tests.importing import finished
from services.records.tests.running import Api

DEALS = {
    "key": "deals",
    "name": "Deals",
    "lists": [{"key": key, "name": key, "category": "open"} for key in ("new", "sent")],
    "fields": [
        {"key": "note", "name": "Note", "type": "text"},
        {"key": "size", "name": "Size", "type": "number", "config": {"max": 5}},
        {"key": "hot", "name": "Hot", "type": "checkbox"},
    ],
    "tags": [{"key": "seo", "name": "SEO"}],
}


@pytest_asyncio.fixture(loop_scope="session")
async def selection(api: Api) -> str:
    tags = DEALS["tags"]
    await api.post("/v1/projects", {name: part for name, part in DEALS.items() if name != "tags"})
    await api.post("/v1/projects/deals/tags", tags[0])
    for title in ("A 1", "B 2", "C 3"):
        await api.post("/v1/projects/deals/records", {"title": title, "values": {"note": f"about {title}"}})
    chosen = {"project": "deals", "name": "All", "criteria": {"field": "title", "op": "ne", "value": "C 3"}}
    return str((await api.post("/v1/selections", chosen))["id"])


async def changed(api: Api, selection: str, *changes: Any, **others: Any) -> Any:
    job = await api.post("/v1/bulk-updates", {"selection": selection, "changes": list(changes)} | others, status=202)
    done = await finished(api, f"/v1/jobs/records/{job['id']}")
    assert done["state"] == "done", done
    return done["result"]


async def test_every_kind_of_change_is_made_and_logged(api: Api, selection: str) -> None:
    done = await changed(
        api,
        selection,
        {"type": "replace", "field": "title", "find": "([A-Z]) (\\d)", "with": "\\2 \\1", "regex": True},
        {"type": "replace", "field": "note", "find": "about", "with": "on"},
        {"type": "set", "field": "size", "value": 3},
        {"type": "toggle", "field": "hot"},
        {"type": "add_tags", "tags": ["SEO"]},
        {"type": "move", "list": "sent"},
    )
    assert (done["changed"], done["failed"]) == (2, 0), done
    found = {each["title"]: each for each in (await api.query("deals"))["items"]}
    assert set(found) == {"1 A", "2 B", "C 3"}
    assert found["1 A"]["values"] == {"note": "on A 1", "size": 3, "hot": True}
    assert (found["1 A"]["tags"], found["1 A"]["list"]) == (["seo"], "sent")
    log = await api.get(f"/v1/selections/{done['selection']}/records")
    assert {each["title"] for each in log["items"]} == {"1 A", "2 B"}


async def test_a_dry_run_counts_and_what_fails_is_named(api: Api, selection: str) -> None:
    tried = await changed(api, selection, {"type": "clear", "field": "note"}, dry_run=True)
    assert (tried["changed"], tried["selection"]) == (2, None)
    failed = await changed(api, selection, {"type": "set", "field": "size", "value": 9})
    assert (failed["changed"], failed["failed"], len(failed["failures"])) == (0, 2, 2)
    assert {each["version"] for each in (await api.query("deals"))["items"]} == {1}


async def test_what_cannot_be_changed_is_refused(api: Api, selection: str) -> None:
    for change, pointer in (
        ({"type": "set", "field": "nothing", "value": 1}, "/changes/0/field"),
        ({"type": "toggle", "field": "note"}, "/changes/0/field"),
        ({"type": "move", "list": "nowhere"}, "/changes/0/list"),
        ({"type": "replace", "field": "note", "find": "(", "regex": True}, "/changes/0/find"),
    ):
        problem = await api.post("/v1/bulk-updates", {"selection": selection, "changes": [change]}, status=422)
        assert [each["pointer"] for each in problem["errors"]] == [pointer]
