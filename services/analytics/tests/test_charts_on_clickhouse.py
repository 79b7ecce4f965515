"""Charts over nine deals, held against numbers worked out by hand."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from services.analytics.tests.deals import deal, deals, project
from services.analytics.tests.running import NOON, Asking
from services.analytics.tests.test_sales_on_clickhouse import keep

from analytics.domain.chart import Chart
from analytics.domain.chart_data import ChartData
from analytics.domain.chart_plan import Place, Scope
from analytics.domain.names import names_of
from analytics.usecases.draw_charts import draw_chart
from shared.contracts.records import FieldSchema
from shared.errors import Invalid
from shared.expressions import Schema, project_from
from shared.policy import Policy
from shared.policy.role import Role

AMOUNT = {"fn": "sum", "field": "amount"}
WEIGHTED = {"fn": "sum", "expr": "{amount} * list.forecast_weight"}
OPEN = {"list_category": "open"}
A_DAY = 86_400


@pytest.fixture
def place() -> Place:
    known = project()
    return Place(Schema({known.key: project_from(known)}), names_of([known], {}), NOON)


async def drawn(asking: Asking, place: Place, **chart: Any) -> ChartData:
    return await draw_chart(asking.clickhouse, place, Chart.model_validate({"source": "opportunities", **chart}))


def by_label(found: ChartData) -> dict[str | None, Any]:
    assert found.points is not None
    return {each.label.key: each.value for each in found.points}


async def test_a_sum_is_rounded_record_by_record(asking: Asking, place: Place) -> None:
    await keep(asking, deals())
    found = await drawn(asking, place, type="stat", measure=WEIGHTED, filter=OPEN)
    assert (found.value, found.unit) == ("36833.34", "currency")


async def test_what_has_no_rate_counts_for_nothing_and_is_counted(asking: Asking, place: Place) -> None:
    await keep(asking, deals())
    found = await drawn(asking, place, type="stat", measure=AMOUNT, filter=OPEN)
    assert (found.value, found.unpriced) == ("53666.66", 1)


async def test_time_in_lists_is_measured_and_asked_about(asking: Asking) -> None:
    """Two deals negotiated for one day and for three; the second in two stays."""
    started = {"start": {"event": "record.created"}, "end": {"event": "record.list_entered", "list": "contract_out"}}
    negotiated = FieldSchema(
        key="negotiated", name="Negotiated", type="time_in_list", kind=None, config={"list": "negotiations"}
    )
    closing = FieldSchema(key="closing", name="Closing", type="duration", kind=None, config=started)
    known = project().model_copy(update={"fields": [*project().fields, negotiated, closing]})
    place = Place(Schema({known.key: project_from(known)}), names_of([known], {}), NOON)
    once = [("negotiations", "2024-02-10T09:00:00Z", "2024-02-11T09:00:00Z")]
    twice = [*once, ("proposal_sent", "2024-02-11T09:00:00Z", "2024-02-12T09:00:00Z")]
    twice += [("negotiations", "2024-02-12T09:00:00Z", "2024-02-14T09:00:00Z"), ("contract_out", twice[1][2], None)]
    await keep(asking, [deal("o2", stage_history=_stays(twice)), deal("o3", stage_history=_stays(once))])
    mean = await drawn(asking, place, type="stat", measure={"fn": "average", "field": "negotiated"})
    assert Decimal(mean.value or 0) == 2 * A_DAY
    longest = await drawn(asking, place, type="stat", measure={"fn": "max", "field": "closing"})
    assert Decimal(longest.value or 0) == 2 * A_DAY
    long_ = {"field": "negotiated", "op": "gt", "value": A_DAY}
    count = await drawn(asking, place, type="stat", measure={"fn": "count"}, filter=long_)
    assert Decimal(count.value or 0) == 1


def _stays(stays: list[tuple[str, str, str | None]]) -> list[dict[str, str | None]]:
    return [dict(zip(("list", "entered_at", "left_at"), each, strict=True)) for each in stays]


async def test_months_go_by_a_date_field(asking: Asking, place: Place) -> None:
    await keep(asking, deals())
    found = await drawn(
        asking, place, type="bar", measure=WEIGHTED, filter=OPEN, date_basis="expected_close_date", bucket="month"
    )
    assert by_label(found) == {"2024-05": "22500.00", "2024-06": "8166.67", "2024-07": "6166.67"}


@pytest.mark.parametrize(
    ("bucket", "labels"),
    [
        ("day", ["2024-03-20", "2024-04-25"]),
        ("week", ["2024-W12", "2024-W17"]),
        ("month", ["2024-03", "2024-04"]),
        ("quarter", ["2024-Q1", "2024-Q2"]),
        ("year", ["2024"]),
    ],
)
async def test_sales_count_when_the_list_was_entered(
    asking: Asking, place: Place, bucket: str, labels: list[str]
) -> None:
    await keep(asking, deals())
    found = await drawn(
        asking,
        place,
        type="line",
        measure=AMOUNT,
        date_basis="entered:closed_won",
        bucket=bucket,
        filter={"list": ["closed_won"]},
    )
    assert list(by_label(found)) == labels


@pytest.mark.parametrize(
    ("multi_value", "expected"),
    [
        ("count_each", {"branding": "10000.00", "website": "30000.00", "seo": "30000.00"}),
        ("split_evenly", {"branding": "10000.00", "website": "15000.00", "seo": "15000.00"}),
    ],
)
async def test_a_deal_with_two_tags(asking: Asking, place: Place, multi_value: str, expected: dict[str, str]) -> None:
    await keep(asking, deals())
    found = await drawn(
        asking,
        place,
        type="pie",
        measure=AMOUNT,
        filter={"list": ["closed_won"]},
        group_by="tag",
        multi_value=multi_value,
    )
    assert by_label(found) == expected


async def test_lists_come_in_their_order(asking: Asking, place: Place) -> None:
    await keep(asking, deals())
    found = await drawn(asking, place, type="funnel", measure={"fn": "count"}, group_by="list")
    labels = ["unqualified", "proposal_sent", "negotiations", "contract_out", "closed_won", "closed_lost"]
    assert list(by_label(found).items()) == list(zip(labels, [1, 3, 1, 1, 2, 1], strict=True))


async def test_named_values_are_combined(asking: Asking, place: Place) -> None:
    await keep(asking, deals())
    values = {
        name: {"fn": "count", "filter": {"list": [key]}} for name, key in (("w", "closed_won"), ("l", "closed_lost"))
    }
    rate = {"values": values, "formula": "w / (w + l)", "display": {"as": "percentage", "decimals": 2}}
    assert (await drawn(asking, place, type="stat", **rate)).value == "66.67"
    nobody = await drawn(asking, replace(place, scope=Scope(tag="nobody")), type="stat", **rate)
    assert nobody.value is None
    assert nobody.reason


async def test_who_may_not_see_a_field_or_a_record_gets_no_number_of_it(asking: Asking, place: Place) -> None:
    await keep(asking, deals())
    role = Role.model_validate(
        {
            "id": "role", "project": project().id, "key": "junior", "name": "Junior", "version": 1, "users": ["ann"],
            "field_permissions": {"amount": "none"}, "list_permissions": {"closed_lost": "none"},
        }
    )  # fmt: skip
    ann = Policy(frozenset({"read"}), "ann", (role,), frozenset({project().id}))
    hers = replace(place, schema=ann.seen(place.schema))
    with pytest.raises(Invalid, match="no field 'amount'"):
        await drawn(asking, hers, type="stat", measure=AMOUNT)
    counted = await drawn(asking, hers, type="pie", measure={"fn": "count"}, group_by="list")
    assert "closed_lost" not in by_label(counted)
    assert sum(by_label(counted).values()) == 8
