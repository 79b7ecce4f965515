"""The journey Trunkline exists for, on the real engines: a provider's webhook moves a deal and changes a number."""

import json
import random
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.journeys.platform import FIXTURES, Platform, deliveries, eventually

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TOKEN = "test-aircall-webhook-token"
CALLER = "+12025550147"
DAY = {"from": "2025-11-18T00:00:00Z", "to": "2025-11-19T00:00:00Z"}


@dataclass(frozen=True)
class Story:
    """A deal of a customer whose number will call, a rule that waits for it, and the door the provider knocks at."""

    platform: Platform
    customer: str
    deal: str
    rule: str
    hook: str

    def deliver(self, bodies: list[bytes], traceparent: str | None = None) -> None:
        headers = {"content-type": "application/json"} | ({"traceparent": traceparent} if traceparent else {})
        with httpx.Client(trust_env=False, timeout=30) as client:
            for body in bodies:
                answer = client.post(self.hook, content=body, headers=headers)
                assert answer.is_success, answer.text

    def call(self) -> dict[str, Any]:
        """Empty while nobody has read the deliveries."""
        page = self.platform.get("calls", "/v1/calls", provider_call_id="3120000000000001")
        if not page["items"]:
            return {}
        (listed,) = page["items"]
        found: dict[str, Any] = self.platform.get("calls", f"/v1/calls/{listed['id']}")
        return found


@pytest.fixture(scope="module")
def story(platform: Platform) -> Story:
    projects = platform.post("records", "/v1/templates/sales_crm/install", {"language": "en"})["projects"]
    customer = platform.post(
        "records",
        f"/v1/projects/{projects['customers']}/records",
        {"title": "Hofstra Interiors", "values": {"phone": "+1 202-555-0147"}},
    )
    deal = platform.post(
        "records",
        f"/v1/projects/{projects['opportunities']}/records",
        {
            "title": "Twelve seats",
            "list": "qualification",
            "values": {"customer": customer["id"], "amount": {"amount": "4800.00", "currency": "EUR"}},
        },
    )
    rule = platform.post(
        "automations",
        "/v1/rules",
        {
            "name": "An answered call starts the proposal",
            "project": "opportunities",
            "trigger": {"type": "call.ended", "outcome": ["answered"]},
            "conditions": {"all": [{"field": "list", "op": "eq", "value": "qualification"}]},
            "actions": [
                {"type": "move", "list": "writing_proposal"},
                {"type": "create_task", "title": "Write the proposal for {{record.title}}", "due_in": "P1D"},
            ],
            "enabled": True,
            "settings": {"run_on_history": True},
        },
    )
    connection = platform.post(
        "calls", "/v1/connections", {"provider": "aircall", "name": "Sales line", "secrets": {"token": TOKEN}}
    )
    hook = platform.urls["calls"] + connection["hook_path"]
    eventually(lambda: platform.get("automations", "/v1/rules")["items"])
    return Story(platform, customer["id"], deal["id"], rule["id"], hook)


@pytest.fixture(scope="module")
def before(story: Story) -> dict[str, Any]:
    """The numbers before the call."""
    return {key: metric(story.platform, key) for key in ("service_level", "aht")}


@pytest.fixture(scope="module")
def travelled(story: Story, before: dict[str, Any]) -> Story:
    """The story after the whole call was delivered and its consequences have come to rest."""
    story.deliver(deliveries("inbound_answered"), f"00-{TRACE}-00f067aa0ba902b7-01")
    eventually(lambda: story.call().get("status") == "ended" and story.call()["wrap_up_s"] == 30)
    eventually(lambda: runs(story, "done"))
    eventually(lambda: metric(story.platform, "aht")["value"] is not None)
    return story


def metric(platform: Platform, key: str) -> dict[str, Any]:
    (point,) = platform.get("analytics", f"/v1/metrics/{key}", **DAY)["points"]
    found: dict[str, Any] = point
    return found


