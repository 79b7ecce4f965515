"""A call is logged once on the record that owns its number, in whatever order its events come, over the real bus."""

import asyncio
import itertools
import json
import os
import random
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from services.records.tests.running import Api, address, running, settings
from sqlalchemy import func, select

import shared.contracts
from shared.contracts.calls import CallEnded, CallSnapshot, CallUpdated
from shared.database.tables import dead_letter, inbox, outbox
from shared.engines.databases import create_database, drop_database
from shared.messaging.streams import pending
from shared.testing.service import PATIENCE_SECONDS

EXAMPLES = Path(shared.contracts.__file__).parent / "examples"
EXAMPLE = json.loads((EXAMPLES / "calls.call.ended.v1.json").read_text())["data"]["call"]
CONSUMER = "records-log_call_on_record"
numbers = itertools.count(1)
LISTS = [{"key": "open", "name": "Open", "category": "open"}, {"key": "won", "name": "Won", "category": "won"}]
PHONE = {"key": "phone", "name": "Phone", "type": "phone"}
CUSTOMER = {"key": "customer", "name": "Customer", "type": "reference", "config": {"project": "customers"}}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def bus(postgres_url: str, module_bus_url: str, database_template: str) -> AsyncIterator[Api]:
    """A service on its bus, with customers and deals that refer to them."""
    name = f"records_bus_{os.getpid()}"
    await create_database(postgres_url, name, template=database_template)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(drop_database, postgres_url, name)
        api = await stack.enter_async_context(running(settings(address(postgres_url, name), module_bus_url)))
        await until(lambda: ready(api))
        await api.post("/v1/projects", {"key": "customers", "name": "C", "lists": LISTS, "fields": [PHONE]})
        await api.post("/v1/projects", {"key": "deals", "name": "D", "lists": LISTS, "fields": [CUSTOMER]})
        yield api


async def ready(api: Api) -> bool:
    return (await api.client.get("/readyz")).is_success


async def until(look: Any) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not await look():
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.02)


async def customer(api: Api, number: str | None = None, title: str = "Hofstra Interiors") -> dict[str, Any]:
    body = {"title": title, "values": {"phone": number} if number else {}}
    made: dict[str, Any] = await api.post("/v1/projects/customers/records", body, status=201)
    return made


def caller() -> str:
    """A number nobody else in these tests has."""
    return f"+3120555{next(numbers):04d}"


def call(number: str | None, version: int = 7, **parts: Any) -> CallSnapshot:
    mine = {"id": f"call of {number}", "external_number": number, "from_number": number, "version": version}
    return CallSnapshot.model_validate(EXAMPLE | mine | parts)


async def tell(api: Api, *events: CallEnded | CallUpdated) -> None:
    """Let calls publish these, in this order, and wait until records has dealt with all of them."""
    async with api.database.transaction() as transaction:
        for event in events:
            transaction.publish(event)
    jetstream = api.app.state.running.client.jetstream()

    async def dealt_with() -> bool:
        waiting = await count(api, outbox.c.position) - await count(api, outbox.c.published_at)
        return not waiting and not await pending(jetstream, "CALLS", CONSUMER)

    await until(dealt_with)


async def count(api: Api, column: Any) -> int:
    async with api.database.begin() as connection:
        return int((await connection.execute(select(func.count(column)))).scalar_one())


async def activities(api: Api, record: dict[str, Any]) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await api.get(f"/v1/records/{record['id']}/activities"))["items"]
    return items


async def logged(api: Api, number: str) -> list[dict[str, Any]]:
    """The activities that were published for calls of the number."""
    wanted = outbox.c.type == "records.activity.logged.v1"
    async with api.database.begin() as connection:
        rows = await connection.execute(select(outbox.c.envelope).where(wanted).order_by(outbox.c.position))
        told = [json.loads(row.envelope) for row in rows]
    return [each for each in told if (each["data"]["activity"]["call"] or {}).get("external_number") == number]


