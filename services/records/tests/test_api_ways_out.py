"""Whatever else leads to records tells and does no more than roles allow."""

from typing import Any

import pytest
from services.records.tests.importing import finished
from services.records.tests.running import Api
from services.records.tests.test_api_rights import HIDING, Junior, deal, person, sales

QUERY = "/v1/projects/opportunities/records/query"
LISTS = "/v1/projects/opportunities/lists"
OWN = {"record_scope": "assigned_only"}
VIEWS = {"default_list_permission": "view"}


async def status(junior: Junior, method: str, path: str, body: Any = None) -> int:
    return (await junior.ask(method, path, body)).status_code


async def told(junior: Junior, method: str, path: str, body: Any = None) -> Any:
    answer = await junior.ask(method, path, body)
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None


async def test_who_may_only_read_a_record_comments_on_it_and_changes_nothing(api: Api) -> None:
    junior = await sales(api, **VIEWS)
    record = await deal(api, "1.00")
    path = f"/v1/records/{record['id']}"
    other = await deal(api, "1.00")
    assert await status(junior, "POST", f"{path}/comments", {"body": "Seen."}) == 201
    for method, way, body in (
        ("POST", f"{path}/checklists", {"name": "First"}),
        ("POST", f"{path}/dependencies", {"blocked_by": other["id"]}),
        ("POST", f"{path}/outcome", {"outcome": "won"}),
        ("POST", f"{path}/guide/stage", {"stage": "won"}),
        ("POST", f"{path}/transfer", {"project": "invoices"}),
        ("POST", f"{path}/move", {"list": "won"}),
        ("DELETE", path, None),
    ):
        assert await status(junior, method, way, body) == 403, way


@pytest.mark.parametrize("key", ["checklists", "activities", "dependencies", "guide", "history"])
async def test_what_hangs_on_a_hidden_record_is_not_there(api: Api, key: str) -> None:
    junior = await sales(api, **OWN)
    record = await deal(api, "1.00")
    assert await status(junior, "GET", f"/v1/records/{record['id']}/{key}") == 404


async def test_activities_checklists_and_suggestions_of_hidden_records_are_unknown(api: Api) -> None:
    junior = await sales(api, **OWN)
    path = f"/v1/records/{(await deal(api, '1.00'))['id']}"
    task = await api.post(f"{path}/activities", {"type": "task", "body": "Ring"})
    comment = await api.post(f"{path}/comments", {"body": "Hush"})
    checklist = await api.post(f"{path}/checklists", {"name": "A", "items": [{"text": "one"}]})
    for method, way, body in (
        ("PATCH", f"/v1/activities/{task['id']}", {"done": True}),
        ("DELETE", f"/v1/activities/{comment['id']}", None),
        ("PATCH", f"/v1/checklists/{checklist['id']}", {"name": "B"}),
        ("POST", f"/v1/checklists/{checklist['id']}/items", {"text": "two"}),
        ("PATCH", f"/v1/checklist-items/{checklist['items'][0]['id']}", {"done": True}),
        ("PATCH", f"{path}/comments/{comment['id']}", {"body": "Loud"}),
    ):
        assert await status(junior, method, way, body) == 404, way


async def test_a_circle_of_dependencies_names_nothing_hidden(api: Api) -> None:
    junior = await sales(api, **OWN)
    first, last = [await deal(api, "1.00", assignees=[junior.user]) for _ in range(2)]
    between = await api.post(
        "/v1/projects/opportunities/records", {"title": "Top secret", "values": {"amount": "1", "cost": "1"}}
    )
    await api.post(f"/v1/records/{between['id']}/dependencies", {"blocked_by": first["id"]})
    await api.post(f"/v1/records/{between['id']}/dependencies", {"blocking": last["id"]})
    circle = await junior.ask("POST", f"/v1/records/{first['id']}/dependencies", {"blocked_by": last["id"]})
    assert circle.status_code == 409
    assert "Top secret" not in circle.text
    shown = await told(junior, "GET", f"/v1/records/{first['id']}/dependencies")
    assert shown == {"blocked_by": [], "blocking": []}
    assert await status(junior, "DELETE", f"/v1/records/{first['id']}/dependencies/{between['id']}") == 404


async def test_the_trash_shows_full_pages_of_what_one_may_see(api: Api) -> None:
    junior = await sales(api, **OWN)
    records = [await deal(api, "1.00", assignees=[junior.user] if number % 3 == 0 else []) for number in range(7)]
    for each in records:
        await api.delete(f"/v1/records/{each['id']}")
    path, found = "/v1/projects/opportunities/trash?limit=2", list[str]()
    page = await told(junior, "GET", path)
    assert len(page["items"]) == 2
    while page["next_cursor"]:
        found += [each["id"] for each in page["items"]]
        page = await told(junior, "GET", f"{path}&cursor={page['next_cursor']}")
    found += [each["id"] for each in page["items"]]
    assert found == [each["id"] for each in records[::-3]]


