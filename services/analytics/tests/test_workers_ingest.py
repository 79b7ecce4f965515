"""From the bus into ClickHouse: each call once, whatever the bus does, and nobody waits for a spoilt message."""

import asyncio
import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

from services.analytics.tests.bus import TRACEPARENT, bus, envelope, example, publish, publish_bytes
from services.analytics.tests.deals import deal, deals, project
from services.analytics.tests.running import NOON, PATIENCE_SECONDS, Running, answered, call, running_service, settled

from analytics.domain.facts import facts
from analytics.domain.live import Board, Counts
from shared.contracts.calls import AvailabilityChanged, CallEnded, CallUpdated, Segment
from shared.contracts.records import RecordCreated, RecordDeleted, RecordSnapshot, RecordUpdated

MARCH = {"from": "2026-03-01T00:00:00+01:00", "to": "2026-04-01T00:00:00+02:00"}


async def test_each_call_counts_once_under_duplicates_and_shuffles(fresh_service: Running, bus_url: str) -> None:
    told = [each for number in range(30) for each in story(number)]
    dice = random.Random(3)
    told += dice.choices(told, k=60)
    dice.shuffle(told)
    async with bus(bus_url) as jetstream:
        await publish(jetstream, told)
        await settled(jetstream)
    assert await number_of(fresh_service, "call_volume") == (30, 30)
    assert await number_of(fresh_service, "aht") == (65.0, 30)


async def test_the_golden_examples_become_rows_and_carry_their_trace(fresh_service: Running, bus_url: str) -> None:
    names = ["calls.call.updated.v1", "calls.call.ended.v1", "records.record.moved.v1", "records.activity.logged.v1"]
    async with bus(bus_url) as jetstream:
        await publish(jetstream, [example(name) for name in names])
        await settled(jetstream)
    (row,) = await fresh_service.clickhouse.query("SELECT * FROM call FINAL")
    ended = example("calls.call.ended.v1")["data"]["call"]
    assert {key: row[key] for key in ("id", "talk_s", "hold_s", "wait_s", "queue", "agent")} == {
        key: ended[key] for key in ("id", "talk_s", "hold_s", "wait_s", "queue", "agent")
    }
    assert row["trace_id"] == TRACEPARENT.split("-")[1]
    assert not {"from_number", "to_number", "external_number"} & set(row)
    stays = await fresh_service.clickhouse.query("SELECT list FROM stage_entry FINAL ORDER BY entered_at")
    assert [each["list"] for each in stays] == ["qualification", "writing_proposal"]
    assert await fresh_service.clickhouse.query("SELECT count() AS n FROM activity FINAL") == [{"n": 1}]


async def test_a_poison_message_goes_to_the_dead_letters_and_its_neighbours_arrive(
    fresh_service: Running, bus_url: str
) -> None:
    spoilt = envelope(ended(answered("spoilt", csat=9)))
    half = example("calls.call.ended.v1") | {"data": {"call": {"id": "half"}}}
    unknown = envelope(ended(answered("unknown"))) | {"type": "calls.call.forgotten.v9"}
    async with bus(bus_url) as jetstream:
        await publish(jetstream, [envelope(ended(answered(1)))])
        await publish_bytes(jetstream, "calls.call.ended.v1", b"\xff{no json", "poison")
        await publish(jetstream, [spoilt, half, envelope(ended(answered(2)))])
        await publish_bytes(jetstream, "calls.call.updated.v1", json.dumps(unknown).encode(), "forgotten")
        await publish(jetstream, [envelope(ended(answered(3)))])
        await settled(jetstream)
    assert await number_of(fresh_service, "call_volume") == (3, 3)
    letters = (await fresh_service.get("/v1/dead-letters/analytics"))["items"]
    assert {each["event_id"] for each in letters} == {"poison", "forgotten", spoilt["id"], half["id"]}
    assert {each["consumer"] for each in letters} == {"analytics-ingest_calls"}
    assert any("satisfaction score" in each["reason"] for each in letters)


async def test_a_restart_goes_on_where_it_stopped(database_url: str, bus_url: str, clickhouse_url: str) -> None:
    told = [each for number in range(40) for each in story(number)]
    async with bus(bus_url) as jetstream:
        async with running_service(database_url, bus_url, clickhouse_url):
            await publish(jetstream, told[:60])
            await settled(jetstream)
        await publish(jetstream, told[60:])
        async with running_service(database_url, bus_url, clickhouse_url) as again:
            await settled(jetstream)
            assert await number_of(again, "call_volume") == (40, 40)
            assert await number_of(again, "aht") == (65.0, 40)


