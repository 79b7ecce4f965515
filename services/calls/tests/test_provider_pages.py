"""The pages customers follow: who does what they say is connected; the words they explain are those one sees."""

import inspect
import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from services.calls.tests.running import Running

from calls.domain import refusal, silence
from calls.domain.providers import providers
from trunkline.simulator.dialects import Dialect, dialects
from trunkline.simulator.scenario import InventedCall, day
from trunkline.simulator.truth import differences

PAGES = Path(__file__).parents[3] / "docs" / "providers"
BEGIN = re.compile(r'\{\s*"provider":')
# What a customer puts in the place of <…>: base64, which one provider's secret must be.
OWN = "YSBzZWNyZXQgb2YgYXQgbGVhc3QgdGhpcnR5LXR3byBieXRlcw=="


def connections(page: str) -> list[dict[str, Any]]:
    """Every connection a page shows, in a block or within a line."""
    text = re.sub(r"\s*\n\s*", " ", page)
    decoder = json.JSONDecoder()
    return [decoder.raw_decode(text, found.start())[0] for found in BEGIN.finditer(text)]


def filled_in(shown: dict[str, Any], dialect: Dialect) -> dict[str, Any]:
    """With a customer's own values; what is shown as … is for later."""
    secrets = {name: re.sub("<.*>", OWN, value) for name, value in shown["secrets"].items() if value != "…"}
    return shown | {"secrets": secrets, "settings": shown.get("settings", {}) | dict(dialect.settings)}


@pytest.fixture(scope="module")
def call() -> InventedCall:
    """Somebody called, waited and was answered."""
    monday = day(1, date(2026, 3, 16))
    return next(each for each in monday if each.rings and each.answered_at and not each.handed_over)


@pytest.mark.parametrize("provider", providers())
async def test_who_follows_its_page_is_connected(service: Running, provider: str, call: InventedCall) -> None:
    dialect = dialects()[provider]
    (shown,) = connections((PAGES / f"{provider}.md").read_text())
    asked = filled_in(shown, dialect)
    answer = await service.client.post("/v1/connections", json=asked)
    assert answer.is_success, answer.text
    made = answer.json()
    assert made["public_url"] == f"https://calls.example.com{made['hook_path']}"
    await greeted(service, dialect, made)
    for webhook in dialect.webhooks(call, asked["secrets"]):
        address = made["public_url"] + webhook.path
        proof = dialect.sign(webhook, address, asked["secrets"], datetime.now(UTC))
        taken = await service.post(webhook.body, urlsplit(address).path, **dict(webhook.headers), **dict(proof))
        assert taken.is_success, taken.text
    await service.settled()
    assert differences((await service.get("/v1/calls"))["items"], [dialect.tells(call)]) == []
    seen = await service.get(f"/v1/connections/{made['id']}")
    assert (seen["delivered_at"] is not None, seen["refused"], seen["quarantined"]) == (True, 0, 0)
    assert seen["warning"] is None


async def greeted(service: Running, dialect: Dialect, made: dict[str, Any]) -> None:
    """The handshake, let in as the page says, where there is one."""
    if not dialect.greets:
        return
    assert (await service.client.post(f"/v1/connections/{made['id']}/subscribe")).is_success
    await service.refreshed()
    answer = await service.post(b"", made["hook_path"], **{"validation-token": "42"})
    assert answer.headers["validation-token"] == "42"


async def test_the_request_that_the_pages_begin_with_makes_a_connection(service: Running) -> None:
    (shown,) = connections((PAGES / "README.md").read_text())
    assert (await service.client.post("/v1/connections", json=shown)).is_success


def test_the_words_that_are_explained_are_those_one_sees() -> None:
    said = inspect.getsource(refusal) + inspect.getsource(silence)
    seen = re.findall(r"^\|([^|]*)\|", (PAGES / "README.md").read_text(), re.MULTILINE)
    explained = [
        part.strip(" .") for cell in seen for told in re.findall(r"\*(.+?)\*", cell) for part in told.split("…")
    ]
    assert [each for each in explained if each not in said] == []
    assert len(explained) > 5
