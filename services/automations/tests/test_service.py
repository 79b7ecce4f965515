"""The whole service on the real bus and database: events in, effects out, once each, whatever happens."""

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import uuid4

import httpx
import nats
import orjson
import pytest_asyncio
from nats.aio.client import Client

from automations.main import create_app
from shared.contracts import Envelope, Event
from shared.contracts.records import (
    ActivityLogged,
    ProjectChanged,
    RecordCreated,
    RecordMoved,
    RecordSnapshot,
    RecordUpdated,
)
from shared.testing.service import PATIENCE_SECONDS, give_key, running

Record = Callable[..., RecordSnapshot]
Call = Callable[..., ActivityLogged]
TRACE = "0af7651916cd43dd8448eb211c80319c"
RULE = {
    "name": "Won deals are told",
    "project": "deals",
    "trigger": {"type": "record.moved", "to": ["won"]},
    "actions": [{"type": "post_comment", "body": "{{record.title}}"}, {"type": "move", "list": "lost"}],
}


async def publish(bus: Client, event: Event, event_id: str = "", depth: int = 0, trace: str = TRACE) -> None:
    """As the relay of records would."""
    event_id = event_id or str(uuid4())
    traceparent = f"00-{trace}-b7ad6b7169203331-01"
    envelope = Envelope(
        id=event_id,
        source="/records",
        type=event.type,
        subject=event.aggregate,
        time="2026-03-02T09:00:00Z",
        traceparent=traceparent,
        depth=depth,
        data=event.model_dump(mode="json"),
    )
    # a new message each time, so that the bus itself knows no repeats
    headers = {"Nats-Msg-Id": str(uuid4()), "Trunkline-Event": event_id, "Trunkline-Depth": str(depth)}
    await bus.jetstream().publish(
        event.type, envelope.model_dump_json().encode(), headers=headers | {"traceparent": traceparent}
    )


async def until(condition: Callable[[], Awaitable[Any]], seconds: float = PATIENCE_SECONDS) -> Any:
    async with asyncio.timeout(seconds):
        while not (found := await condition()):
            await asyncio.sleep(0.02)
        return found


def won(record: RecordSnapshot) -> RecordMoved:
    return RecordMoved(record=record, from_list="sent", to_list="won")


@pytest_asyncio.fixture(loop_scope="session")
async def bus(bus_url: str) -> AsyncIterator[Client]:
    client = await nats.connect(bus_url)
    yield client
    await client.close()


@pytest_asyncio.fixture(loop_scope="session")
async def client(world: Any, bus_url: str) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(world.settings.model_copy(update={"nats_url": bus_url}))
    async with running(app) as opened:
        opened.headers["authorization"] = f"Bearer {await give_key(world.database)}"
        yield opened


async def make(client: httpx.AsyncClient, **rule: Any) -> str:
    answer = await client.post("/v1/rules", json=RULE | rule)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def runs(client: httpx.AsyncClient, state: str, **wanted: str) -> list[Any]:
    found: list[Any] = (await client.get("/v1/runs", params={"state": state, **wanted})).json()["items"]
    return found


async def test_an_event_becomes_its_effects_in_one_trace(
    client: httpx.AsyncClient, bus: Client, world: Any, record: Record
) -> None:
    ended = await bus.subscribe("automations.run.finished.v1")
    rule = await make(client)
    await publish(bus, won(record(list="won")), "e1", depth=2)
    (run,) = await until(lambda: runs(client, "done", rule=rule))
    assert (run["record"], run["event"], run["depth"]) == ("r1", "e1", 2)
    assert [each[1] for each in world.stand_in.effects] == ["/v1/records/r1/comments", "/v1/records/r1/move"]
    assert {each.headers["traceparent"].split("-")[1] for each in world.stand_in.requests} == {TRACE}
    told = orjson.loads((await ended.next_msg(timeout=5)).data)
    assert told["data"] | {"id": run["id"], "state": "done", "record": "r1"} == told["data"]
    assert told["traceparent"].split("-")[1] == TRACE