def runs(story: Story, state: str) -> list[dict[str, Any]]:
    page = story.platform.get("automations", "/v1/runs", rule=story.rule, state=state)
    items: list[dict[str, Any]] = page["items"]
    return items


def effects(story: Story) -> dict[str, Any]:
    """Everything the call has brought about, for comparing before and after."""
    platform = story.platform
    return {
        "call": story.call(),
        "activities": [
            (each["type"], each["id"])
            for each in platform.get("records", f"/v1/records/{story.customer}/activities")["items"]
        ],
        "tasks": [each["id"] for each in platform.get("records", f"/v1/records/{story.deal}/activities")["items"]],
        "deal": _without_clocks(platform.get("records", f"/v1/records/{story.deal}")),
        "runs": [each["id"] for each in runs(story, "done")],
        "numbers": {key: metric(platform, key) for key in ("service_level", "aht", "asa", "call_volume")},
    }


def test_the_call_is_what_the_provider_meant(travelled: Story) -> None:
    expected = json.loads((FIXTURES / "expected.json").read_text())["inbound_answered"]
    call = travelled.call()
    assert {key: call[key] for key in expected} == expected


def test_the_call_stands_on_the_record_that_owns_the_number(travelled: Story) -> None:
    activities = travelled.platform.get("records", f"/v1/records/{travelled.customer}/activities")["items"]
    assert [each["type"] for each in activities] == ["call"]
    assert travelled.customer in eventually(lambda: travelled.call()["records"])


def _without_clocks(deal: dict[str, Any]) -> dict[str, Any]:
    """The deal without what grows by itself: how long it has stood in its list."""
    values = {key: value for key, value in deal["values"].items() if key != "time_in_list"}
    return deal | {"values": values}


def test_the_rule_moved_the_deal_and_made_a_task(travelled: Story) -> None:
    deal = travelled.platform.get("records", f"/v1/records/{travelled.deal}")
    assert deal["list"] == "writing_proposal"
    tasks = travelled.platform.get("records", f"/v1/records/{travelled.deal}/activities")["items"]
    assert [each["body"] for each in tasks if each["type"] == "task"] == ["Write the proposal for Twelve seats"]


def test_the_run_says_why(travelled: Story) -> None:
    (run,) = runs(travelled, "done")
    whole = travelled.platform.get("automations", f"/v1/runs/{run['id']}")
    assert whole["why"][0]["actual"] == "qualification"
    assert whole["why"][0]["holds"] is True
    assert [each["state"] for each in whole["steps"]] == ["done", "done"]


def test_the_numbers_changed(travelled: Story, before: dict[str, Any]) -> None:
    assert before["service_level"]["value"] is None
    assert before["service_level"]["reason"]
    after = {key: metric(travelled.platform, key) for key in before}
    assert after["service_level"]["denominator"] == 1
    # Answered 23 s after the menu: one call, not within 20 s.
    assert after["service_level"]["value"] == 0
    # 184 s of talk, 20 s on hold, 30 s of wrap-up.
    assert after["aht"]["value"] == 234


def test_one_trace_runs_through_all_four_services(travelled: Story) -> None:
    for service in ("calls", "records", "automations", "analytics"):
        eventually(lambda service=service: [s for s in travelled.platform.spans(service) if s["trace_id"] == TRACE])


@pytest.mark.parametrize("disorder", ["again", "reversed", "each twice", "shuffled"])
def test_repeats_and_disorder_change_nothing(travelled: Story, disorder: str) -> None:
    before = effects(travelled)
    bodies = deliveries("inbound_answered")
    mixed = random.Random(7).sample(bodies, len(bodies))
    orders = {
        "again": bodies,
        "reversed": bodies[::-1],
        "each twice": [b for b in bodies for _ in "ab"],
        "shuffled": mixed,
    }
    travelled.deliver(orders[disorder])
    eventually(lambda: not travelled.platform.get("calls", "/v1/deliveries", state="received")["items"])
    assert effects(travelled) == before
