"""The crash ledger: every process is killed in turn while webhooks pour in; afterwards the books must balance.

A webhook answered 2xx is in a call, a call is one activity, an activity one run, a run one task, and the chart counts
each call once. `kill -9` keeps the page cache: this proves process crashes, not power loss.
"""

import asyncio
import json
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from tests.journeys.platform import Platform, deliveries, eventually, started

pytestmark = pytest.mark.timeout(600)
WEBHOOKS_A_SECOND = 50
CALLERS = 20
TOKEN = "test-aircall-webhook-token"
PARTS = ("calls", "records", "automations", "analytics", "nats", "postgres")
SECONDS_BETWEEN_KILLS = 4.0
# What a dead process had in hand is given out again so soon.
IMPATIENT = {f"{service}_ACK_WAIT_S": "5" for service in ("RECORDS", "CALLS", "AUTOMATIONS", "ANALYTICS")}
IMPATIENT |= {"AUTOMATIONS_STEP_LEASE_S": "5", "AUTOMATIONS_REQUEST_TIMEOUT_S": "4"}
# The life of a call in four webhooks: created, answered, hung up, ended.
CHAPTERS = tuple(deliveries("inbound_answered")[number] for number in (0, 5, 8, 11))
FIRST_ID = 9_000_000_000


@dataclass
class Ledger:
    """What the provider was promised: the webhooks answered 2xx, by call; and how often it had to try again."""

    acknowledged: dict[int, set[int]] = field(default_factory=dict)
    retries: int = 0

    def sign(self, call: int, chapter: int) -> None:
        self.acknowledged.setdefault(call, set()).add(chapter)

    def ended(self) -> list[int]:
        return [call for call, chapters in self.acknowledged.items() if len(CHAPTERS) - 1 in chapters]


@pytest.fixture(scope="module")
def platform() -> Iterator[Platform]:
    with started(**IMPATIENT) as running:
        yield running


def caller(call: int) -> str:
    return f"+1202555{100 + call % CALLERS:04d}"


def body(call: int, chapter: int, now: int) -> bytes:
    """One webhook of an invented call that happened just now."""
    event = json.loads(CHAPTERS[chapter])
    data = event["data"]
    shift = now - data["started_at"] - 240
    event["timestamp"] += shift
    for moment in ("started_at", "answered_at", "ended_at"):
        data[moment] = data[moment] + shift if data[moment] else None
    data["id"], data["call_uuid"] = FIRST_ID + call, f"CA{call:030d}"
    data["raw_digits"], data["ivr_options_selected"] = caller(call), []
    return json.dumps(event).encode()


@dataclass(frozen=True)
class Sender:
    client: httpx.AsyncClient
    hook: str
    ledger: Ledger

    async def deliver(self, call: int, chapter: int, content: bytes) -> None:
        """Send one webhook until it is answered 2xx."""
        async with asyncio.timeout(90):
            while not await self._acknowledged(content):
                self.ledger.retries += 1
                await asyncio.sleep(0.25)
        self.ledger.sign(call, chapter)

    async def _acknowledged(self, content: bytes) -> bool:
        try:
            answer = await self.client.post(self.hook, content=content, headers={"content-type": "application/json"})
        except httpx.TransportError:
            return False
        return answer.is_success


async def pour(hook: str, ledger: Ledger, stop: asyncio.Event) -> None:
    """Send webhooks evenly; like a provider, send again what was not answered 2xx."""
    now = int(time.time())
    async with httpx.AsyncClient(timeout=5, trust_env=False) as client, asyncio.TaskGroup() as tasks:
        sender, number = Sender(client, hook, ledger), 0
        # Four calls at a time, chapter by chapter, each told to its end.
        while not stop.is_set() or number % 16:
            call, chapter = number // 16 * 4 + number % 4, number // 4 % 4
            tasks.create_task(sender.deliver(call, chapter, body(call, chapter, now)))
            number += 1
            await asyncio.sleep(1 / WEBHOOKS_A_SECOND)


async def kill_in_turn(platform: Platform, stop: asyncio.Event) -> None:
    """`kill -9` each part once, with time to come back in between."""
    await asyncio.sleep(2)
    for part in PARTS:
        status = await asyncio.to_thread(platform.status)
        os.kill(status["parts"][part]["pid"], signal.SIGKILL)
        await asyncio.sleep(SECONDS_BETWEEN_KILLS)
    stop.set()


