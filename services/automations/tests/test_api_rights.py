"""What rules saw and told reaches people as far as their roles let them see records."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest_asyncio

from automations.main import create_app
from automations.storage import users
from shared.contracts.records import RecordCreated, RecordSnapshot, RoleChanged, UserChanged
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