async def test_after_a_restart_the_live_board_shows_what_it_showed_before(
    database_url: str, bus_url: str, clickhouse_url: str
) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    queue = Segment(position=0, queue="Sales", started_at=now - timedelta(minutes=2))
    ringing = Segment(position=1, agent="ada@example.com", started_at=now - timedelta(minutes=1))
    going_on: dict[str, Any] = {"at": now - timedelta(minutes=3), "ended_at": None}
    told = [
        call("waiting", status="ringing", segments=[queue], **going_on),
        call("rung", status="ringing", segments=[queue, ringing], **going_on),
        answered("talking", status="answered", **going_on),
        call("dialled", status="ringing", direction="outbound", **going_on),
        answered("over", ended_at=now, at=now),
    ]
    free = availability("Bo", "available", since=now - timedelta(minutes=9), queue="Sales")
    on_break = availability("Cy", "away", since=now - timedelta(minutes=5), reason="lunch")
    async with bus(bus_url) as jetstream, running_service(database_url, bus_url, clickhouse_url) as before:
        await publish(jetstream, [envelope(CallUpdated(call=each)) for each in told])
        await publish(jetstream, [envelope(each) for each in (free, on_break)])
        await settled(jetstream)
        shown = await board_shows(before, now)
    assert (shown.waiting, shown.ringing, shown.talking, shown.dialling, shown.ended_today) == (2, 1, 1, 1, 1)
    assert [(each.queue, each.longest_wait_s) for each in shown.queues] == [("Sales", 120.0), ("unknown", None)]
    people = {each.agent: (each.state, each.reason) for each in shown.people}
    assert people == {
        "ada@example.com": ("ringing", None),
        "Bo": ("available", None),
        "Cy": ("away", "lunch"),
    }
    async with running_service(database_url, bus_url, clickhouse_url) as after:
        assert await board_shows(after, now) == shown


def availability(agent: str, state: str, **told: Any) -> AvailabilityChanged:
    who = {"connection": "connection-1", "provider": "aircall", "provider_agent": agent, "agent": agent}
    return AvailabilityChanged.model_validate({**who, "state": state, **told})


async def board_shows(service: Running, now: datetime) -> Counts:
    """As soon as it knows of any call."""
    board: Board = service.app.state.parts["board"]
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not (found := board.counts(now)).ended_today:
            await asyncio.sleep(0.02)
    return found


async def test_being_stopped_in_the_middle_loses_nothing_and_keeps_nobody_waiting(
    database_url: str, bus_url: str, clickhouse_url: str
) -> None:
    told = [each for number in range(40) for each in story(number)]
    async with bus(bus_url) as jetstream:
        async with running_service(database_url, bus_url, clickhouse_url):
            await publish(jetstream, told)
        async with running_service(database_url, bus_url, clickhouse_url) as again:
            await settled(jetstream)
            assert await number_of(again, "aht") == (65.0, 40)


async def test_deals_come_in_with_their_project_and_deleted_ones_go(fresh_service: Running, bus_url: str) -> None:
    async with bus(bus_url) as jetstream:
        await publish(jetstream, [envelope(project()), *(envelope(RecordCreated(record=each)) for each in deals())])
        late = [RecordDeleted(record=deal("o2", version=3)), RecordUpdated(record=deal("o2", version=2))]
        await publish(jetstream, map(envelope, late))
        await settled(jetstream)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (found := await forecast(fresh_service)) is None:
                await asyncio.sleep(0.05)
    assert found == {"amount": "14333.34", "currency": "EUR"}


def story(number: int) -> list[dict[str, Any]]:
    """A call's events: it rings, is answered, ends, and gets its wrap-up later."""
    events = [
        CallUpdated(call=call(number, version=1, status="ringing", ended_at=None)),
        CallUpdated(call=answered(number, version=2, status="answered", ended_at=None, talk_s=None)),
        CallUpdated(call=answered(number, version=3, talk_s=60.0)),
        ended(answered(number, version=3, talk_s=60.0)),
        CallUpdated(call=answered(number, version=4, talk_s=60.0, wrap_up_s=5.0)),
    ]
    return [envelope(each) for each in events]


def ended(snapshot: Any) -> CallEnded:
    return CallEnded(call=snapshot)


async def number_of(service: Running, metric: str) -> tuple[Any, int]:
    """A metric's value in the month of `NOON`, and of how many."""
    assert NOON.month == 3
    (point,) = (await service.get(f"/v1/metrics/{metric}", **MARCH))["points"]
    return point["value"], point["n"]


async def forecast(service: Running) -> Any:
    (point,) = (await service.get("/v1/metrics/weighted_forecast"))["points"]
    return point["value"]


def test_a_record_of_a_newer_contract_is_a_row_of_ours() -> None:
    class Newer(RecordSnapshot):
        mood: str = "sunny"

    newer = Newer.model_validate(deal("o1").model_dump())
    (row, *_) = facts(RecordCreated(record=newer))
    assert "mood" not in row.columns
    assert row.columns["id"] == "o1"
