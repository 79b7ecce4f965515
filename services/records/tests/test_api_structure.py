"""What people work with on a record: comments, checklists, dependencies, the trash and its history."""

import itertools
from types import SimpleNamespace
from typing import Any

import pytest_asyncio
from services.records.tests.running import Api
from services.records.tests.test_events import published
from sqlalchemy import text

from records.workers import due

numbers = itertools.count(1)


@pytest_asyncio.fixture(loop_scope="session")
async def desk(shared_api: Api) -> Any:
    """A project with a user and three records; ``new`` makes another."""
    key = f"desk_{next(numbers)}"
    lists = [{"key": "open", "name": "Open", "category": "open"}, {"key": "done", "name": "Done", "category": "won"}]
    fields = [{"key": "amount", "name": "Amount", "type": "currency"}]
    await shared_api.post("/v1/projects", {"key": key, "name": "Desk", "lists": lists, "fields": fields})
    user = await shared_api.post("/v1/users", {"name": f"Mira {key}", "email": f"mira@{key.replace('_', '-')}.example"})

    async def new(title: str, **others: Any) -> str:
        made = await shared_api.post(f"/v1/projects/{key}/records", {"title": title, **others})
        return str(made["id"])

    ids = [await new(title) for title in ("One", "Two", "Three")]
    return SimpleNamespace(api=shared_api, key=key, user=user, ids=ids, new=new)


async def test_a_comment_mentions_users_by_name_and_by_address(desk: Any) -> None:
    path, body = f"/v1/records/{desk.ids[0]}/comments", f"@{desk.user['name'].upper()}, <b>please</b> a@b"
    comment = await desk.api.post(path, {"body": body}, status=201)
    assert comment["mentions"] == [desk.user["id"]]
    assert "&lt;b&gt;please" in comment["html"]
    by_address = await desk.api.post(path, {"body": f"see @{desk.user['email']}."})
    assert by_address["mentions"] == [desk.user["id"]]
    (event,) = [
        each["data"]["activity"]
        for each in await published(desk.api, "records.activity")
        if each["data"]["activity"]["id"] == comment["id"]
    ]
    assert event["mentions"] == [desk.user["id"]]


async def test_a_mended_comment_keeps_its_first_wording_in_the_history(desk: Any) -> None:
    path = f"/v1/records/{desk.ids[0]}/comments"
    comment = await desk.api.post(path, {"body": "Frist"})
    mended = await desk.api.patch(f"{path}/{comment['id']}", {"body": "First"})
    assert (mended["body"], mended["edited_at"] is None) == ("First", False)
    await desk.api.delete(f"{path}/{comment['id']}", status=204)
    assert (await desk.api.get(path))["items"] == []
    await desk.api.patch(f"{path}/{comment['id']}", {"body": "Again"}, status=404)
    history = (await desk.api.get(f"/v1/records/{desk.ids[0]}/history"))["items"]
    wordings = [(each["kind"], each["changes"]["comment"]["before"]) for each in history[:2]]
    assert wordings == [("comment_deleted", "First"), ("comment_edited", "Frist")]


async def test_only_its_author_or_an_administrator_mends_a_comment(desk: Any) -> None:
    path = f"/v1/records/{desk.ids[0]}/comments"
    comment = await desk.api.post(path, {"body": "Mine"})
    key = await desk.api.post("/v1/keys", {"name": "Other", "scopes": ["read", "write"]})
    answer = await desk.api.as_key(key["key"]).patch(f"{path}/{comment['id']}", json={"body": "Yours"})
    assert answer.status_code == 403


async def test_the_history_names_who_and_which_field(desk: Any) -> None:
    path = f"/v1/records/{desk.ids[0]}"
    await desk.api.patch(path, {"values": {"amount": "9"}})
    await desk.api.patch(path, {"values": {"amount": "10"}})
    first = await desk.api.get(f"{path}/history?limit=2")
    amounts = [each["changes"]["amount"]["after"]["amount"] for each in first["items"]]
    assert amounts == ["10.00", "9.00"]
    assert {each["actor_name"] for each in first["items"]} == {"Administrator"}
    assert first["items"][0]["names"] == {"amount": "Amount"}
    rest = await desk.api.get(f"{path}/history?cursor={first['next_cursor']}")
    assert [each["kind"] for each in rest["items"]] == ["created"]
    assert rest["next_cursor"] is None
    await desk.api.get(f"{path}/history?cursor=bm8", status=422)


