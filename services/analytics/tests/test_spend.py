"""What calls tells beside its calls comes in from the bus: what was spent, what is expected of queues."""

import asyncio
from datetime import date
from decimal import Decimal

from services.analytics.tests.bus import bus, envelope, publish
from services.analytics.tests.running import PATIENCE_SECONDS, Running, answered, settled

from shared.contracts.calls import CallUpdated, QueueChanged, SpendChanged


def spent(amount: str, version: int) -> SpendChanged:
    return SpendChanged(
        start_on=date(2026, 3, 1),
        end_on=date(2026, 3, 31),
        source="radio",
        amount=Decimal(amount),
        currency="EUR",
        version=version,
    )


async def test_the_newest_word_on_what_was_spent_counts(fresh_service: Running, bus_url: str) -> None:
    call = answered(1, source="radio", campaign="spring")
    async with bus(bus_url) as jetstream:
        events = [spent("120.50", 2), spent("100.00", 1), CallUpdated(call=call)]
        await publish(jetstream, [envelope(each) for each in events])
        await settled(jetstream)
    rows = await fresh_service.clickhouse.query("SELECT source, start_on, amount FROM spend FINAL")
    assert rows == [{"source": "radio", "start_on": date(2026, 3, 1), "amount": Decimal("120.5")}]
    march = {"from": "2026-03-01T00:00:00+01:00", "to": "2026-04-01T00:00:00+02:00"}
    (point,) = (await fresh_service.get("/v1/metrics/call_volume", group_by="campaign", **march))["points"]
    assert (point["group"], point["value"]) == ("spring", 1)


async def test_a_queue_is_held_to_what_is_expected_of_it(fresh_service: Running, bus_url: str) -> None:
    """The same wait is in time in one queue and late in the other; the number says by which times it was reckoned."""
    calls = [answered(queue, wait_s=25, queue=queue) for queue in ("Sales", "It's \\ {late:String}")]
    march = {"from": "2026-03-01T00:00:00+01:00", "to": "2026-04-01T00:00:00+02:00"}
    expected = [
        QueueChanged(name="Sales", threshold_s=30, version=2),
        QueueChanged(name="Sales", threshold_s=10, version=1),
        QueueChanged(name=calls[1].queue or "", short_abandon_s=1, version=1),
    ]
    async with bus(bus_url) as jetstream:
        await publish(jetstream, [envelope(each) for each in (*expected, *(CallUpdated(call=call) for call in calls))])
        await settled(jetstream)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            told = await fresh_service.get("/v1/metrics/service_level", group_by="queue", **march)
            if told["definition"]["definition_id"].count(":") > 1:
                break
            await asyncio.sleep(0.05)
    assert "threshold_s=20;Sales:30" in told["definition"]["definition_id"]
    assert {each["group"]: each["value"] for each in told["points"]} == {"Sales": 1, calls[1].queue: 0}
