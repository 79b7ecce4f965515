"""A team's first day: moved in from another CRM, a thousand customers imported, a stranger's enquiry, a new colleague.

What it brings along is the sample whose charts were worked out by hand; then another, worked out in plain Python.
"""

import csv
import random
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from services.analytics.tests.sample import DEALS, EXPECTED, INVOICES, MADE_UP_RATES, PROFITS, RATE, computed, made_up

from tests.journeys.moving import moved_in, shown
from tests.journeys.platform import TRUNKLINE, Platform, command, eventually, started

MOST, PARTLY_DONE = 1000, 10
# What stands in a broken row, and in which column.
BROKEN = (("Email", "not an address"), ("Phone", "12"), ("Website", "http://"), ("Name", ""))
Rows = list[dict[str, str]]


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


@pytest.fixture(scope="module")
def customers() -> Rows:
    return [
        {
            "Name": f"Company {number}", "Email": f"info@c{number}.example", "Phone": f"020 794 {number:04}",
            "Website": f"https://c{number}.example", "Source": "Referral", "Category": "Prospect",
        }
        for number in range(MOST)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def rejected(office: Platform, customers: Rows, tmp_path_factory: pytest.TempPathFactory) -> Rows:
    """What did not get in of a thousand rows of which twenty are broken."""
    folder = tmp_path_factory.mktemp("import")
    broken = {number: BROKEN[turn % len(BROKEN)] for turn, number in enumerate(range(7, MOST, 50))}
    rows = [dict(row) for row in customers]
    for number, (column, mistake) in broken.items():
        rows[number][column] = mistake
    said = imported(office, written(folder / "customers.csv", rows), "--rejected", str(folder / "rejected.csv"))
    assert said.returncode == PARTLY_DONE, said.stderr
    with (folder / "rejected.csv").open(newline="") as file:
        found = list(csv.DictReader(file))
    assert len(found) == len(broken)
    return found


def imported(office: Platform, file: Path, *words: str) -> subprocess.CompletedProcess[str]:
    asked = ["import", str(file), "--project", "customers", "--match-on", "email", "--data", str(office.data), *words]
    return subprocess.run([*TRUNKLINE, *asked], capture_output=True, text=True, timeout=120, check=False)


def written(file: Path, rows: Sequence[dict[str, str]]) -> Path:
    with file.open("w", newline="") as opened:
        writer = csv.DictWriter(opened, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return file


def counted(office: Platform, project: str) -> int:
    found = office.post("records", f"/v1/projects/{project}/records/query", {"limit": 1, "count": True})
    return int(found["count"])


def test_all_rows_but_the_broken_ones_are_in(office: Platform, rejected: Rows) -> None:
    assert counted(office, "customers") == MOST - len(rejected)


def test_each_broken_row_comes_back_with_its_reason(rejected: Rows) -> None:
    for turn, row in enumerate(rejected):
        column, mistake = BROKEN[turn % len(BROKEN)]
        assert row[column] == mistake
        assert row["reason"].startswith(f"{column}: ")


def test_the_mended_file_brings_in_the_rest_and_none_twice(
    office: Platform, rejected: Rows, customers: Rows, tmp_path: Path
) -> None:
    assert rejected
    said = imported(office, written(tmp_path / "mended.csv", customers), "--on-match", "merge_empty")
    assert said.returncode == 0, said.stderr
    assert counted(office, "customers") == MOST
    query = {"fields": [], "sort": [{"field": "created_at"}], "limit": 500}
    first = office.post("records", "/v1/projects/customers/records/query", query)
    rest = office.post("records", "/v1/projects/customers/records/query", query | {"cursor": first["next_cursor"]})
    assert {each["title"] for each in first["items"] + rest["items"]} == {row["Name"] for row in customers}
