"""What was spent comes in from the bus, the newest word on a period, a source and a campaign counting."""

from datetime import date
from decimal import Decimal

from services.analytics.tests.bus import bus, envelope, publish
from services.analytics.tests.running import Running, answered, settled

from shared.contracts.calls import CallUpdated, SpendChanged


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