async def test_selections_hold_what_one_may_see(api: Api) -> None:
    junior = await sales(api, **OWN, **HIDING)
    mine, theirs = await deal(api, "1.00", assignees=[junior.user]), await deal(api, "1.00")
    both = [mine["id"], theirs["id"]]
    static = await api.post("/v1/selections", {"project": "opportunities", "name": "S", "kind": "static"})
    await api.post(f"/v1/selections/{static['id']}/members", {"add": both})
    await api.post(f"/v1/selections/{static['id']}/call-list/{theirs['id']}", {"state": "called"})
    path = f"/v1/selections/{static['id']}"
    held = await told(junior, "GET", f"{path}/records?count=true")
    assert ([each["id"] for each in held["items"]], held["count"]) == ([mine["id"]], 1)
    calls = await told(junior, "GET", f"{path}/call-list")
    assert (calls["next"]["id"], calls["remaining"], calls["called"]) == (mine["id"], 1, 0)
    assert await status(junior, "POST", f"{path}/members", {"add": [theirs["id"]]}) == 422
    assert await status(junior, "POST", f"{path}/call-list/{theirs['id']}", {"state": "called"}) == 404
    kept = await told(junior, "POST", f"{path}/snapshot", {"name": "Mine"})
    assert (await api.get(f"/v1/selections/{kept['id']}/records?count=true"))["count"] == 1


async def test_a_selection_by_something_hidden_is_not_there(api: Api) -> None:
    junior = await sales(api, **HIDING)
    criteria = {"field": "margin", "op": "gt", "value": "0.1"}
    made = await api.post("/v1/selections", {"project": "opportunities", "name": "Rich", "criteria": criteria})
    other = await api.post("/v1/selections", {"project": "opportunities", "name": "All"})
    parts = {"kind": "combined", "of": [made["id"], other["id"]]}
    whole = await api.post("/v1/selections", {"project": "opportunities", "name": "Both", **parts})
    listed = await told(junior, "GET", "/v1/selections")
    assert [each["name"] for each in listed["items"]] == ["All"]
    for each in (made, whole):
        for method, way in (("GET", ""), ("GET", "/records"), ("GET", "/call-list"), ("DELETE", "")):
            assert await status(junior, method, f"/v1/selections/{each['id']}{way}") == 404, way
    asked = {"project": "opportunities", "criteria": criteria}
    assert await status(junior, "POST", "/v1/selections/preview", asked) == 422


async def test_exports_and_bulk_updates_need_their_right_and_reach_what_one_may_see(api: Api) -> None:
    junior = await sales(api, **OWN, **HIDING)
    mine, theirs = await deal(api, "1.00", assignees=[junior.user]), await deal(api, "40.00")
    chosen = await told(junior, "POST", "/v1/selections", {"project": "opportunities", "name": "All"})
    update = {"selection": chosen["id"], "changes": [{"type": "set", "field": "title", "value": "Mine now"}]}
    export = {"project": "opportunities", "selection": chosen["id"]}
    assert await status(junior, "POST", "/v1/exports", export) == 403
    assert await status(junior, "POST", "/v1/bulk-updates", update) == 403
    await api.patch("/v1/projects/opportunities/roles/junior", {"permissions": {"export": True, "bulk_update": True}})
    assert await status(junior, "POST", "/v1/exports", export | {"fields": ["cost"]}) == 422
    hidden = update | {"changes": [{"type": "set", "field": "cost", "value": "1"}]}
    assert await status(junior, "POST", "/v1/bulk-updates", hidden) == 422
    job = await told(junior, "POST", "/v1/bulk-updates", update)
    await finished(api, f"/v1/jobs/records/{job['id']}")
    changed = [(await api.get(f"/v1/records/{each['id']}"))["title"] for each in (mine, theirs)]
    assert changed == ["Mine now", "Deal"]
    job = await told(junior, "POST", "/v1/exports", export)
    await finished(api, f"/v1/jobs/records/{job['id']}")
    file = (await junior.ask("GET", f"/v1/exports/{job['id']}/file")).text
    assert (file.count("\n"), "Cost" in file, "40.00" in file, "Mine now" in file) == (2, False, False, True)