async def test_a_checklist_says_how_much_is_done(desk: Any) -> None:
    path = f"/v1/records/{desk.ids[0]}/checklists"
    items = [{"text": "One", "assignee": desk.user["id"]}, {"text": "Two", "due_at": "2030-01-01T09:00:00Z"}]
    made = await desk.api.post(path, {"name": "Before the quote", "items": items}, status=201)
    first, second = made["items"]
    await desk.api.patch(f"/v1/checklist-items/{first['id']}", {"done": True})
    await desk.api.post(f"/v1/checklists/{made['id']}/items", {"text": "Zero", "before": first["id"]}, status=201)
    found = await desk.api.get(path)
    assert [each["text"] for each in found["items"][0]["items"]] == ["Zero", "One", "Two"]
    assert found["percent_done"] == found["items"][0]["percent_done"] == 33
    await desk.api.delete(f"/v1/checklist-items/{second['id']}", status=204)
    assert (await desk.api.get(path))["percent_done"] == 50
    await desk.api.delete(f"/v1/checklists/{made['id']}", status=204)
    assert await desk.api.get(path) == {"items": [], "percent_done": None}
    history = (await desk.api.get(f"/v1/records/{desk.ids[0]}/history"))["items"]
    assert history[0]["kind"] == "checklist_deleted"
    assert [each["text"] for each in history[0]["changes"]["items"]["before"]] == ["Zero", "One"]


async def test_a_wrong_item_is_named(desk: Any) -> None:
    body = {"name": "List", "items": [{"text": "Fine"}, {"text": " "}]}
    refused = await desk.api.post(f"/v1/records/{desk.ids[0]}/checklists", body, status=422)
    assert refused["errors"][0]["pointer"] == "/items/1/text"
    nobody = {"name": "List", "items": [{"text": "Fine", "assignee": desk.ids[0]}]}
    refused = await desk.api.post(f"/v1/records/{desk.ids[0]}/checklists", nobody, status=422)
    assert refused["errors"][0]["pointer"] == "/items/0/assignee"


async def test_records_never_wait_for_each_other_in_a_circle(desk: Any) -> None:
    one, two, three = desk.ids
    await desk.api.post(f"/v1/records/{two}/dependencies", {"blocked_by": one}, status=201)
    shown = await desk.api.post(f"/v1/records/{two}/dependencies", {"blocking": three}, status=201)
    assert [[each["title"] for each in shown[way]] for way in ("blocked_by", "blocking")] == [["One"], ["Three"]]
    refused = await desk.api.post(f"/v1/records/{one}/dependencies", {"blocked_by": three}, status=409)
    assert "One → Two → Three → One" in refused["detail"]
    await desk.api.post(f"/v1/records/{one}/dependencies", {"blocked_by": one}, status=409)
    await desk.api.delete(f"/v1/records/{three}/dependencies/{two}", status=204)
    await desk.api.post(f"/v1/records/{one}/dependencies", {"blocked_by": three}, status=201)


async def test_completing_a_blocked_record_brings_a_warning_or_is_refused(desk: Any) -> None:
    one, two, three = desk.ids
    await desk.api.post(f"/v1/records/{two}/dependencies", {"blocked_by": one})
    warned = await desk.api.patch(f"/v1/records/{two}", {"done": True})
    assert "'One'" in warned["warnings"][0]["detail"]
    await desk.api.patch(f"/v1/projects/{desk.key}/work-settings", {"completing_blocked": "refuse"})
    await desk.api.post(f"/v1/records/{three}/dependencies", {"blocked_by": one})
    refused = await desk.api.patch(f"/v1/records/{three}", {"done": True}, status=409)
    assert refused["errors"][0]["pointer"] == "/done"
    await desk.api.patch(f"/v1/records/{one}", {"done": True})
    assert "warnings" not in await desk.api.patch(f"/v1/records/{three}", {"done": True})


async def test_a_removed_task_is_no_next_activity(desk: Any) -> None:
    path = f"/v1/records/{desk.ids[0]}"
    task = {"type": "task", "body": "Call", "due_at": "2031-01-01T09:00:00Z"}
    made = await desk.api.post(f"{path}/activities", task)
    assert (await desk.api.get(path))["next_activity_at"]
    await desk.api.delete(f"/v1/activities/{made['id']}", status=204)
    assert (await desk.api.get(path))["next_activity_at"] is None
    assert (await desk.api.get(f"{path}/activities"))["items"] == []


async def test_the_trash_is_shown_and_emptied_when_its_time_has_come(desk: Any) -> None:
    one, two, _ = desk.ids
    for each in (one, two):
        await desk.api.delete(f"/v1/records/{each}")
    path = f"/v1/projects/{desk.key}/trash"
    page = await desk.api.get(f"{path}?limit=1")
    assert [each["title"] for each in page["items"]] == ["Two"]
    rest = await desk.api.get(f"{path}?cursor={page['next_cursor']}")
    assert [each["title"] for each in rest["items"]] == ["One"]
    await desk.api.patch(f"/v1/projects/{desk.key}/work-settings", {"purge_after_days": 7})
    async with desk.api.database.begin() as connection:
        ago = text("UPDATE record SET deleted_at = deleted_at - interval '8 days' WHERE id = CAST(:id AS uuid)")
        await connection.execute(ago, {"id": one})
    await due.once(SimpleNamespace(database=desk.api.database, state={}))  # type: ignore[arg-type] — all it looks at
    assert [each["title"] for each in (await desk.api.get(path))["items"]] == ["Two"]
    await desk.api.post(f"/v1/records/{one}/restore", status=404)
    await desk.api.post(f"/v1/records/{two}/restore")
