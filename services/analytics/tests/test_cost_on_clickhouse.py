"""What a call cost: spent money spread over its days, by the calls that came of it, in the base currency."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from services.analytics.tests.running import Asking, answered, call

from analytics.domain.question import Period
from shared.errors import Invalid

MAY = Period(datetime(2026, 4, 30, 22, tzinfo=UTC), datetime(2026, 5, 31, 22, tzinfo=UTC))
NOON = datetime(2026, 5, 10, 12, tzinfo=UTC)


def spent(amount: str, source: str = "radio", **told: Any) -> dict[str, Any]:
    usual = {"start_on": date(2026, 5, 1), "end_on": date(2026, 5, 31), "campaign": "", "currency": "EUR", "version": 1}
    return {**usual, "source": source, "amount": amount, **told}


async def keep(asking: Asking, *rows: dict[str, Any]) -> None:
    await asking.clickhouse.insert("spend", rows)


async def test_what_was_spent_is_divided_by_the_calls_of_its_source(asking: Asking) -> None:
    await keep(asking, spent("100.00"), spent("62.00", "flyer", campaign="spring"))
    await asking.keep(
        [
            *(answered(number, source="radio", at=NOON) for number in range(3)),
            call("missed", source="radio", outcome="missed", at=NOON),
            answered("of a campaign", source="flyer", campaign="spring", converted=True, at=NOON),
            answered("of no source", at=NOON),
            call("dialled", source="radio", direction="outbound", at=NOON),
        ]
    )
    (all_of_it,) = await asking.points("cost_per_call", period=MAY)
    assert (all_of_it.value, all_of_it.numerator, all_of_it.denominator) == (Decimal("32.40"), Decimal(162), 5)
    found = {each.group: each.value for each in await asking.points("cost_per_call", period=MAY, group_by="source")}
    assert found == {"radio": Decimal("25.00"), "flyer": Decimal("62.00")}
    variants = {
        name: await asking.value("cost_per_call", name, period=MAY) for name in ("per_answered_call", "per_conversion")
    }
    assert variants == {"per_answered_call": Decimal("40.50"), "per_conversion": Decimal("162.00")}
    (spring,) = [each for each in await asking.points("cost_per_call", period=MAY, group_by="campaign") if each.group]
    assert (spring.group, spring.value) == ("spring", Decimal("62.00"))


async def test_spend_counts_evenly_on_its_days_and_foreign_money_at_its_rate(asking: Asking) -> None:
    rate = {"from": "USD", "to": "EUR", "date": "2026-04-01", "rate": "0.9", "version": 1}
    await asking.clickhouse.insert("rate", [rate, rate | {"date": "2026-05-02", "rate": "5"}])
    dollars, pounds = spent("31.00", currency="USD"), spent("1000.00", "flyer", currency="GBP")
    await keep(asking, dollars, pounds, spent("9.00", end_on=date(2026, 5, 1), campaign="x"))
    await asking.keep([answered(1, source="radio", at=NOON)])
    first_week = Period(MAY.start, datetime(2026, 5, 7, 22, tzinfo=UTC))
    assert (await asking.point("cost_per_call", period=MAY)).numerator == Decimal("36.90")
    await asking.keep([answered(2, source="radio", at=datetime(2026, 5, 2, tzinfo=UTC))])
    assert await asking.value("cost_per_call", period=first_week) == Decimal("15.30")


async def test_without_calls_there_is_no_cost_of_one_and_what_is_not_known_is_refused(asking: Asking) -> None:
    await keep(asking, spent("100.00"))
    point = await asking.point("cost_per_call", period=MAY)
    assert (point.value, point.numerator) == (None, Decimal(100))
    assert point.reason
    with pytest.raises(Invalid, match="source or campaign"):
        await asking.points("cost_per_call", period=MAY, group_by="agent")
    narrowed = {"field": "queue", "op": "eq", "value": "Sales"}
    with pytest.raises(Invalid, match="cannot be narrowed"):
        await asking.points("cost_per_call", period=MAY, filter=narrowed)