async def test_jobs_are_told_to_who_asked_for_them(api: Api) -> None:
    await sales(api)
    ann, ben = await person(api, "ann"), await person(api, "ben")
    for each in (ann, ben):
        await told(each, "POST", "/v1/exports", {"project": "invoices"})
    (job,) = (await told(ann, "GET", "/v1/jobs/records"))["items"]
    assert await status(ann, "GET", f"/v1/jobs/records/{job['id']}") == 200
    assert await status(ben, "GET", f"/v1/jobs/records/{job['id']}") == 404
    assert await status(ben, "POST", f"/v1/jobs/records/{job['id']}/cancel") == 404
    assert await status(ben, "GET", f"/v1/exports/{job['id']}") == 404
    assert len((await api.get("/v1/jobs/records"))["items"]) >= 2


async def test_imports_need_their_right_and_their_rejected_rows_are_told_to_who_asked(api: Api) -> None:
    junior = await sales(api, **OWN, **HIDING)
    other = await person(api, "other")
    sent = await junior.client.post("/v1/imports/uploads", content=b"title,amount\nA,1\nB,many\n")
    body = {"project": "opportunities", "upload": sent.json()["upload"]}
    assert await status(junior, "POST", "/v1/imports", body) == 403
    await api.patch("/v1/projects/opportunities/roles/junior", {"permissions": {"import": True}})
    hidden = body | {"mapping": {"title": "title", "amount": "cost"}}
    assert await status(junior, "POST", "/v1/imports", hidden) == 422
    job = await told(junior, "POST", "/v1/imports", body | {"mapping": {"title": "title", "amount": "amount"}})
    done = await finished(api, f"/v1/imports/{job['id']}")
    why = (await junior.ask("GET", f"/v1/imports/{job['id']}/rejected")).text
    assert (done["created"], done["rejected"]) == (1, 1), why
    assert await status(junior, "GET", f"/v1/imports/{job['id']}/rejected") == 200
    for way in (f"/v1/imports/{job['id']}", f"/v1/imports/{job['id']}/rejected"):
        assert await status(other, "GET", way) == 404
    assert (await told(other, "GET", "/v1/imports"))["items"] == []
    (record,) = (await told(junior, "POST", QUERY, {}))["items"]
    assert record["assignees"] == [junior.user]


async def test_a_record_goes_only_to_projects_where_one_may_make_records(api: Api) -> None:
    junior = await sales(api)
    await api.post("/v1/projects/invoices/roles", {"key": "reader", "name": "R", "teams": ["junior"], **VIEWS})
    record = await deal(api, "1.00")
    for way in ("copy", "transfer"):
        assert await status(junior, "POST", f"/v1/records/{record['id']}/{way}", {"project": "invoices"}) == 403, way
    await api.patch("/v1/projects/invoices/roles/reader", {"default_list_permission": "none"})
    for way in ("copy", "transfer"):
        answer = await junior.ask("POST", f"/v1/records/{record['id']}/{way}", {"project": "invoices"})
        assert answer.status_code in (403, 404, 422), answer.text


async def test_who_manages_fields_sees_all_of_the_project(api: Api) -> None:
    junior = await sales(api, **HIDING)
    path, new = "/v1/projects/opportunities/fields", {"key": "copy", "name": "Copy", "type": "text"}
    assert await status(junior, "POST", path, new) == 403
    await api.patch("/v1/projects/opportunities/roles/junior", {"permissions": {"manage_fields": True}})
    assert await status(junior, "POST", path, new) == 403
    assert await status(junior, "DELETE", f"{path}/cost") == 403
    await api.patch("/v1/projects/opportunities/roles/junior", {"field_permissions": {}})
    assert await status(junior, "POST", path, new) == 201
    assert await status(junior, "POST", "/v1/projects/invoices/tags", {"key": "a", "name": "A"}) == 403


async def test_who_may_invite_gives_nobody_more_than_they_have(api: Api) -> None:
    junior = await sales(api)
    new = {"name": "New", "email": "new@example.com"}
    assert await status(junior, "POST", "/v1/users", new) == 403
    await api.patch("/v1/projects/opportunities/roles/junior", {"permissions": {"invite": True}})
    assert await status(junior, "POST", "/v1/users", new | {"teams": ["heads"]}) == 422
    assert await status(junior, "POST", "/v1/users", new | {"teams": ["junior"]}) == 201


