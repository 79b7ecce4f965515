"""A company's workspace: the sales CRM, its people and their deals, and a rule that waits for calls. Made once."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from trunkline.client import request
from trunkline.installed import Running
from trunkline.simulator.people import people
from trunkline.simulator.sales import Customer, deals
from trunkline.simulator.scenario import LINES

LANGUAGES = ("en", "nl")
AT_ONCE = 500
ADS = LINES[1]
TASK = {"en": "Call back: {{customer_name}}", "nl": "Terugbellen: {{customer_name}}"}
RULE = {"en": "A missed call becomes a task", "nl": "Een gemiste oproep wordt een taak"}


def furnish(running: Running, language: str, seed: int) -> None:
    """Set the workspace up, unless it is."""
    known = request(running, "records", "GET", "/v1/projects")["items"]
    if any(project["key"] == "opportunities" for project in known):
        return
    request(running, "records", "POST", "/v1/templates/sales_crm/install", body={"language": language})
    customers = _customers(running, seed)
    _add(running, "opportunities", deals(customers, datetime.now(UTC), seed))
    request(running, "automations", "POST", "/v1/rules", body=_rule(language))
    _advertise(running, datetime.now(UTC).date())


def _advertise(running: Running, today: date) -> None:
    """A campaign on one of the office's numbers, and what it has cost in the last month."""
    first = (today - timedelta(days=30)).isoformat()
    spring = {"key": "spring", "name": "Spring", "source": ADS.name, "numbers": [ADS.digits], "from": first}
    spent = {"from": first, "to": today.isoformat(), "source": ADS.name, "campaign": "spring"}
    request(running, "calls", "PUT", "/v1/campaigns", body=[spring])
    request(running, "calls", "PUT", "/v1/spend", body=[spent | {"amount": "2400.00", "currency": "EUR"}])


def _customers(running: Running, seed: int) -> list[Customer]:
    """Everyone the invented calls come from."""
    persons = people(seed)
    items = [
        {"title": each.company, "values": {"phone": each.phone, "email": each.email, "category": "customer"}}
        for each in persons
    ]
    ids = _add(running, "customers", items)
    return [Customer(made, each.company) for made, each in zip(ids, persons, strict=True)]


def _add(running: Running, project: str, items: list[dict[str, Any]]) -> list[str]:
    ids: list[str] = []
    for first in range(0, len(items), AT_ONCE):
        body = {"items": items[first : first + AT_ONCE]}
        made = request(running, "records", "POST", f"/v1/projects/{project}/records/bulk", body=body)
        ids += [item["id"] for item in made["items"]]
    return ids


def _rule(language: str) -> dict[str, Any]:
    return {
        "name": RULE[language],
        "project": "opportunities",
        "trigger": {"type": "call.ended", "direction": "inbound", "outcome": ["abandoned", "missed"]},
        "conditions": {"all": [{"field": "list_category", "op": "eq", "value": "open"}]},
        "actions": [{"type": "create_task", "title": TASK[language], "due_in": "P1D"}],
        "enabled": True,
    }
