"""A number and an address, used everywhere and then erased, are found nowhere: no dump, no stream, no log, no trace."""

import asyncio
import csv
import io
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
    """In a record and its history, a comment, a rule and its run, a consent, a form, files in and out, and a call."""
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
    _agree(alone, person)
    _answer(alone)
    _import(alone)
    _job(alone, "/v1/exports", {"project": "customers"})
    _call(alone)
    eventually(lambda: alone.get("automations", "/v1/notifications")["items"])
    eventually(lambda: _logged(alone, person, deal))
    return Planted(alone, person, deal)


def _agree(platform: Platform, person: str) -> None:
    mail = {"key": "mail", "name": "Mail", "items": [{"key": "newsletter", "name": "Newsletter"}]}
    platform.post("records", "/v1/value-lists", mail)
    field = {"key": "agreed", "name": "Agreed", "type": "consent", "config": {"value_list": "mail"}}
    platform.post("records", "/v1/projects/customers/fields", field)
    said = {"field": "agreed", "option": "newsletter", "state": "given", "evidence": f"mail of {EMAIL}"}
    platform.post("records", f"/v1/records/{person}/consents", said)


def _answer(platform: Platform) -> None:
    """Somebody whose number is another's, and who names the canary."""
    form = {
        "key": "hint",
        "title": "Hint",
        "fields": [{"key": "title"}, {"key": "description"}],
        "protection": {"min_fill_seconds": 0},
    }
    slug = platform.post("records", "/v1/projects/customers/forms", form)["slug"]
    platform.post("records", f"/v1/forms/{slug}/submissions", {"title": "Eva", "description": f"Ring {NUMBER}!"})


def _import(platform: Platform) -> dict[str, Any]:
    """A file whose one row does not get in."""
    with platform.client("records") as client:
        file = f"Name,Phone,E-mail\nCanary Bird,{NUMBER},no address of {EMAIL}\n".encode()
        upload = client.post("/v1/imports/uploads", content=file).json()["upload"]
    mapping = {"Name": "title", "Phone": "phone", "E-mail": "email"}
    return _job(platform, "/v1/imports", {"upload": upload, "project": "customers", "mapping": mapping})


def _call(platform: Platform) -> None:
    asked = {"provider": "aircall", "name": "Sales", "secrets": {"token": "test-aircall-webhook-token"}}
    _deliver(platform, platform.post("calls", "/v1/connections", asked)["hook_path"], deliveries("inbound_answered"))


def _deliver(platform: Platform, hook: str, bodies: list[bytes]) -> None:
    with httpx.Client(base_url=platform.urls["calls"], trust_env=False, timeout=30) as client:
        for body in bodies:
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
    with planted.platform.client("records") as client:
        table = client.get(f"/v1/persons/exports/{job['id']}/file", params={"format": "csv"}).text
    lines = list(csv.DictReader(io.StringIO(table.removeprefix("\ufeff"))))
    assert {each["service"] for each in lines} == set(SERVICES)
    assert {each["value"] for each in lines if each["field"] == "external_number"} == {f"'{NUMBER}"}


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
    assert all(part["left"] == 0 and part["verified_at"] and part["kept"] for part in receipt["services"].values())
    assert receipt["services"]["calls"]["stores"]["nats:CALLS"] > 0
    assert _dumped(platform) == dict.fromkeys(SERVICES, 0)
    assert _in_files(platform.data) == []
    assert not CANARY.search(json.dumps(receipt).encode())
    (call,) = platform.get("calls", "/v1/calls", provider_call_id="3120000000000001")["items"]
    assert call["external_number"] == receipt["mark"]
    assert platform.get("records", f"/v1/records/{planted.deal}")["title"] == f"Seats for {receipt['mark']}"


def test_who_was_erased_does_not_come_back_late(planted: Planted) -> None:
    """By a webhook, a repeat of one, a replay, or an old file."""
    platform = planted.platform
    (connection,) = platform.get("calls", "/v1/connections")["items"]
    late = [body.replace(b"3120000000000001", b"3120000000000009") for body in deliveries("inbound_answered")]
    _deliver(platform, connection["hook_path"], [*late, *deliveries("inbound_answered")])
    platform.post("calls", "/v1/deliveries/replay", {"connection": connection["id"]})
    assert _import(platform)["result"]["rejected"] == 1
    both = {"3120000000000001", "3120000000000009"}
    calls = eventually(lambda: _ended(platform, both))
    assert len({each["external_number"] for each in calls} - {NUMBER}) == 1
    assert _dumped(platform) == dict.fromkeys(SERVICES, 0)
    assert _in_files(platform.data) == []


def _ended(platform: Platform, ids: set[str]) -> list[dict[str, Any]]:
    """These calls, once all that is waiting was understood."""
    found = [each for each in platform.get("calls", "/v1/calls")["items"] if each["provider_call_id"] in ids]
    waiting = platform.get("calls", "/v1/deliveries", state="received")["items"]
    return found if len(found) == len(ids) and not waiting else []


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
