"""What rules saw and told reaches people as far as their roles let them see records."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest_asyncio

from automations.main import create_app
from automations.storage import users
from shared.contracts.records import RecordCreated, RecordMoved, RecordSnapshot, RoleChanged, UserChanged
from shared.policy.storage import replicate_role, replicate_user
from shared.testing.service import give_key

Record = Callable[..., RecordSnapshot]
NOTIFY = {"type": "notify", "to": ["assignee"], "title": "Look", "body": "{{record.title}}"}


class House:
    """The service's API, as anybody."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.app = create_app(world.settings)

    async def caller(self, user: str | None, scopes: tuple[str, ...] = ("read", "write")) -> httpx.AsyncClient:
        key = await give_key(self.world.database, list(scopes), user)
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
        headers = {"authorization": f"Bearer {key}"}
        return httpx.AsyncClient(transport=transport, base_url="http://automations", headers=headers)

    async def role(self, user: str, **wanted: Any) -> None:
        values = {"id": f"role-{user}", "project": "p-deals", "key": user, "name": user, "version": 1} | wanted
        async with self.world.database.transaction() as transaction:
            await replicate_role(RoleChanged(users=[user], **values), transaction)


@pytest_asyncio.fixture(loop_scope="session")
async def house(world: Any, people: list[UserChanged]) -> AsyncIterator[House]:
    opened = House(world)
    async with world.database.transaction() as transaction:
        for person in people:
            await replicate_user(person, transaction)
    yield opened
    await opened.app.state.database.dispose()


async def told(caller: httpx.AsyncClient, path: str = "/v1/notifications") -> list[str]:
    answer = await caller.get(path)
    assert answer.status_code == 200, answer.text
    return [each["record"] for each in answer.json()["items"]]


async def test_people_are_told_what_is_theirs(house: House, world: Any, record: Record) -> None:
    await world.rule(trigger={"type": "record.created"}, actions=[NOTIFY])
    for user, number in (("u-ann", 1), ("u-bob", 2), ("u-ann", 3)):
        await world.tell(RecordCreated(record=record(id=f"r{number}", assignees=[user])))
    await world.work()
    ann, machine = await house.caller("u-ann"), await house.caller(None, ("read",))
    assert await told(ann) == ["r3", "r1"]
    assert await told(machine) == ["r3", "r2", "r1"]
    assert (await ann.get("/v1/notifications?user=u-bob")).status_code == 403
    first = (await ann.get("/v1/notifications?limit=1")).json()
    assert await told(ann, f"/v1/notifications?cursor={first['next_cursor']}") == ["r1"]


async def test_who_may_not_read_a_record_any_more_is_told_nothing_of_it(
    house: House, world: Any, record: Record
) -> None:
    await world.rule(trigger={"type": "record.created"}, actions=[NOTIFY])
    for number, tags in ((1, []), (2, ["secret"])):
        await world.tell(RecordCreated(record=record(id=f"r{number}", assignees=["u-ann"], tags=tags)))
    await world.work()
    ann = await house.caller("u-ann")
    assert await told(ann) == ["r2", "r1"]
    await house.role("u-ann", denied_tags=["secret"])
    assert await told(ann) == ["r1"]


async def test_what_consumers_gave_up_on_is_not_for_everyone(house: House) -> None:
    path = "/v1/dead-letters/automations"
    assert (await (await house.caller("u-ann")).get(path)).status_code == 403
    assert (await (await house.caller("u-cas", ("read", "admin"))).get(path)).status_code == 200
    assert (await (await house.caller(None, ("read",))).get(path)).status_code == 200


async def test_a_text_tells_nobody_what_their_roles_hide(
    house: House, world: Any, record: Record, people: list[UserChanged]
) -> None:
    """A note to one person by their own rights, what stands on the record by those of all who read it."""
    async with world.database.transaction() as transaction:
        for person in people:
            await users.keep(transaction, person)
    await house.role("u-ann", field_permissions={"amount": "none"})
    await house.role("u-cas")
    text = "{{record.title}}: {{amount}} {{record.amount}}"
    notice = {"type": "notify", "to": [{"user": "u-ann"}, {"user": "u-cas"}], "title": text}
    comment = {"type": "post_comment", "body": text}
    await world.rule(trigger={"type": "record.created"}, actions=[notice, comment])
    worth = {"amount": {"amount": "12.50", "currency": "EUR"}}
    await world.tell(RecordCreated(record=record(values=worth)))
    await world.work()
    titles = {}
    for user in ("u-ann", "u-cas"):
        (item,) = (await (await house.caller(user)).get("/v1/notifications")).json()["items"]
        titles[user] = item["title"]
    assert titles == {"u-ann": "Twelve seats:  ", "u-cas": "Twelve seats: EUR 12.50 EUR 12.50"}
    assert world.stand_in.effects == [("POST", "/v1/records/r1/comments", {"body": "Twelve seats:  "})]