def prepare(platform: Platform) -> tuple[str, str]:
    """Customers that own the callers' numbers, a rule with one effect a call, and the provider's door."""
    projects = platform.post("records", "/v1/templates/sales_crm/install", {"language": "en"})["projects"]
    customers = [{"title": f"Caller {n}", "values": {"phone": caller(n)}} for n in range(CALLERS)]
    platform.post("records", f"/v1/projects/{projects['customers']}/records/bulk", {"items": customers})
    rule = platform.post(
        "automations",
        "/v1/rules",
        {
            "name": "A task for every call",
            "project": "customers",
            "trigger": {"type": "call.ended"},
            "conditions": {"all": []},
            "actions": [{"type": "create_task", "title": "Call {{call.provider_call_id}}", "due_in": "P1D"}],
            "enabled": True,
        },
    )
    secrets = {"provider": "aircall", "name": "Line", "secrets": {"token": TOKEN}}
    connection = platform.post("calls", "/v1/connections", secrets)
    return rule["id"], platform.urls["calls"] + connection["hook_path"]


def everything(platform: Platform, service: str, path: str, **parameters: Any) -> list[dict[str, Any]]:
    """All pages of a list."""
    items: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = platform.get(service, path, limit=500, **parameters, **cursor)
        items += page["items"]
        if not page["next_cursor"]:
            return items
        cursor = {"cursor": page["next_cursor"]}


@pytest.fixture(scope="module")
async def aftermath(platform: Platform) -> tuple[Platform, Ledger, str]:
    rule, hook = prepare(platform)
    ledger, stop = Ledger(), asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(pour(hook, ledger, stop))
        tasks.create_task(kill_in_turn(platform, stop))
    await asyncio.to_thread(settle, platform, ledger, rule)
    return platform, ledger, rule


def settle(platform: Platform, ledger: Ledger, rule: str) -> None:
    """Wait until all that was acknowledged has run its course."""
    calls = len(ledger.ended())
    eventually(lambda: platform.status()["ready"], seconds=60)
    eventually(lambda: not platform.get("calls", "/v1/deliveries", state="received")["items"], seconds=60)
    eventually(
        lambda: len(everything(platform, "automations", "/v1/runs", rule=rule, state="done")) >= calls, seconds=120
    )
    eventually(lambda: volume(platform) >= len(ledger.acknowledged), seconds=60)


def volume(platform: Platform) -> int:
    (point,) = platform.get("analytics", "/v1/metrics/call_volume")["points"]
    return int(point["value"] or 0)


def tasks_and_calls(platform: Platform) -> tuple[Counter[str], Counter[str]]:
    """How often each call stands on a record, and how many tasks each call made."""
    logged: Counter[str] = Counter()
    tasks: Counter[str] = Counter()
    customers = platform.post("records", "/v1/projects/customers/records/query", {"limit": 500})["items"]
    for customer in customers:
        for activity in everything(platform, "records", f"/v1/records/{customer['id']}/activities"):
            if activity["type"] == "call":
                logged[activity["call"]["provider_call_id"]] += 1
            if activity["type"] == "task":
                tasks[activity["body"].removeprefix("Call ")] += 1
    return logged, tasks


def test_the_storm_was_one(aftermath: tuple[Platform, Ledger, str]) -> None:
    platform, ledger, _ = aftermath
    assert sum(len(chapters) for chapters in ledger.acknowledged.values()) > 20 * WEBHOOKS_A_SECOND
    assert all(part["restarts"] >= 1 for name, part in platform.status()["parts"].items() if name in PARTS)


def test_every_acknowledged_webhook_is_in_a_call(aftermath: tuple[Platform, Ledger, str]) -> None:
    platform, ledger, _ = aftermath
    calls = {each["provider_call_id"]: each for each in everything(platform, "calls", "/v1/calls")}
    assert set(calls) == {str(FIRST_ID + call) for call in ledger.acknowledged}
    for call in ledger.ended():
        assert calls[str(FIRST_ID + call)]["status"] == "ended"
        assert calls[str(FIRST_ID + call)]["outcome"] == "answered"


def test_every_call_stands_on_its_record_once(aftermath: tuple[Platform, Ledger, str]) -> None:
    platform, ledger, _ = aftermath
    logged, _ = tasks_and_calls(platform)
    assert logged == Counter({str(FIRST_ID + call): 1 for call in ledger.ended()})


def test_every_effect_is_there_once(aftermath: tuple[Platform, Ledger, str]) -> None:
    platform, ledger, rule = aftermath
    _, tasks = tasks_and_calls(platform)
    assert tasks == Counter({str(FIRST_ID + call): 1 for call in ledger.ended()})
    assert len(everything(platform, "automations", "/v1/runs", rule=rule)) == len(ledger.ended())


def test_the_chart_counts_each_call_once(aftermath: tuple[Platform, Ledger, str]) -> None:
    platform, ledger, _ = aftermath
    assert volume(platform) == len(ledger.acknowledged)


def test_no_message_died(aftermath: tuple[Platform, Ledger, str]) -> None:
    platform, _, _ = aftermath
    for service in ("calls", "records", "automations", "analytics"):
        assert platform.get(service, f"/v1/dead-letters/{service}")["items"] == []
