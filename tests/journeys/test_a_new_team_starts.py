"""A team's first day: moved in from another CRM, a thousand customers imported, a stranger's enquiry, a new colleague.

What it brings along is the sample whose charts were worked out by hand; then another, worked out in plain Python.
"""

import csv
import random
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from services.analytics.tests.sample import DEALS, EXPECTED, INVOICES, MADE_UP_RATES, PROFITS, RATE, computed, made_up

from tests.journeys.moving import moved_in, shown
from tests.journeys.platform import TRUNKLINE, Platform, command, eventually, started
from tests.journeys.ways_out import Looking, asking, charting

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


@dataclass(frozen=True)
class Staff:
    """Ids of users, and their keys."""

    rep: str
    junior: str
    manager: str
    keys: dict[str, str]


@pytest.fixture(scope="module")
def staff(office: Platform) -> Staff:
    teams = {"rep": ["sales"], "junior": [], "manager": ["sales_managers"]}
    asked = {name: {"name": name, "email": f"{name}@example.com", "teams": each} for name, each in teams.items()}
    ids = {name: office.post("records", "/v1/users", each)["id"] for name, each in asked.items()}
    with office.client("records") as client:
        for project in ("opportunities", "customers"):
            path = f"/v1/projects/{project}/roles/junior_rep"
            client.patch(path, json={"users": [ids["junior"]]}).raise_for_status()
    scopes = ["read", "write"]
    asked = {name: {"name": name, "scopes": scopes, "user": each} for name, each in ids.items()}
    return Staff(**ids, keys={name: office.post("records", "/v1/keys", each)["key"] for name, each in asked.items()})


@pytest.fixture(scope="module")
def enquiry(office: Platform, staff: Staff, charts: dict[str, Any]) -> dict[str, Any]:
    """The opportunity that a stranger's answer on the public page made, as soon as somebody is to see to it."""
    assert charts
    (form,) = office.get("records", "/v1/projects/customers/forms")["items"]
    with httpx.Client(trust_env=False, timeout=30) as stranger:
        page = stranger.get(form["share"]["link"])
        (token,) = re.findall(r'name="_token" value="([^"]+)"', page.text)
        answers = {"title": "Bakkerij Smit", "email": "info@smit.example", "phone": "020 794 6999", "_token": token}
        # A person does not fill it in within three seconds.
        eventually(lambda: stranger.post(form["share"]["link"], data=answers).is_success)

    def assigned() -> Any:
        (deal,) = found(office, "opportunities", {"title": "Bakkerij Smit"})
        return deal if deal["assignees"] == [staff.rep] and deal["due_at"] else None

    deal: dict[str, Any] = eventually(assigned)
    return deal


def found(office: Platform, project: str, condition: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]]
    items = office.post("records", f"/v1/projects/{project}/records/query", {"filter": condition})["items"]
    return items


def test_a_strangers_enquiry_is_a_customer_and_an_opportunity(office: Platform, enquiry: dict[str, Any]) -> None:
    (customer,) = found(office, "customers", {"title": "Bakkerij Smit"})
    assert (customer["values"]["phone"], customer["values"]["source"]) == ("+31207946999", "website")
    assert (enquiry["list"], enquiry["values"]["customer_name"]) == ("unqualified", "Bakkerij Smit")


def test_the_rule_for_new_leads_says_why_it_ran(office: Platform, enquiry: dict[str, Any]) -> None:
    (run,) = eventually(lambda: office.get("automations", "/v1/runs", record=enquiry["id"], state="done")["items"])
    steps = office.get("automations", f"/v1/runs/{run['id']}")["steps"]
    assert [each["action"] for each in steps] == ["assign", "set_due_date", "notify"]
    assert {each["state"] for each in steps} == {"done"}


def test_a_customer_renamed_is_renamed_in_the_deals_at_once(office: Platform, enquiry: dict[str, Any]) -> None:
    (customer,) = found(office, "customers", {"title": "Bakkerij Smit"})
    with office.client("records") as client:
        client.patch(f"/v1/records/{customer['id']}", json={"title": "Banketbakkerij Smit"}).raise_for_status()
    (deal,) = found(office, "opportunities", {"field": "customer_name", "op": "starts_with", "value": "Banket"})
    assert (deal["id"], deal["values"]["customer_name"]) == (enquiry["id"], "Banketbakkerij Smit")