MOVED = {
    "name": "Told",
    "project": "deals",
    "trigger": {"type": "record.moved"},
    "conditions": {"field": "region", "op": "eq", "value": "north"},
    "actions": [{"type": "post_comment", "body": "{{record.title}}"}],
}
SECRETIVE = (
    {"conditions": {"field": "amount", "op": "gt", "value": "100"}},
    {"actions": [{"type": "post_comment", "body": "It is {{amount}}"}]},
    {"actions": [{"type": "post_comment", "body": "It is {{record.amount}}"}]},
    {"actions": [{"type": "post_comment", "body": "It is {{ record['amount'] }}"}]},
    {"actions": [{"type": "set_values", "values": {"amount": "1"}}]},
    {"trigger": {"type": "field.changed", "fields": ["amount"]}},
)
AUTOMATES = {"permissions": {"manage_automations": True}}
BLIND = {"field_permissions": {"amount": "none"}}


async def test_who_automates_sees_the_rules_that_are_made_of_what_they_see(
    house: House, world: Any, record: Record
) -> None:
    plain = await world.rule(**MOVED)
    dark = [await world.rule(**(MOVED | each)) for each in SECRETIVE]
    await world.tell(RecordMoved(record=record(values={"region": "north"}), from_list="new", to_list="sent"))
    ann = await house.caller("u-ann")
    await house.role("u-ann", **AUTOMATES, **BLIND)
    assert [each["id"] for each in (await ann.get("/v1/rules")).json()["items"]] == [plain.id]
    assert {each["rule"] for each in (await ann.get("/v1/runs?limit=1")).json()["items"]} == {plain.id}
    for each in dark:
        assert (await ann.get(f"/v1/rules/{each.id}")).status_code == 404
        assert (await ann.get(f"/v1/runs?rule={each.id}")).json() == {"items": [], "next_cursor": None}
        assert (await ann.post(f"/v1/rules/{each.id}/dry-run", json={"record": "r1"})).status_code == 404
        assert (await ann.delete(f"/v1/rules/{each.id}")).status_code == 404
    for run in await world.runs():
        assert (await ann.get(f"/v1/runs/{run.id}")).status_code == (200 if str(run.rule_id) == plain.id else 404)


async def test_who_automates_makes_no_rule_of_what_they_do_not_see(house: House, world: Any) -> None:
    ann = await house.caller("u-ann")
    await house.role("u-ann", **AUTOMATES, **BLIND)
    assert (await ann.post("/v1/rules", json=MOVED)).status_code == 201
    for each in SECRETIVE:
        answer = await ann.post("/v1/rules", json=MOVED | each)
        assert answer.status_code in (403, 422), (each, answer.text)
    assert (await ann.post("/v1/rules", json=MOVED | {"project": None, "conditions": None})).status_code == 403
    made = (await ann.get("/v1/rules")).json()["items"][0]
    assert (await ann.patch(f"/v1/rules/{made['id']}", json=SECRETIVE[0])).status_code == 422


async def test_who_sees_only_some_records_automates_nothing(house: House, world: Any, record: Record) -> None:
    made = await world.rule(**MOVED)
    await world.tell(RecordMoved(record=record(assignees=["u-ann"]), from_list="new", to_list="sent"))
    ann = await house.caller("u-ann")
    await house.role("u-ann", record_scope="assigned_only", **AUTOMATES)
    assert (await ann.get("/v1/runs")).json()["items"] == []
    assert (await ann.post("/v1/rules", json=MOVED)).status_code == 403
    assert (await ann.get(f"/v1/timers?rule={made.id}")).json()["items"] == []
    await house.role("u-ann", version=2, **AUTOMATES)
    assert len((await ann.get("/v1/runs")).json()["items"]) == 1
    await house.role("u-ann", version=3)
    assert (await ann.get("/v1/runs")).status_code == 403
