"""What there is to ask about: a platform with something in it, its callers, and how what it holds is called."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import httpx
from tests.journeys.platform import Platform, deliveries, eventually

# How things are called, by the address of the list they stand in: {"/v1/projects": ["customers", …], …}.
Known = dict[str, list[str]]
ADMINISTRATOR = "an administrator"
TOKEN = "test-aircall-webhook-token"
JSON = {"content-type": "application/json"}


def furnished(platform: Platform) -> Known:
    """A template with its rules and dashboard, a customer with a deal, a call that was missed."""
    platform.post("records", "/v1/templates/sales_crm/install", {})
    return records(platform) | calls(platform)


def records(platform: Platform) -> Known:
    customer = made(platform, "/v1/projects/customers/records", title="Bakkerij Smit", values={"phone": "0207946001"})
    values = {"customer": customer["id"], "amount": "1000.00", "cost": "765.43", "deal_source": "website"}
    deal = made(platform, "/v1/projects/opportunities/records", title="Website", values=values, tags=["seo"])
    record = f"/v1/records/{deal['id']}"
    checklist = made(platform, f"{record}/checklists", name="Before the quote", items=[{"text": "VAT number?"}])
    activity = made(platform, f"{record}/activities", type="note", body="They called")
    made(platform, f"{record}/comments", body="Who goes there?")
    made(platform, "/v1/selections", name="All of them", project="customers", criteria={"list_category": "neutral"})
    (form,) = platform.get("records", "/v1/projects/customers/forms")["items"]
    slug = form["share"]["link"].rpartition("/")[2]
    return {
        "/v1/records": [deal["id"], customer["id"]],
        "/v1/activities": [activity["id"]],
        "/v1/checklists": [checklist["id"]],
        "/v1/checklist-items": [item["id"] for item in checklist["items"]],
        "/v1/keys": [made(platform, "/v1/keys", name="To be revoked", scopes=["read"])["id"]],
        "/v1/users": [made(platform, "/v1/users", name="Wim", email="wim@example.com")["id"]],
        "/v1/templates": ["sales_crm", "sales_guide"],
        "/v1/forms": [slug],
        "/forms": [slug],
    }


def calls(platform: Platform) -> Known:
    body = {"provider": "aircall", "name": "Line", "secrets": {"token": TOKEN}}
    hook = platform.post("calls", "/v1/connections", body)["hook_path"]
    for delivery in deliveries("inbound_missed"):
        httpx.post(platform.urls["calls"] + hook, content=delivery, headers=JSON, trust_env=False).raise_for_status()
    eventually(lambda: platform.get("calls", "/v1/calls")["items"])
    eventually(lambda: platform.get("automations", "/v1/runs")["items"])
    return {"/hooks": ["aircall"], "/hooks/aircall": [hook.rpartition("/")[2]]}


def made(platform: Platform, path: str, **body: Any) -> Any:
    return platform.post("records", path, body)


def callers(platform: Platform) -> dict[str, str | None]:
    """An administrator, one from whom fields are hidden, one without a role, one who may only read, and nobody."""
    junior, stranger = (made(platform, "/v1/users", name=name, email=f"{name}@example.com") for name in ("jo", "sam"))
    with platform.client("records") as client:
        role = {"users": [junior["id"]]}
        client.patch("/v1/projects/opportunities/roles/junior_rep", json=role).raise_for_status()
    asked: dict[str, dict[str, Any]] = {
        "a junior": {"scopes": ["read", "write"], "user": junior["id"]},
        "a stranger": {"scopes": ["read", "write"], "user": stranger["id"]},
        "a reader": {"scopes": ["read"]},
    }
    given = {name: made(platform, "/v1/keys", name=name, **key)["key"] for name, key in asked.items()}
    return {ADMINISTRATOR: platform.key, **given, "nobody": None}


def discovered(known: Known, client: httpx.Client, paths: Iterable[str]) -> Known:
    """With what the lists of this service hold, but for the role that makes a junior one."""
    found = dict(known)
    for path in sorted(paths, key=len):
        for address in lists(path, found):
            if address not in found:
                # A connection of its own: one that is kept may be closed by the other side just as it is used again.
                answer = client.get(address, headers={"connection": "close"})
                found[address] = [name for name in names(answer) if name != "junior_rep"]
    return found


def lists(path: str, known: Known) -> Iterator[str]:
    """``/v1/projects/{project}/fields/{key}`` → /v1/projects, /v1/projects/customers/fields, …"""
    addresses = [""]
    for part in path.strip("/").split("/"):
        if part.startswith("{"):
            yield from addresses
            addresses = [f"{each}/{name}" for each in addresses for name in known.get(each, [])[:3]]
        else:
            addresses = [f"{each}/{part}" for each in addresses]


def names(answer: httpx.Response) -> list[str]:
    body = answer.json() if answer.is_success and "json" in answer.headers.get("content-type", "") else None
    things = body.get("items") if isinstance(body, dict) else body
    return [
        str(name) for each in things or [] if isinstance(each, dict) and (name := each.get("key") or each.get("id"))
    ]


def aimed(path: str, known: Known, choose: Callable[[list[str]], str]) -> dict[str, str]:
    """The parameters of a path, as far as there is something for them to name."""
    address, found = "", {}
    for part in path.strip("/").split("/"):
        name = part
        if part.startswith("{"):
            if not known.get(address):
                break
            found[part.strip("{}")] = name = choose(known[address])
        address += f"/{name}"
    return found