async def test_a_call_is_logged_on_the_record_that_owns_the_number(bus: Api) -> None:
    number = caller()
    record = await customer(bus, number)
    await tell(bus, CallEnded(call=call(number)))
    (activity,) = await activities(bus, record)
    assert (activity["type"], activity["at"]) == ("call", "2025-11-18T09:17:58Z")
    assert activity["call"]["talk_s"] == 184
    (told,) = await logged(bus, number)
    assert told["data"]["record"]["id"] == record["id"]
    assert told["data"]["record"]["version"] == record["version"]
    assert told["data"]["activity"]["id"] == activity["id"]
    assert told["causation"]


async def test_a_call_is_logged_once(bus: Api) -> None:
    number = caller()
    record = await customer(bus, number)
    events: list[CallEnded | CallUpdated] = [
        CallEnded(call=call(number)),
        CallEnded(call=call(number)),
        CallUpdated(call=call(number)),
    ]
    await tell(bus, *events, *events)
    assert len(await activities(bus, record)) == 1
    assert len(await logged(bus, number)) == 1


@pytest.mark.parametrize("seed", range(4))
async def test_any_order_leaves_the_newest_call(bus: Api, seed: int) -> None:
    number = caller()
    record = await customer(bus, number)
    events: list[CallEnded | CallUpdated] = [
        CallUpdated(call=call(number, 3, status="answered", outcome=None)),
        CallEnded(call=call(number, 7)),
        CallUpdated(call=call(number, 8, wrap_up_s=30)),
        CallUpdated(call=call(number, 9, wrap_up_s=30, tags=["quote"])),
    ]
    random.Random(seed).shuffle(events)
    await tell(bus, *events)
    (activity,) = await activities(bus, record)
    assert (activity["call"]["version"], activity["call"]["tags"]) == (9, ["quote"])
    assert len(await logged(bus, number)) == 1


async def test_a_call_under_way_is_not_logged(bus: Api) -> None:
    number = caller()
    record = await customer(bus, number)
    await tell(bus, CallUpdated(call=call(number, 2, status="ringing", outcome=None, ended_at=None)))
    assert await activities(bus, record) == []
    async with bus.database.begin() as connection:
        taken = select(inbox.c.event_id).join(outbox, outbox.c.event_id == inbox.c.event_id)
        of_call = outbox.c.aggregate == f"call of {number}"
        assert (await connection.execute(taken.where(of_call))).all() == []


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
async def test_calls_that_turn_out_to_be_one_have_one_activity(bus: Api, order: tuple[int, ...]) -> None:
    number = caller()
    record = await customer(bus, number)
    part, whole = f"part of {number}", f"whole of {number}"
    gone = CallSnapshot.model_validate(
        {name: EXAMPLE[name] for name in ("connection", "provider", "provider_call_id", "first_seen_at")}
        | {"id": part, "version": 8, "status": "ended", "gone": True, "merged_into": whole}
    )
    events: list[CallEnded | CallUpdated] = [
        CallEnded(call=call(number, 7, id=part)),
        CallUpdated(call=gone),
        CallEnded(call=call(number, 3, id=whole, tags=["quote"])),
    ]
    for place in order:
        await tell(bus, events[place])
    (activity,) = await activities(bus, record)
    assert (activity["call"]["id"], activity["call"]["tags"]) == (whole, ["quote"])
    told = await logged(bus, number)
    new = [each["data"]["activity"]["call"]["id"] for each in told if not each["data"]["replaces"]]
    replaced = [each["call"]["id"] for event in told for each in event["data"]["replaces"]]
    assert new == [whole] or (new[0] == part and replaced == [part]) or (new == [whole, part] and replaced == [part])


async def test_one_owner_of_several_gets_the_call(bus: Api) -> None:
    number = caller()
    quiet, active = await customer(bus, number, "Quiet"), await customer(bus, number, "Active")
    await bus.post(f"/v1/records/{active['id']}/comments", {"body": "Spoke with them."})
    await tell(bus, CallEnded(call=call(number)))
    assert await activities(bus, quiet) == []
    assert [each["type"] for each in await activities(bus, active)] == ["comment", "call"]


