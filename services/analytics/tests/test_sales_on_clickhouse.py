"""Forecast and sales over nine deals, held against numbers worked out by hand."""

import random
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from services.analytics.tests.deals import deal, deals, project
from services.analytics.tests.running import NOON, Asking, answered

from analytics.domain.facts import facts
from analytics.domain.question import Period
from shared.contracts.records import Activity, ActivityLogged, RecordDeleted, RecordSnapshot, RecordUpdated
from shared.expressions import project_from

SPRING = Period(datetime(2024, 2, 29, 23, tzinfo=UTC), datetime(2024, 6, 30, 22, tzinfo=UTC))


@pytest.fixture
def selling(asking: Asking) -> Asking:
    return replace(asking, projects=(project_from(project()),))


async def keep(asking: Asking, records: list[RecordSnapshot], *, deleted: bool = False) -> None:
    kind = RecordDeleted if deleted else RecordUpdated
    rows = [row for record in records for row in facts(kind(record=record))]
    for table in {row.table for row in rows}:
        await asking.clickhouse.insert(table, [row.columns for row in rows if row.table == table])


async def by_month(asking: Asking, metric: str) -> dict[str, Any]:
    points = await asking.points(metric, bucket="month", period=SPRING)
    return {f"{each.bucket:%Y-%m}": each.value for each in points if each.n}


async def test_the_forecast_is_weighted_and_rounded_deal_by_deal(selling: Asking) -> None:
    await keep(selling, deals())
    assert await selling.value("weighted_forecast") == Decimal("36833.34")


async def test_the_forecast_by_month_goes_by_the_expected_close(selling: Asking) -> None:
    await keep(selling, deals())
    expected = {"2024-05": Decimal(22500), "2024-06": Decimal("8166.67"), "2024-07": Decimal("6166.67")}
    assert await by_month(selling, "weighted_forecast") == expected


async def test_sales_count_in_the_month_they_were_won(selling: Asking) -> None:
    await keep(selling, deals())
    assert await by_month(selling, "sales") == {"2024-03": Decimal(10000), "2024-04": Decimal(30000)}


async def test_a_sale_with_two_tags_counts_in_both(selling: Asking) -> None:
    await keep(selling, deals())
    points = await selling.points("sales", group_by="tags", period=SPRING)
    assert {each.group: each.value for each in points} == {"branding": 10000, "website": 30000, "seo": 30000}


async def test_late_and_repeated_versions_of_a_deal_change_nothing(selling: Asking) -> None:
    past = [deal("o8", version=1, amount="99999.99"), deal("o2", version=1, list="closed_won", amount="1.00")]
    newest = [replace_version(each, 5) for each in deals()]
    told = [*newest, *past, *newest]
    random.Random(3).shuffle(told)
    for start in range(0, len(told), 4):
        await keep(selling, told[start : start + 4])
    assert await selling.value("weighted_forecast") == Decimal("36833.34")
    assert await selling.value("sales", period=SPRING) == Decimal(40000)


async def test_a_deleted_deal_is_gone_and_a_restored_one_is_back(selling: Asking) -> None:
    await keep(selling, deals())
    await keep(selling, [deal("o2", version=2)], deleted=True)
    assert await selling.value("weighted_forecast") == Decimal("14333.34")
    await keep(selling, [deal("o2", version=3)])
    assert await selling.value("weighted_forecast") == Decimal("36833.34")


async def test_without_a_project_of_deals_there_is_no_forecast_and_it_says_so(asking: Asking) -> None:
    found = await asking.point("weighted_forecast")
    assert found.value is None
    assert found.reason


def replace_version(record: RecordSnapshot, version: int) -> RecordSnapshot:
    return record.model_copy(update={"version": version})


async def test_what_came_in_and_what_was_won_of_it(selling: Asking) -> None:
    await keep(selling, deals())
    whole = Period(datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC))
    assert await selling.value("new_opportunities", period=whole) == 9
    assert await selling.value("pipeline_generated", period=whole) == Decimal("101666.66")
    rate = await selling.point("win_rate", period=SPRING)
    assert (rate.value, rate.n) == (pytest.approx(2 / 3), 3)


async def test_adoption_counts_calls_on_records_and_leads_that_moved_on(selling: Asking) -> None:
    dialled = [answered(number, direction="outbound", agent=f"agent-{number % 2}") for number in range(4)]
    await selling.keep(dialled)
    record = deal("o1")
    for call in dialled[:3]:
        event = ActivityLogged(activity=Activity(id=call.id, type="call", at=NOON, call=call), record=record)
        await selling.clickhouse.insert("activity", [row.columns for row in facts(event)])
    by_agent = await selling.points("agent_adoption", group_by="agent")
    assert {each.group: each.value for each in by_agent} == {"agent-0": 2, "agent-1": 1}
    await keep(selling, deals())
    assert await selling.value("agent_adoption", "leads_converted", period=SPRING) == 7


async def test_accuracy_is_what_is_filled_in_of_what_is_required(asking: Asking) -> None:
    told = project()
    required = [each.model_copy(update={"required": True}) for each in told.fields]
    demanding = replace(asking, projects=(project_from(told.model_copy(update={"fields": required})),))
    await keep(demanding, deals())
    found = await demanding.point("data_accuracy", period=SPRING)
    assert (found.value, found.n) == (pytest.approx(13 / 18), 9)
    assert found.interval is not None
    assert found.interval.high <= 1
    by_tag = await demanding.points("data_accuracy", group_by="tags", period=SPRING)
    assert {each.group: each.value for each in by_tag}["branding"] == pytest.approx(3 / 6)


async def test_where_nothing_is_required_no_accuracy_is_told(selling: Asking) -> None:
    await keep(selling, deals())
    found = await selling.point("data_accuracy", period=SPRING)
    assert found.value is None
    assert found.reason
