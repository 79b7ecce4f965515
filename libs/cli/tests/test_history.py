"""Reading again what was delivered, and what a provider's own history tells."""

import json
from pathlib import Path
from typing import Any

import pytest

from trunkline.client import request
from trunkline.installed import Running, find
from trunkline.testing import Installed

QUEUE_LOG = """\
1773133200|1773133200.1|support|NONE|ENTERQUEUE||+31201234567|1
1773133210|1773133200.1|support|PJSIP/anna|CONNECT|10|1773133205.2|5
1773133270|1773133200.1|support|PJSIP/anna|COMPLETECALLER|10|60|1
"""
ASTERISK = {"provider": "asterisk", "name": "The office", "secrets": {"forwarder_hmac_key": "s" * 40}}


@pytest.fixture(scope="module")
def running(whole: Installed) -> Running:
    found = find(whole.data)
    request(found, "calls", "POST", "/v1/connections", body=ASTERISK)
    return found


def test_a_queue_log_is_taken_in_once(whole: Installed, running: Running, tmp_path: Path) -> None:
    file = tmp_path / "queue_log"
    file.write_text(QUEUE_LOG)
    assert told(whole, "backfill", "asterisk", "--file", str(file)) == {"lines": 3, "new": 3}
    assert told(whole, "backfill", "The office", "--file", str(file)) == {"lines": 3, "new": 0}
    (call,) = request(running, "calls", "GET", "/v1/calls")["items"]
    assert call["from_number"] == "+31201234567"


def test_which_connection_is_meant_must_be_clear(whole: Installed, running: Running) -> None:
    assert running.key
    said = whole.run("backfill", "vonage", "--from", "2026-03-01")
    assert (said.exit_code, "No connection is 'vonage'; there is:" in said.output) == (9, True)
    assert "The office" in said.output
    assert whole.run("backfill", "asterisk").exit_code == 2


def test_deliveries_are_tried_and_then_read_again(whole: Installed, running: Running) -> None:
    tried = told(whole, "replay", "--provider", "asterisk", "--dry-run")
    assert (tried["matching"], tried["replayed"], tried["trial"]["changed"]) == (3, 0, 0)
    assert told(whole, "replay", "--provider", "asterisk", "--yes")["replayed"] == 3
    assert told(whole, "replay", "--provider", "twilio", "--yes")["matching"] == 0
    said = whole.run("replay")
    assert (said.exit_code, "Say which deliveries" in said.output) == (9, True)
    assert len(request(running, "calls", "GET", "/v1/calls")["items"]) == 1


def told(whole: Installed, *arguments: str) -> Any:
    said = whole.run(*arguments, "--json")
    assert said.exit_code == 0, said.output
    return json.loads(said.stdout)