async def test_repeats_and_disorder_make_no_second_run(
    client: httpx.AsyncClient, bus: Client, world: Any, record: Record
) -> None:
    """Events of twelve deals, backwards, and each again."""
    rule = await make(client)
    events = []
    for number in range(12):
        deal = record(id=f"d{number}")
        events += [
            (f"{number}-1", RecordCreated(record=deal)),
            (f"{number}-2", won(deal.model_copy(update={"list": "won", "list_category": "won", "version": 2}))),
            (f"{number}-3", RecordUpdated(record=deal.model_copy(update={"title": "After", "version": 3}))),
        ]
    for _ in range(2):
        for event_id, event in reversed(events):
            await publish(bus, event, event_id)
    await until(lambda: drained(bus))
    await until(lambda: enough(client, rule, 12))
    assert Counter(each[1] for each in world.stand_in.effects if each[1].endswith("/move")) == {
        f"/v1/records/d{number}/move": 1 for number in range(12)
    }
    titles = await world.rows("SELECT snapshot->>'title' AS title FROM record")
    assert {each.title for each in titles} == {"After"}


async def drained(bus: Client) -> bool:
    info = await bus.jetstream().consumer_info("RECORDS", "automations-follow_record")
    return not (info.num_pending or info.num_ack_pending)


async def enough(client: httpx.AsyncClient, rule: str, count: int) -> bool:
    done = await runs(client, "done", rule=rule)
    assert len(done) <= count
    return len(done) == count


async def test_a_call_waits_a_moment_for_its_deal(
    client: httpx.AsyncClient, bus: Client, record: Record, logged_call: Call, customers: ProjectChanged
) -> None:
    rule = await make(client, trigger={"type": "call.ended"}, settings={"run_on_history": True})
    await publish(bus, logged_call(record(id="c1", project=customers)))
    await until(lambda: runs(client, "waiting", rule=rule))
    await publish(bus, RecordCreated(record=record(id="deal", links={"customer": ["c1"]})))
    (run,) = await until(lambda: runs(client, "done", rule=rule))
    assert run["record"] == "deal"


async def test_a_timer_fires_by_itself_when_the_clock_gets_there(
    client: httpx.AsyncClient, bus: Client, world: Any, record: Record, monday: Any
) -> None:
    rule = await make(
        client, trigger={"type": "record.inactive", "for": "P7D"}, settings={"existing": "from_state_entry"}
    )
    await publish(bus, RecordCreated(record=record()))
    await until(lambda: timers(client, rule))
    await world.go_to(monday.replace(day=20))
    (run,) = await until(lambda: runs(client, "done", rule=rule))
    assert run["timer"] is not None
    fired = (await client.get("/v1/timers", params={"rule": rule, "state": "done"})).json()["items"]
    assert [each["id"] for each in fired] == [run["timer"]]


async def timers(client: httpx.AsyncClient, rule: str) -> list[Any]:
    found: list[Any] = (await client.get("/v1/timers", params={"rule": rule})).json()["items"]
    return found


async def test_killed_between_the_effect_and_its_commit_it_still_happens_once(
    world: Any, bus_url: str, bus: Client, record: Record
) -> None:
    """A process of its own, killed while records has done the work and not yet answered; then another."""
    rule = await world.rule(trigger={"type": "record.moved"}, actions=[{"type": "move", "list": "lost"}])
    at_work, go_on = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        at_work.set()
        await go_on.wait()

    world.stand_in.after = hold
    first = await process(world, bus_url)
    try:
        await until(lambda: stream_is_there(bus))
        await publish(bus, won(record(list="won")))
        await asyncio.wait_for(at_work.wait(), PATIENCE_SECONDS)
    finally:
        first.send_signal(signal.SIGKILL)
        await first.wait()
    world.stand_in.after = None
    go_on.set()
    second = await process(world, bus_url)
    try:
        await until(lambda: is_done(world, rule.id))
    finally:
        second.terminate()
        await second.wait()
    assert len(world.stand_in.effects) == 1
    assert len(world.stand_in.requests) >= 2


async def process(world: Any, bus_url: str) -> asyncio.subprocess.Process:
    environment = {
        "AUTOMATIONS_DATABASE_URL": world.settings.database_url,
        "AUTOMATIONS_NATS_URL": bus_url,
        "AUTOMATIONS_RECORDS_URL": world.stand_in.url,
        "AUTOMATIONS_RECORDS_KEY": "key",
        "AUTOMATIONS_STEP_LEASE_S": "1",
        "AUTOMATIONS_PORT": "0",
    }
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "automations", env=os.environ | environment, stderr=asyncio.subprocess.DEVNULL
    )


async def stream_is_there(bus: Client) -> bool:
    try:
        await bus.jetstream().consumer_info("RECORDS", "automations-follow_record")
    except Exception:  # noqa: BLE001 — not yet, whatever it says
        return False
    return True


async def is_done(world: Any, rule_id: str) -> bool:
    return [each.state for each in await world.runs() if each.rule_id == rule_id] == ["done"]