@pytest.mark.parametrize("number", ["+31205559999", "anonymous", "", None])
async def test_a_call_of_nobody_is_no_error(bus: Api, number: str | None) -> None:
    await tell(bus, CallEnded(call=call(number, id=f"nobody {number}")))
    assert await count(bus, dead_letter.c.id) == 0


async def test_a_later_fact_logs_the_call_once_its_record_is_there(bus: Api) -> None:
    number = caller()
    await tell(bus, CallEnded(call=call(number)))
    record = await customer(bus, number)
    await tell(bus, CallUpdated(call=call(number, 8, wrap_up_s=30)))
    assert len(await activities(bus, record)) == 1
    assert len(await logged(bus, number)) == 1


async def test_the_open_deal_of_the_caller_is_active_too(bus: Api) -> None:
    number = caller()
    record = await customer(bus, number)
    long_ago, before = "2024-01-01T00:00:00Z", "2024-06-01T00:00:00Z"
    deals = [
        {"title": "Sleeping", "list": "open", "last_activity_at": long_ago},
        {"title": "Running", "list": "open", "last_activity_at": before},
        {"title": "Won", "list": "won", "last_activity_at": before},
    ]
    items = [deal | {"values": {"customer": record["id"]}, "created_at": long_ago} for deal in deals]
    written = (await bus.post("/v1/projects/deals/records/bulk", {"items": items}))["items"]
    await tell(bus, CallEnded(call=call(number)))
    active = [(await bus.get(f"/v1/records/{each['id']}"))["last_activity_at"] for each in written]
    assert active == [long_ago, "2025-11-18T09:17:58Z", before]
    assert {(await bus.get(f"/v1/records/{each['id']}"))["version"] for each in written} == {1}


async def test_a_call_in_the_trash_stays_unlogged_and_another_owner_takes_it(bus: Api) -> None:
    number = caller()
    gone, there = await customer(bus, number, "Gone"), await customer(bus, number, "There")
    await bus.delete(f"/v1/records/{gone['id']}")
    await tell(bus, CallEnded(call=call(number)))
    assert len(await activities(bus, there)) == 1


async def test_what_is_written_down_is_seen_and_planned(bus: Api) -> None:
    record = await customer(bus)
    path = f"/v1/records/{record['id']}"
    user = await bus.post("/v1/users", {"name": "Jo", "email": f"jo{next(numbers)}@example.com"})
    task = {"type": "task", "body": "Send the quote", "due_at": "2030-01-31T09:00:00Z", "assignee": user["id"]}
    made = await bus.post(f"{path}/activities", task, status=201)
    later = await bus.post(f"{path}/activities", task | {"due_at": "2031-01-31T09:00:00Z"}, status=201)
    assert (await bus.get(path))["next_activity_at"] == "2030-01-31T09:00:00Z"
    assert (await bus.patch(f"/v1/activities/{made['id']}", {"done": True}))["done_at"]
    after = await bus.get(path)
    assert (after["next_activity_at"], after["version"]) == ("2031-01-31T09:00:00Z", 2)
    await bus.patch(f"/v1/activities/{later['id']}", {"due_at": None})
    assert (await bus.get(path))["next_activity_at"] is None
    await bus.post(f"{path}/activities", {"type": "call", "body": "x"}, status=422)
    await bus.post(f"{path}/activities", {"type": "note", "body": "x", "due_at": "2030-01-31T09:00:00Z"}, status=422)
    await bus.post(f"{path}/activities", task | {"assignee": record["id"]}, status=422)
    await bus.post(f"{path}/comments", {"body": ""}, status=422)
    page = await bus.get(f"{path}/activities?limit=1")
    rest = await bus.get(f"{path}/activities?limit=1&cursor={page['next_cursor']}")
    assert {page["items"][0]["id"], rest["items"][0]["id"]} == {made["id"], later["id"]}
    assert rest["next_cursor"] is None
