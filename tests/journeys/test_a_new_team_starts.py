"""A team's first day: moved in from another CRM, a thousand customers imported, a stranger's enquiry, a new colleague.

What it brings along is the sample whose charts were worked out by hand; then another, worked out in plain Python.
"""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from services.analytics.tests.sample import DEALS, EXPECTED, INVOICES, MADE_UP_RATES, PROFITS, RATE, computed, made_up

from tests.journeys.moving import moved_in, shown
from tests.journeys.platform import Platform, command, started


@pytest.fixture(scope="module")
def office() -> Iterator[Platform]:
    """A platform of its own: its charts show these samples and nothing else."""
    with started() as running:
        command("install", "sales_crm", "--data", str(running.data), "--language", "en")
        yield running


@pytest.fixture(scope="module")
def ids(office: Platform) -> dict[str, str]:
    return moved_in(office, DEALS, INVOICES, [RATE])


@pytest.fixture(scope="module")
def charts(office: Platform, ids: dict[str, str]) -> dict[str, Any]:
    return shown(office, len(ids))


def test_profits_are_those_worked_out(office: Platform, ids: dict[str, str]) -> None:
    values = {deal.id: office.get("records", f"/v1/records/{ids[deal.id]}")["values"] for deal in DEALS}
    profits = {key: each["profit"] for key, each in values.items() if each.get("profit")}
    assert profits == {key: {"amount": amount, "currency": "EUR"} for key, amount in PROFITS.items()}
    assert values["o1"]["invoiced"] == {"amount": "10000.00", "currency": "EUR"}


def test_charts_are_those_worked_out(charts: dict[str, Any]) -> None:
    assert charts == EXPECTED
    assert list(charts["deals_by_stage"]) == list(EXPECTED["deals_by_stage"])


def test_no_rule_fires_on_what_moves_in(office: Platform, charts: dict[str, Any]) -> None:
    assert charts
    runs = office.get("automations", "/v1/runs")["items"]
    assert {run["reason"] for run in runs} == {"imported"}


def test_another_sample_agrees_with_plain_python(office: Platform, charts: dict[str, Any]) -> None:
    assert charts
    deals, invoices = made_up(random.Random(20240621))
    moved_in(office, deals, invoices, MADE_UP_RATES)
    deals, invoices = [*DEALS, *deals], [*INVOICES, *invoices]
    expected = computed(deals, invoices, [RATE, *MADE_UP_RATES])
    assert len(expected) == len(EXPECTED)
    found = shown(office, len(deals) + len(invoices))
    assert {key: found[key] for key in expected} == expected
