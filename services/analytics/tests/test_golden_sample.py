"""The dashboard of the shipped sales template, over nine deals and four invoices worked out by hand, and over others.

The others are made up, and their charts are computed a second time in plain Python.
"""

import random
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest_asyncio
import yaml
from services.analytics.tests.running import Running
from services.analytics.tests.sample import (
    DEALS,
    EXPECTED,
    INVOICES,
    MADE_UP_RATES,
    RATE,
    Deal,
    Invoice,
    Rates,
    computed,
    in_euro,
    made_up,
    plain,
)

from analytics.domain.facts import facts
from analytics.storage import projects
from shared.contracts import Event
from shared.contracts.records import (
    FieldSchema,
    ListSchema,
    ProjectChanged,
    RateChanged,
    RecordCreated,
    RecordSnapshot,
    TagSchema,
)

TEMPLATE = Path(__file__).parents[3] / "services/records/src/records/domain/templates/sales_crm.yaml"
KINDS = {
    "currency": "money", "number": "number", "rating": "number", "percent": "number", "date": "date",
    "select": "option", "reference": "link", "text": "text", "url": "text", "email": "text", "phone": "text",
}  # fmt: skip


def template() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(TEMPLATE.read_text())
    return found


def told(key: str) -> ProjectChanged:
    """A project of the template as records would tell it, in English."""
    tree = next(each for each in template()["projects"] if each["key"] == key)
    fields = [each for each in tree["fields"] if each["type"] in KINDS]
    return ProjectChanged(
        id=key,
        key=key,
        name=key,
        lists=[
            ListSchema(
                key=each["key"], name=each["name"]["en"], category=each["category"], position=number,
                forecast_weight=str(each["forecast_weight"]) if each.get("forecast_weight") else None,
            )
            for number, each in enumerate(tree["lists"])
        ],
        fields=[
            FieldSchema(
                key=each["key"], name=each["key"], type=each["type"], kind=KINDS[each["type"]],
                config={"project": each["config"]["project"]} if each["type"] == "reference" else {},
            )
            for each in fields
        ],
        tags=[TagSchema(key=each["key"], name=each["key"].title()) for each in tree["tags"]],
        version=1,
    )  # fmt: skip


def snapshot(project: str, each: Deal | Invoice, category: str) -> RecordSnapshot:
    created = each.created_at if isinstance(each, Deal) else "2024-03-25T09:00:00Z"
    entered = each.entered_at if isinstance(each, Deal) else created
    values: dict[str, Any] = {
        "amount": each.amount and {"amount": each.amount, "currency": getattr(each, "currency", "EUR")}
    }
    if isinstance(each, Deal):
        confidence = None if each.confidence is None else str(each.confidence)
        values |= {"confidence": confidence, "expected_close_date": each.closes, "lost_reason": each.lost_reason}
    else:
        values |= {"paid_on": each.paid_on}
    return RecordSnapshot.model_validate(
        {
            "id": each.id, "project": project, "project_key": project, "list": each.list, "list_category": category,
            "title": each.id, "values": {key: value for key, value in values.items() if value is not None},
            "tags": getattr(each, "tags", ()), "created_at": created, "updated_at": entered,
            "entered_list_at": entered, "last_activity_at": entered, "version": 1, "imported": True,
        }
    )  # fmt: skip


@dataclass
class Sales:
    service: Running

    async def keep(self, deals: Iterable[Deal], invoices: Iterable[Invoice], rates: Rates) -> None:
        categories = {
            key: {each.key: each.category for each in told(key).lists} for key in ("opportunities", "invoices")
        }
        records = [snapshot("opportunities", each, categories["opportunities"][each.list]) for each in deals]
        records += [snapshot("invoices", each, categories["invoices"][each.list]) for each in invoices]
        events: list[Event] = [RecordCreated(record=each) for each in records]
        for day, code, rate in rates:
            events.append(RateChanged(date=day, source=code, target="EUR", rate=str(rate), version=1))
        rows = [row for event in events for row in facts(event)]
        for table in ("record", "stage_entry", "rate"):
            await self.service.clickhouse.insert(table, [row.columns for row in rows if row.table == table])

    async def charts(self) -> dict[str, Any]:
        """The data as charts show it: one value, or the values by label."""
        data = await self.service.get("/v1/dashboards/sales/data")
        return {key: plain(each) for key, each in data["charts"].items()}


@pytest_asyncio.fixture
async def sales(service: Running) -> AsyncIterator[Sales]:
    async with service.database.transaction() as transaction:
        for key in ("customers", "opportunities", "invoices"):
            await projects.keep(transaction, told(key))
    answer = await service.client.post("/v1/configuration/part", json={"dashboards": [template()["dashboard"]]})
    assert answer.json()["skipped"] == []
    yield Sales(service)


async def test_the_golden_sample_gives_exactly_its_charts(sales: Sales) -> None:
    await sales.keep(DEALS, INVOICES, [RATE])
    charts = await sales.charts()
    assert charts == EXPECTED
    assert list(charts["deals_by_stage"]) == list(EXPECTED["deals_by_stage"])


async def test_a_sample_nobody_has_seen_agrees_with_plain_python(sales: Sales) -> None:
    deals, invoices = made_up(random.Random(20240620))
    await sales.keep(deals, invoices, MADE_UP_RATES)
    charts = await sales.charts()
    expected = computed(deals, invoices, MADE_UP_RATES)
    assert {key: charts[key] for key in expected} == expected
    assert len(expected) == len(EXPECTED)
    chart = {"type": "stat", "source": "opportunities", "measure": {"fn": "sum", "field": "amount"}}
    asked = (await sales.service.client.post("/v1/charts/query", json=chart)).json()
    assert asked["unpriced"] == sum(1 for each in deals if each.amount and in_euro(each, MADE_UP_RATES) is None) > 0
