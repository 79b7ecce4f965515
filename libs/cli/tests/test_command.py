"""The command line itself: help, options, what it makes of answers."""

import http.server
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar

import pytest
import typer
from typer.testing import CliRunner

from trunkline.client import request
from trunkline.commands import clock
from trunkline.failures import NotReady, PortTaken, Refused, from_code
from trunkline.installed import Running
from trunkline.launcher.port_map import PortMap
from trunkline.main import app

COMMANDS = ("up", "status", "down", "key", "doctor", "install", "clock")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    said = CliRunner().invoke(app, [command, "--help"])
    assert said.exit_code == 0
    assert "--data" in said.output
    assert "Exit codes" in said.output


def test_the_command_lists_its_subcommands() -> None:
    said = CliRunner().invoke(app, ["--help"])
    assert all(f" {command} " in said.output for command in COMMANDS)


def test_a_wrong_port_base_is_a_usage_error() -> None:
    said = CliRunner().invoke(app, ["up", "--port-base", "70000"])
    assert said.exit_code == 2


def test_services_are_reached_on_this_machine_wherever_they_listen() -> None:
    assert PortMap(8000, "0.0.0.0").address("calls") == "http://127.0.0.1:8003"  # noqa: S104
    assert PortMap(8000, "::1").address("calls") == "http://[::1]:8003"
    assert PortMap(9000, "10.1.2.3").address("records") == "http://10.1.2.3:9001"


def test_a_failure_keeps_its_kind_between_processes() -> None:
    assert isinstance(from_code(5, "Port 8001 is taken."), PortTaken)


@pytest.mark.parametrize(
    ("text", "meant"), [("P7D", timedelta(days=7)), ("-PT1H", timedelta(hours=-1)), ("0", timedelta())]
)
def test_an_offset_is_a_duration(text: str, meant: timedelta) -> None:
    assert clock._wanted(None, text) == meant


def test_a_time_without_a_zone_is_utc() -> None:
    assert clock._moment("2026-03-01T09:00:00") == clock._moment("2026-03-01T10:00:00+01:00")


@pytest.mark.parametrize("arguments", [("soon", None), (None, "soon"), ("2026-03-01T09:00:00Z", "P1D")])
def test_what_is_no_time_is_a_usage_error(arguments: tuple[str | None, str | None]) -> None:
    with pytest.raises(typer.BadParameter):
        clock._wanted(*arguments)


class Records(http.server.BaseHTTPRequestHandler):
    """Answers as told, and remembers what it was asked."""

    answer: ClassVar[tuple[int, bytes]] = (201, b"{}")
    asked: ClassVar[list[tuple[str, dict[str, str], bytes]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(self.answer[0])
        self.end_headers()
        self.wfile.write(self.answer[1])

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def records() -> Iterator[Running]:
    Records.asked.clear()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Records) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield Running({"records": f"http://127.0.0.1:{server.server_address[1]}"}, "tl_key")
        server.shutdown()
        thread.join()


def test_a_request_carries_the_key_and_an_idempotency_key(records: Running) -> None:
    Records.answer = (201, b'{"projects": {}}')
    assert request(records, "records", "POST", "/v1/templates/sales_crm/install", body={}) == {"projects": {}}
    path, headers, body = Records.asked[0]
    assert (path, body) == ("/v1/templates/sales_crm/install", b"{}")
    assert headers["authorization"] == "Bearer tl_key"
    assert headers["idempotency-key"]


def test_a_refusal_is_told_in_the_services_words(records: Running) -> None:
    problem = {"detail": "There is no such variant.", "errors": [{"pointer": "/variant", "detail": "unknown"}]}
    Records.answer = (422, json.dumps(problem).encode())
    with pytest.raises(Refused, match=r"There is no such variant\. /variant: unknown"):
        request(records, "records", "POST", "/v1/templates/sales_crm/install", body={})


def test_an_answer_that_is_no_problem_document_is_told_too(records: Running) -> None:
    Records.answer = (502, b"<html>")
    with pytest.raises(Refused, match="records answered 502"):
        request(records, "records", "POST", "/", body={})


def test_a_service_that_is_away_is_named() -> None:
    with pytest.raises(NotReady, match="records does not answer"):
        request(Running({"records": "http://127.0.0.1:9"}, "tl_key"), "records", "GET", "/")
