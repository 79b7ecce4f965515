"""A number and an address, used everywhere and then erased, are found nowhere: no dump, no stream, no log, no trace."""

import asyncio
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from tests.journeys.platform import Platform, deliveries, eventually, started

# The number of the caller in the fixtures, and an address that is nobody's.
NUMBER, EMAIL = "+12025550147", "canary.bird@example.org"
# However it is written: digits with what may stand between them, the address with its @ encoded or not.
CANARY = re.compile(
    rb"(?<![0-9])(?:1[ .()-]*)?202[ .()-]*555[ .()-]*0147(?![0-9])|canary\.bird(?:@|%40)example", re.IGNORECASE
)
SERVICES = ("records", "automations", "calls", "analytics")


@pytest.fixture(scope="module")
def alone() -> Iterator[Platform]:
    """A platform of its own: whatever another journey leaves would be found here."""
    with started() as running:
        yield running


@dataclass(frozen=True)
class Planted:
    platform: Platform
    person: str
    deal: str


@pytest.fixture(scope="module")
def planted(alone: Platform) -> Planted:
    """In a record, its history, a comment, a rule's notification and run, an import, an export, and a whole call."""
    projects = alone.post("records", "/v1/templates/sales_crm/install", {"language": "en"})["projects"]
    user = alone.post("records", "/v1/users", {"name": "Ann", "email": "ann@example.com"})["id"]
    trigger = {"type": "record.created"}
    notice = {"type": "notify", "to": [{"user": user}], "title": "Call {{record.title}}", "body": "at {{record.phone}}"}
    alone.post(
        "automations",
        "/v1/rules",
        {"name": "Tell", "project": "customers", "trigger": trigger, "actions": [notice], "enabled": True},
    )
    person = alone.post(
        "records",
        f"/v1/projects/{projects['customers']}/records",
        {"title": "Canary Bird 202-555-0147", "values": {"phone": NUMBER, "email": EMAIL}},
        **{"Idempotency-Key": "plant"},
    )["id"]
    values = {"title": f"Seats for {EMAIL}", "values": {"customer": person}}
    deal = alone.post("records", f"/v1/projects/{projects['opportunities']}/records", values)["id"]
    alone.post("records", f"/v1/records/{deal}/comments", {"body": f"Rang (202) 555-0147, wrote to {EMAIL}."})
    _call(alone)
    eventually(lambda: alone.get("automations", "/v1/notifications")["items"])
    eventually(lambda: _logged(alone, person, deal))
    return Planted(alone, person, deal)


def _call(platform: Platform) -> None:
    asked = {"provider": "aircall", "name": "Sales", "secrets": {"token": "test-aircall-webhook-token"}}
    hook = platform.urls["calls"] + platform.post("calls", "/v1/connections", asked)["hook_path"]
    with httpx.Client(trust_env=False, timeout=30) as client:
        for body in deliveries("inbound_answered"):
            assert client.post(hook, content=body, headers={"content-type": "application/json"}).is_success


def _logged(platform: Platform, *records: str) -> bool:
    pages = [platform.get("records", f"/v1/records/{each}/activities")["items"] for each in records]
    return any(item["type"] == "call" for page in pages for item in page)


def _job(platform: Platform, path: str, body: Any) -> dict[str, Any]:
    job = platform.post("records", path, body)

    def over() -> Any:
        found = platform.get("records", f"/v1/jobs/records/{job['id']}")
        return found if found["state"] not in ("waiting", "running") else None

    done: dict[str, Any] = eventually(over)
    assert done["state"] == "done", done["error"]
    return done


def test_an_export_tells_what_each_service_knows(planted: Planted) -> None:
    job = _job(planted.platform, "/v1/persons/export", {"phone": NUMBER, "email": EMAIL})
    told = planted.platform.get("records", f"/v1/persons/exports/{job['id']}/file")["services"]
    assert {row["id"] for row in told["records"]["record"]} == {planted.person, planted.deal}
    assert {row["external_number"] for row in told["calls"]["call"]} == {NUMBER}
    assert told["automations"]["event"]
    assert told["analytics"]["clickhouse:record"]


def test_a_dry_run_changes_nothing(planted: Planted) -> None:
    asked = {"phone": NUMBER, "dry_run": True}
    receipt = _job(planted.platform, "/v1/persons/erase", asked)["result"]
    assert receipt["records"] == {"deleted": [planted.person], "blanked": []}
    assert receipt["services"]["calls"]["stores"]["call"] == 1
    assert planted.platform.get("records", f"/v1/records/{planted.person}")["values"]["phone"] == NUMBER


def test_who_is_erased_is_found_nowhere(planted: Planted) -> None:
    platform = planted.platform
    assert any(_dumped(platform).values())
    receipt = _job(platform, "/v1/persons/erase", {"phone": NUMBER})["result"]
    assert set(receipt["services"]) == set(SERVICES)
    assert all(part["left"] == 0 and part["verified_at"] for part in receipt["services"].values())
    assert receipt["services"]["calls"]["stores"]["nats:CALLS"] > 0
    assert _dumped(platform) == dict.fromkeys(SERVICES, 0)
    assert _in_files(platform.data) == []
    assert not CANARY.search(json.dumps(receipt).encode())
    (call,) = platform.get("calls", "/v1/calls", provider_call_id="3120000000000001")["items"]
    assert call["external_number"] == receipt["mark"]
    assert platform.get("records", f"/v1/records/{planted.deal}")["title"] == f"Seats for {receipt['mark']}"


def _dumped(platform: Platform) -> dict[str, int]:
    """How many rows of each service's database tell of the canary, in any column of any table."""
    return asyncio.run(_dump(platform))


def _address(platform: Platform, service: str) -> str:
    server: str = platform.status()["engines"]["postgres"]
    return f"{server.rpartition('/')[0]}/{service}"


async def _dump(platform: Platform) -> dict[str, int]:
    found = {}
    for service in SERVICES:
        connection = await asyncpg.connect(_address(platform, service))
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        rows = [
            str(row).encode().replace(b"\\x", b"")
            for (table,) in tables
            for row in await connection.fetch(f'SELECT * FROM "{table}"')  # noqa: S608 — the catalogue's own names
        ]
        found[service] = sum(bool(CANARY.search(row)) for row in rows)
        await connection.close()
    return found


def _in_files(data: Path) -> list[str]:
    """Streams, ClickHouse, spool, files, logs and traces: every file but those of PostgreSQL, which is dumped."""
    files = [each for each in data.rglob("*") if each.is_file() and "postgres" not in each.parts]
    return [str(each) for each in files if CANARY.search(each.read_bytes())]
