"""What clients can ask for and change; mistakes are named with their place."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
import yaml

from automations.main import create_app
from automations.storage import projects
from shared.contracts.records import FieldSchema, ProjectChanged, RecordCreated, RecordMoved, RecordSnapshot
from shared.testing.service import client_of, give_key

Record = Callable[..., RecordSnapshot]
QUIET = {"type": "record.inactive", "for": "P7D"}
RULE = {
    "name": "Won deals are told",
    "project": "deals",
    "trigger": {"type": "record.moved", "to": ["won"]},
    "conditions": {"all": []},
    "actions": [{"type": "post_comment", "body": "Won"}],
}


@pytest_asyncio.fixture(loop_scope="session")
async def client(world: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(world) as opened:
        yield opened


@asynccontextmanager
async def serving(world: Any, **settings: Any) -> AsyncIterator[httpx.AsyncClient]:
    """The service's API on the world's database; nothing else of it runs."""
    app = create_app(world.settings.model_copy(update=settings))
    async with client_of(app, await give_key(world.database)) as opened:
        yield opened
    await app.state.database.dispose()


async def post(client: httpx.AsyncClient, path: str, body: Any, status: int = 201) -> Any:
    answer = await client.post(path, json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_a_rule_is_made_read_changed_and_removed(client: httpx.AsyncClient) -> None:
    made = await post(client, "/v1/rules", RULE)
    assert (made["version"], made["enabled"], made["project"], made["project_key"]) == (1, True, "p-deals", "deals")
    path = f"/v1/rules/{made['id']}"
    changed = await client.patch(path, json={"name": "Another"}, headers={"if-match": '"1"'})
    assert (changed.json()["version"], changed.headers["etag"]) == (2, '"2"')
    assert (await client.patch(path, json={"name": "Late"}, headers={"if-match": '"1"'})).status_code == 412
    assert (await client.get(path)).json() == changed.json()
    assert [each["id"] for each in (await client.get("/v1/rules", params={"project": "p-deals"})).json()["items"]] == [
        made["id"]
    ]
    assert (await client.delete(path)).status_code == 204
    assert (await client.get(path)).status_code == 404


async def test_every_edit_is_a_version_that_stays(client: httpx.AsyncClient, world: Any) -> None:
    made = await post(client, "/v1/rules", RULE)
    await client.patch(f"/v1/rules/{made['id']}", json={"actions": [{"type": "move", "list": "lost"}]})
    versions = await world.rows("SELECT version, actions FROM rule_version ORDER BY version")
    assert [(each.version, each.actions[0]["type"]) for each in versions] == [(1, "post_comment"), (2, "move")]


async def test_the_same_key_makes_one_rule(client: httpx.AsyncClient) -> None:
    key = {"idempotency-key": "k1"}
    answers = [await client.post("/v1/rules", json=RULE, headers=key) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len((await client.get("/v1/rules")).json()["items"]) == 1


@pytest.mark.parametrize(
    ("changes", "pointer", "says"),
    [
        ({"project": "nowhere"}, "/project", "no project 'nowhere'"),
        ({"trigger": {"type": "record.moved", "to": ["shipped"]}}, "/trigger/to/0", "no list 'shipped'"),
        ({"trigger": {"type": "alert.raised"}}, "/trigger/type", "'alert.raised' is not built"),
        ({"trigger": {"type": "record.moved", "batch": 1}}, "/trigger/batch", "'batch' is not built"),
        ({"conditions": {"all": [{"field": "colour", "op": "eq", "value": "x"}]}}, "/conditions/all/0/field", "colour"),
        ({"conditions": {"field": "amount", "op": "resembles", "value": 1}}, "/conditions/op", "resembles"),
        ({"actions": []}, "/actions", "at least one action"),
        ({"actions": [{"type": "send_fax"}]}, "/actions/0/type", "'send_fax' is not built"),
        ({"actions": [{"type": "move", "list": "moon"}]}, "/actions/0/list", "no list 'moon'"),
        (
            {"actions": [{"type": "set_values", "values": {"colour": 1}}]},
            "/actions/0/values/colour",
            "no field 'colour'",
        ),
        ({"actions": [{"type": "post_comment", "body": "{{"}]}, "/actions/0/body", "does not read"),
        (
            {"actions": [{"type": "post_comment", "body": "x", "when": {"field": "nope", "op": "is_empty"}}]},
            "/actions/0/when/field",
            "nope",
        ),
        (
            {"trigger": {"type": "record.inactive", "for": "P1D", "skip_when": {"field": "nope", "op": "in_future"}}},
            "/trigger/skip_when/field",
            "nope",
        ),
        ({"actions": [{"type": "assign"}]}, "/actions/0", "Say to whom"),
        ({"settings": {"run_on_whim": True}}, "/settings/run_on_whim", "run_on_whim"),
    ],
)
async def test_a_mistake_is_named_with_its_place(
    client: httpx.AsyncClient, changes: Any, pointer: str, says: str
) -> None:
    problem = await post(client, "/v1/rules", RULE | changes, 422)
    assert [each["pointer"] for each in problem["errors"]] == [pointer]
    assert says in problem["errors"][0]["detail"]


async def test_a_field_made_a_moment_ago_is_waited_for(world: Any, deals: ProjectChanged) -> None:
    async def arrive() -> None:
        await asyncio.sleep(0.1)
        field = FieldSchema(key="fresh", name="Fresh", type="text", kind="text")
        async with world.database.transaction() as transaction:
            await projects.keep(transaction, deals.model_copy(update={"fields": [*deals.fields, field], "version": 99}))

    condition = {"field": "fresh", "op": "eq", "value": "x"}
    async with serving(world, schema_patience_s=30) as patient:
        await asyncio.gather(arrive(), post(patient, "/v1/rules", RULE | {"conditions": condition}))


async def test_a_dry_run_says_what_would_happen_and_does_nothing(
    client: httpx.AsyncClient, world: Any, record: Record
) -> None:
    amount = {"field": "amount", "op": "gte", "value": "1000.00"}
    actions = [
        {"type": "post_comment", "body": "{{record.title}}"},
        {"type": "assign", "pool": "sales"},
        {"type": "notify", "to": ["assignee"], "template": "new_lead"},
        {"type": "move", "list": "won"},
    ]
    rule = await post(client, "/v1/rules", RULE | {"conditions": amount, "actions": actions})
    for name, value in (("big", "5000.00"), ("small", "5.00")):
        money = {"amount": {"amount": value, "currency": "EUR"}}
        await world.tell(RecordCreated(record=record(id=name, list="won", values=money, assignees=["u-ann"])))
    big = await post(client, f"/v1/rules/{rule['id']}/dry-run", {"record": "big"}, 200)
    assert (big["would_run"], big["why"][0]["holds"]) == (True, True)
    assert big["steps"][0] == {
        "action": "post_comment",
        "method": "POST",
        "path": "/v1/records/big/comments",
        "body": {"body": "Twelve seats"},
    }
    assert big["steps"][1]["candidates"] == ["u-ann", "u-bob", "u-cas"]
    assert big["steps"][2]["notifications"][0]["user"] == "u-ann"
    assert big["steps"][3]["says"] == "The record is in 'won' already."
    small = await post(client, f"/v1/rules/{rule['id']}/dry-run", {"record": "small"}, 200)
    assert (small["would_run"], small["reason"], small["steps"]) == (False, "condition_false", [])
    assert (await client.post(f"/v1/rules/{rule['id']}/dry-run", json={"record": "nobody"})).status_code == 404
    assert await world.runs() == []
    assert await world.rows("SELECT 1 FROM pool") == []


async def test_a_dry_run_of_a_timer_counts_the_whole_silence(
    client: httpx.AsyncClient, world: Any, record: Record, monday: datetime
) -> None:
    rule = await post(client, "/v1/rules", RULE | {"trigger": {"type": "record.inactive", "for": "P7D"}})
    for name, days in (("quiet", 9), ("busy", 2)):
        old = record(
            id=name,
            imported=True,
            created_at=monday - timedelta(days=90),
            last_activity_at=monday - timedelta(days=days),
        )
        await world.tell(RecordCreated(record=old))
    answers = {
        name: await post(client, f"/v1/rules/{rule['id']}/dry-run", {"record": name}, 200) for name in ("quiet", "busy")
    }
    assert {name: (each["would_run"], each["reason"]) for name, each in answers.items()} == {
        "quiet": (True, None),
        "busy": (False, "not_due"),
    }


async def test_runs_are_listed_in_pages_and_shown_whole(client: httpx.AsyncClient, world: Any, record: Record) -> None:
    rule = await post(client, "/v1/rules", RULE)
    for number in range(3):
        moved = RecordMoved(record=record(id=f"r{number}", list="won"), from_list="sent", to_list="won")
        await world.tell(moved)
    await world.work()
    first = (await client.get("/v1/runs", params={"rule": rule["id"], "state": "done", "limit": 2})).json()
    rest = (
        await client.get("/v1/runs", params={"rule": rule["id"], "limit": 2, "cursor": first["next_cursor"]})
    ).json()
    assert [each["record"] for each in first["items"] + rest["items"]] == ["r2", "r1", "r0"]
    assert rest["next_cursor"] is None
    whole = (await client.get(f"/v1/runs/{first['items'][0]['id']}")).json()
    assert whole["why"] == []
    assert [(each["action"], each["state"], each["says"]) for each in whole["steps"]] == [
        ("post_comment", "done", "Posted a comment.")
    ]
    assert (await client.get("/v1/runs", params={"record": "r1"})).json()["items"][0]["rule"] == rule["id"]
    assert (await client.get("/v1/runs", params={"rule": "no-such-id"})).json()["items"] == []
    assert (await client.get("/v1/runs/no-such-id")).status_code == 404
    again = await client.post(f"/v1/runs/{whole['id']}/replay")
    assert again.json()["state"] == "done"


async def test_a_run_that_took_no_step_cannot_be_replayed(
    client: httpx.AsyncClient, world: Any, record: Record
) -> None:
    await post(client, "/v1/rules", RULE | {"conditions": {"field": "title", "op": "eq", "value": "Other"}})
    await world.tell(RecordMoved(record=record(list="won"), from_list="sent", to_list="won"))
    (run,) = await world.runs()
    assert (await client.post(f"/v1/runs/{run.id}/replay")).status_code == 409


async def test_timers_and_notifications_are_listed(client: httpx.AsyncClient, world: Any, record: Record) -> None:
    rule = await post(client, "/v1/rules", RULE | {"trigger": {"type": "record.inactive", "for": "P7D"}})
    notify = {"type": "notify", "to": [{"user": "u-cas"}], "title": "Look", "body": "{{record.title}}"}
    await post(client, "/v1/rules", RULE | {"trigger": {"type": "record.created"}, "actions": [notify]})
    for number in range(3):
        await world.tell(RecordCreated(record=record(id=f"r{number}")))
    await world.work()
    first = (await client.get("/v1/timers", params={"rule": rule["id"], "limit": 2})).json()
    rest = (await client.get("/v1/timers", params={"cursor": first["next_cursor"]})).json()
    assert {each["record"] for each in first["items"] + rest["items"]} == {"r0", "r1", "r2"}
    assert {each["state"] for each in first["items"]} == {"pending"}
    told = (await client.get("/v1/notifications", params={"user": "u-cas"})).json()["items"]
    assert [(each["title"], each["body"]) for each in told] == [("Look", "Twelve seats")] * 3


async def test_reading_and_writing_need_their_scopes(client: httpx.AsyncClient, world: Any) -> None:
    reader = {"authorization": f"Bearer {await give_key(world.database, ['read'])}"}
    assert (await client.get("/v1/rules", headers=reader)).status_code == 200
    assert (await client.post("/v1/rules", json=RULE, headers=reader)).status_code == 403
    assert (await client.post("/v1/configuration/part", json={"rules": []}, headers=reader)).status_code == 403
    assert (await client.get("/v1/rules", headers={"authorization": ""})).status_code == 401


async def test_a_configuration_installs_what_is_built_and_names_the_rest(
    client: httpx.AsyncClient, world: Any, deals: ProjectChanged
) -> None:
    coming = deals.model_copy(update={"id": "p-new", "key": "new"})
    rules = [
        RULE | {"key": "told", "project": "new"},
        RULE | {"key": "colour", "project": "new", "actions": [{"type": "send_email", "to": "x"}]},
        RULE | {"key": "quiet", "project": "new", "trigger": QUIET, "repeat": {"every": "P7D", "max": 3}},
        RULE | {"key": "strange", "project": "new", "origin": "elsewhere"},
    ]
    body = {"rules": rules, "projects": [coming.model_dump(mode="json")]}
    first = await post(client, "/v1/configuration/part", body, 200)
    assert [each["key"] for each in first["created"]] == ["told", "quiet"]
    assert [each["pointer"] for each in first["skipped"]] == ["/rules/1", "/rules/3"]
    assert "'send_email' is not built" in first["skipped"][0]["reason"]
    assert first["skipped"][1]["reason"].startswith("origin: ")
    again = await post(client, "/v1/configuration/part", body, 200)
    assert (again["created"], again["unchanged"], again["skipped"]) == ([], first["created"], first["skipped"])
    rules[0] |= {"name": "Renamed"}
    planned = await post(client, "/v1/configuration/part", body | {"dry_run": True}, 200)
    applied = await post(client, "/v1/configuration/part", body, 200)
    assert planned["changed"] == applied["changed"] == first["created"][:1]
    versions = await world.rows("SELECT version FROM rule WHERE key = 'told'")
    assert [each.version for each in versions] == [2]


async def test_a_configuration_reads_back_as_it_was_and_lets_go_of_what_it_no_longer_names(
    client: httpx.AsyncClient, world: Any
) -> None:
    rules = [RULE | {"key": "told"}, RULE | {"key": "quiet", "trigger": QUIET, "enabled": False}]
    await post(client, "/v1/configuration/part", {"rules": rules}, 200)
    await post(client, "/v1/rules", RULE, 201)
    held = (await client.get("/v1/configuration/part")).json()
    assert {each["key"] for each in held["rules"]} == {"told", "quiet"}
    again = await post(client, "/v1/configuration/part", held | {"destroy": True}, 200)
    assert (len(again["unchanged"]), again["changed"], again["destroyed"]) == (2, [], [])
    fewer = {"rules": held["rules"][:1], "destroy": True}
    planned = await post(client, "/v1/configuration/part", fewer | {"dry_run": True}, 200)
    assert [each["key"] for each in planned["destroyed"]] == [held["rules"][1]["key"]]
    assert await post(client, "/v1/configuration/part", fewer, 200) == planned
    assert len((await client.get("/v1/rules")).json()["items"]) == 2


async def test_a_rule_that_does_not_read_is_wanted_all_the_same(client: httpx.AsyncClient) -> None:
    await post(client, "/v1/configuration/part", {"rules": [RULE | {"key": "told"}]}, 200)
    unread = {"rules": [RULE | {"key": "told", "trigger": "?"}, {"key": ["?"], "project": {}}], "destroy": True}
    applied = await post(client, "/v1/configuration/part", unread, 200)
    assert (applied["destroyed"], [each["pointer"] for each in applied["skipped"]]) == ([], ["/rules/0", "/rules/1"])


TEMPLATE = Path(__file__).parents[2] / "records" / "src" / "records" / "domain" / "templates" / "sales_crm.yaml"


@pytest.mark.skipif(not TEMPLATE.exists(), reason="records ships the template")
async def test_the_rules_of_the_sales_template_are_built(client: httpx.AsyncClient) -> None:
    written = yaml.safe_load(TEMPLATE.read_text())["automations"]
    known = {"key", "name", "project", "trigger", "conditions", "actions", "settings", "repeat", "reset_on", "enabled"}
    rules = [{name: value for name, value in each.items() if name in known} | {"name": each["key"]} for each in written]
    applied = await post(client, "/v1/configuration/part", {"rules": rules}, 200)
    # The customers of this small workspace are not the template's: they lack what one rule watches.
    (skipped,) = applied["skipped"]
    assert written[int(skipped["pointer"].split("/")[2])]["key"] == "customer_changed_notice"
    assert "'customers' has no field 'email'" in skipped["reason"]
    assert {each["key"] for each in applied["created"]} == {each["key"] for each in written} - {
        "customer_changed_notice"
    }
