"""What a tired person, a broken client or an attacker sends, and what they are told."""

import json
import socket
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.journeys.platform import TRUNKLINE, Platform, deliveries, eventually

TOKEN = "another-webhook-token"
JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def hook(platform: Platform) -> str:
    body = {"provider": "aircall", "name": "Bad line", "secrets": {"token": TOKEN}}
    return platform.urls["calls"] + platform.post("calls", "/v1/connections", body)["hook_path"]


def post(url: str, body: bytes) -> httpx.Response:
    return httpx.post(url, content=body, headers=JSON, trust_env=False, timeout=30)


def authentic(body: Any) -> bytes:
    return json.dumps({"token": TOKEN, **body}).encode()


def test_a_wrong_signature_is_turned_away(hook: str) -> None:
    assert post(hook, deliveries("inbound_missed")[0]).status_code == 401
    assert post(hook, b"\xff\x00 not json at all").status_code == 401


def test_an_unknown_connection_is_not_found(platform: Platform) -> None:
    assert post(f"{platform.urls['calls']}/hooks/aircall/no-such-token", b"{}").status_code == 404


def test_a_body_too_large_is_refused(hook: str) -> None:
    assert post(hook, authentic({"padding": "x" * (2 << 20)})).status_code == 413


def test_what_is_authentic_but_not_understood_is_kept(platform: Platform, hook: str) -> None:
    assert post(hook, authentic({"event": "call.teleported", "timestamp": 1763457245, "data": {"id": 1}})).is_success
    kept = eventually(lambda: platform.get("calls", "/v1/deliveries", state="quarantined")["items"])
    assert "call.teleported" in kept[0]["reason"]
    assert TOKEN not in json.dumps(platform.get("calls", f"/v1/deliveries/{kept[0]['id']}"))


def test_an_unknown_field_in_a_filter_is_named(platform: Platform) -> None:
    platform.post("records", "/v1/projects", {"key": "boats", "name": "Boats"})
    with platform.client("records") as client:
        body = {"filter": {"all": [{"field": "amont", "op": "gte", "value": 3}]}}
        answer = client.post("/v1/projects/boats/records/query", json=body)
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["pointer"] == "/filter/all/0/field"
    assert "amont" in error["detail"]


def test_a_port_in_use_is_one_clear_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = subprocess.run(
            [*TRUNKLINE, "up", "--data", str(tmp_path), "--port-base", str(port - 1)],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert said.returncode == 5
    assert str(port) in said.stderr
    assert "Traceback" not in said.stderr


def test_a_damaged_folder_is_one_clear_sentence(tmp_path: Path) -> None:
    (tmp_path / "installation.json").write_text("{")
    said = subprocess.run(
        [*TRUNKLINE, "up", "--data", str(tmp_path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert said.returncode == 7
    assert "installation.json is damaged" in said.stderr.replace("\n", " ")
    assert "Traceback" not in said.stderr