async def test_forms_and_guides_do_not_speak_of_hidden_fields_and_strangers_still_answer(api: Api) -> None:
    junior = await sales(api, **HIDING)
    form = {"key": "ask", "title": "Ask", "fields": [{"key": "title"}, {"key": "cost"}]}
    made = await api.post("/v1/projects/opportunities/forms", form)
    stages = [
        {"key": key, "rank": rank, "follow_ups": [{"key": f"ring_{key}", "name": "Ring"}]}
        for rank, key in enumerate(("qualification", "won"))
    ]
    guide = {"key": "way", "name": "Way", "stages": stages, "applies_to": {"field": "cost", "values": ["1"]}}
    await api.post("/v1/projects/opportunities/guides", guide)
    for way in ("forms", "forms/ask", "guides", "guides/way", "guides/way/versions"):
        text = (await junior.ask("GET", f"/v1/projects/opportunities/{way}")).text
        assert '"cost"' not in text, way
    asked = {"values": {"title": "Hello", "cost": "3"}}
    assert await status(junior, "POST", f"/v1/forms/{made['slug']}/submissions", asked) == 201
    assert await status(junior, "GET", "/v1/projects/opportunities/forms/ask/submissions") == 403


async def test_a_document_is_for_who_sees_what_it_speaks_of(api: Api) -> None:
    junior = await sales(api, **HIDING)
    path = f"/v1/records/{(await deal(api, '40.00'))['id']}/documents"
    made = {}
    for key, text in (("open", "{{ record.title }}"), ("dear", "{{ record.cost.amount }}"), ("all", "{{ record }}")):
        bodies = {"en": {"subject": "For you", "body": text}}
        await api.ask("PUT", f"/v1/document-templates/{key}", {"name": key, "kind": "html", "bodies": bodies})
        made[key] = (await api.post(path, {"template": key}))["id"]
    assert [each["id"] for each in (await told(junior, "GET", path))["items"]] == [made["open"]]
    found = {key: await status(junior, "GET", f"/v1/documents/{id_}") for key, id_ in made.items()}
    assert found == {"open": 200, "dear": 404, "all": 404}
    assert len((await api.get(path))["items"]) == 3


async def test_what_is_hidden_is_neither_named_nor_in_the_way(api: Api) -> None:
    junior = await sales(api, **OWN, field_permissions={"cost": "none", "phone": "none"})
    await api.patch("/v1/projects/opportunities/fields/code", {"unique": "warn"})
    await api.patch("/v1/projects/opportunities/lists/won", {"require_on_entry": ["phone"]})
    theirs = await deal(api, "1.00", values={"code": "same"})
    mine = await deal(api, "1.00", assignees=[junior.user], values={"code": "other"})
    path = f"/v1/records/{mine['id']}"
    assert "warnings" not in await told(junior, "PATCH", path, {"values": {"code": "same"}})
    assert (await api.patch(path, {"values": {"code": "SAME"}}))["warnings"][0]["record"] == theirs["id"]
    (won,) = [each for each in (await told(junior, "GET", LISTS))["items"] if each["key"] == "won"]
    assert won["require_on_entry"] == []
    assert await status(junior, "POST", f"{path}/move", {"list": "won"}) == 200
    linked = {"items": [{"title": "Invoice", "values": {"deal": theirs["id"]}}]}
    assert await status(junior, "POST", "/v1/projects/invoices/records/bulk", linked) == 422


async def test_an_import_means_nothing_that_is_hidden(api: Api) -> None:
    junior = await sales(api, **OWN, permissions={"import": True})
    theirs = await deal(api, "1.00", values={"code": "x"})
    sent = await junior.client.post("/v1/imports/uploads", content=b"title,code,cost\nMine,x,1\n")
    body = {"project": "opportunities", "upload": sent.json()["upload"], "match_on": ["code"], "on_match": "replace"}
    job = await told(junior, "POST", "/v1/imports", body)
    done = await finished(api, f"/v1/imports/{job['id']}")
    assert (done["created"], done["updated"], done["rejected"]) == (1, 0, 0)
    assert (await api.get(f"/v1/records/{theirs['id']}"))["title"] == "Deal"


async def test_time_spent_in_a_hidden_list_is_hidden(api: Api) -> None:
    junior = await sales(api, list_permissions={"secret": "none"})
    stay = {"key": "hushed", "name": "Hushed", "type": "time_in_list", "config": {"list": "secret"}}
    await api.post("/v1/projects/opportunities/fields", stay)
    record = await deal(api, "1.00")
    for list_ in ("secret", "won"):
        await api.post(f"/v1/records/{record['id']}/move", {"list": list_})
    assert "hushed" in (await api.get(f"/v1/records/{record['id']}"))["values"]
    assert "hushed" not in (await told(junior, "GET", f"/v1/records/{record['id']}"))["values"]
    assert await status(junior, "POST", QUERY, {"sort": [{"field": "hushed"}]}) == 422