@pytest.fixture(scope="module")
def costly(office: Platform, staff: Staff, enquiry: dict[str, Any]) -> Looking:
    """A deal whose cost, and so its profit, stands wherever a value may get to; to be looked at by a manager."""
    people = [{"user": staff.junior}, {"user": staff.manager}]
    text = "{{title}}: {{cost}} and {{record.cost}}, {{profit}}"
    rule = {
        "name": "Margins", "project": "opportunities", "trigger": {"type": "field.changed", "fields": ["cost"]},
        "conditions": {"field": "cost", "op": "gte", "value": "1.00"},
        "actions": [{"type": "post_comment", "body": text}, {"type": "notify", "to": people, "title": text}],
    }  # fmt: skip
    office.post("automations", "/v1/rules", rule)
    chart = {"key": "margin", "type": "stat", "title": "Margin", "source": "opportunities"}
    chart |= {"measure": {"fn": "sum", "field": "profit"}, "filter": {"title": "Costly"}}
    grants = [each | {"role": "viewer"} for each in people]
    shared = {"key": "margin", "title": "Margin", "charts": [chart], "sharing": {"grants": grants}}
    office.post("analytics", "/v1/dashboards", shared)
    body = "{{ record.cost | money }} {{ record.profit | money }}"
    quote = {"name": "Quote", "kind": "html", "bodies": {"en": {"subject": "Quote", "body": body}}}
    values = {"customer": enquiry["values"]["customer"], "amount": "10000.00", "cost": "7654.32"}
    deal = {"title": "Costly", "list": "qualification", "values": values}
    made = office.post("records", "/v1/projects/opportunities/records", deal)["id"]
    with office.client("records") as client:
        client.put("/v1/document-templates/quote", json=quote).raise_for_status()
        client.patch(f"/v1/records/{made}", json={"values": {"cost": "7654.33"}}).raise_for_status()
    dear = {"name": "Dear", "project": "opportunities", "criteria": {"field": "cost", "op": "gte", "value": "7654.33"}}
    selection = office.post("records", "/v1/selections", dear)["id"]
    eventually(lambda: len(office.get("automations", "/v1/runs", record=made, state="done")["items"]) == 1)
    return Looking(office, staff.keys["manager"], made, selection)


# Cost and profit, before and after, however they are written.
AMOUNTS = re.compile(r"7.?654[.,]3[23]|2.?345[.,]6[78]")


def test_a_manager_finds_what_a_deal_costs(costly: Looking) -> None:
    eventually(lambda: AMOUNTS.search(costly.ask("analytics", "GET", "/v1/dashboards/margin/data").text))
    telling = {answer.url.path for answer in costly.everywhere() if AMOUNTS.search(answer.text)}
    record = f"/v1/records/{costly.deal}"
    assert telling >= {record, f"{record}/history", "/v1/projects/opportunities/records/query"}
    assert telling >= {"/v1/notifications", "/v1/dashboards/margin/data", f"/v1/selections/{costly.selection}"}
    assert any(path.endswith("/file") for path in telling)
    assert any(path.startswith("/v1/documents/") for path in telling)
    assert any(path.startswith("/v1/runs/") for path in telling)


def test_a_junior_finds_it_nowhere(costly: Looking, staff: Staff) -> None:
    junior = replace(costly, key=staff.keys["junior"])
    answers = list(junior.everywhere())
    assert [answer.url.path for answer in answers if AMOUNTS.search(answer.text)] == []
    told = [answer for answer in answers if answer.is_success and answer.url.path.startswith("/v1/projects")]
    assert [answer.url.path for answer in told if re.search(r'"(cost|profit)"', answer.text)] == []


def test_what_is_hidden_is_refused_like_what_is_not_there(costly: Looking, staff: Staff) -> None:
    junior = replace(costly, key=staff.keys["junior"])
    for service, path, bodies in (
        ("records", "/v1/projects/opportunities/records/query", asking),
        ("analytics", "/v1/charts/query", charting),
    ):
        refused = [junior.ask(service, "POST", path, body) for body in bodies("cost")]
        unknown = [junior.ask(service, "POST", path, body) for body in bodies("wine")]
        assert [each.text for each in refused] == [each.text.replace("wine", "cost") for each in unknown]
        assert {each.status_code for each in refused} == {422}
