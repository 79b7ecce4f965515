"""Bringing a sample of sales in over HTTP, as from another CRM, and reading what the dashboard makes of it."""

from collections.abc import Sequence
from typing import Any

from services.analytics.tests.sample import Deal, Invoice, Rates, plain

from tests.journeys.platform import Platform, eventually


def moved_in(office: Platform, deals: Sequence[Deal], invoices: Sequence[Invoice], rates: Rates) -> dict[str, str]:
    """Their ids by those they had."""
    told = [{"date": day, "from": currency, "to": "EUR", "rate": str(rate)} for day, currency, rate in rates]
    with office.client("records") as client:
        client.put("/v1/rates", json=told).raise_for_status()
    made = office.post("records", "/v1/projects/opportunities/records/bulk", {"items": [*map(deal_item, deals)]})
    ids = {deal.id: each["id"] for deal, each in zip(deals, made["items"], strict=True)}
    items = [invoice_item(each, ids) for each in invoices]
    made = office.post("records", "/v1/projects/invoices/records/bulk", {"items": items})
    return ids | {each.id: put["id"] for each, put in zip(invoices, made["items"], strict=True)}


def deal_item(deal: Deal) -> dict[str, Any]:
    values: dict[str, Any] = {
        "amount": deal.amount and {"amount": deal.amount, "currency": deal.currency},
        "cost": deal.cost, "confidence": deal.confidence, "expected_close_date": deal.closes,
        "lost_reason": deal.lost_reason,
    }  # fmt: skip
    history = [{"list": deal.list, "entered_at": deal.entered_at}]
    if deal.entered_at != deal.created_at:
        history = [{"list": "unqualified", "entered_at": deal.created_at}, *history]
    return {
        "title": deal.id, "list": deal.list, "tags": list(deal.tags), "created_at": deal.created_at,
        "stage_history": history, "last_activity_at": deal.entered_at,
        "values": {key: value for key, value in values.items() if value is not None},
    }  # fmt: skip


def invoice_item(invoice: Invoice, ids: dict[str, str]) -> dict[str, Any]:
    values = {"amount": invoice.amount, "paid_on": invoice.paid_on, "opportunity": ids.get(invoice.opportunity or "")}
    given = {key: value for key, value in values.items() if value is not None}
    return {"title": invoice.id, "list": invoice.list, "values": given, "created_at": "2024-03-25T09:00:00Z"}


def shown(office: Platform, records: int) -> dict[str, Any]:
    """The charts of the dashboard, as soon as all the records have arrived there."""
    asked = {"type": "stat", "measure": {"fn": "count"}}

    def arrived() -> bool:
        counts = [
            office.post("analytics", "/v1/charts/query", {**asked, "source": project})["value"]
            for project in ("opportunities", "invoices")
        ]
        return sum(counts) == records

    eventually(arrived)
    data = office.get("analytics", "/v1/dashboards/sales/data")
    return {key: plain(chart) for key, chart in data["charts"].items()}
