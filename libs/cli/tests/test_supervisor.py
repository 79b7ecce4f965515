"""Keeping a list of parts alive, whatever they are."""

import os
import re
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.engines.ports import free_ports
from shared.engines.processes import Command
from trunkline.failures import Interrupted, StartFailed
from trunkline.launcher import logs, probe
from trunkline.launcher.part import Part
from trunkline.launcher.signals import Signals
from trunkline.launcher.supervisor import STOP_PATIENCE, Supervisor

SERVER = """
import http.server, pathlib, signal, sys
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if len(sys.argv) < 3 or pathlib.Path(sys.argv[2]).exists() else 503)
        self.end_headers()
    def log_message(self, *_):
        pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Ready).serve_forever()
"""
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
)


def server(folder: Path, name: str, *arguments: str, patience: float = 60.0) -> Part:
    port = free_ports(1)[0]
    address = f"http://127.0.0.1:{port}"
    return Part(
        name=name,
        kind="service",
        command=Command((sys.executable, "-c", SERVER, str(port), *arguments), folder, dict(os.environ)),
        is_ready=lambda _number: probe.refusal(address) is None,
        address=address,
        log=folder / f"{name}.log",
        patience=patience,
    )


def script(folder: Path, name: str, text: str) -> Part:
    command = Command((sys.executable, "-c", text), folder, dict(os.environ))
    log = folder / f"{name}.log"
    return Part(name, "service", command, lambda _number: "deaf" in log.read_text(), "", log)


@pytest.fixture
def signals() -> Iterator[Signals]:
    with Signals() as one:
        yield one


def test_parts_start_in_order_and_stop_in_reverse(tmp_path: Path, signals: Signals) -> None:
    heard: list[tuple[str, str]] = []
    stages = [[server(tmp_path, "first")], [server(tmp_path, "second")]]
    supervisor = Supervisor(stages, signals, lambda _all, changed: heard.append(_said(changed)))
    supervisor.start()
    supervisor.stop()
    assert heard == [
        ("first", "starting"),
        ("first", "ready"),
        ("second", "starting"),
        ("second", "ready"),
        ("second", "stopped"),
        ("first", "stopped"),
    ]
    assert all(runner.is_gone for runner in supervisor.runners)


def _said(changed: object) -> tuple[str, str]:
    return changed.part.name, changed.state  # type: ignore[attr-defined]


def test_a_part_that_dies_again_and_again_is_started_after_growing_pauses(
    tmp_path: Path, signals: Signals, caplog: pytest.LogCaptureFixture
) -> None:
    supervisor = Supervisor([[server(tmp_path, "mortal")]], signals, lambda *_: None)
    supervisor.start()
    (runner,) = supervisor.runners
    listener = threading.Thread(target=_kill_three_times, args=(runner,))
    listener.start()
    supervisor.watch()
    listener.join()
    assert runner.restarts == 3
    assert runner.state == "ready"
    pauses = [float(each) for each in re.findall(r"starts again in ([0-9.]+) s", caplog.text)]
    assert pauses == sorted(set(pauses))
    assert len(pauses) == 3
    supervisor.stop()


def _kill_three_times(runner: object) -> None:
    for number in range(3):
        _wait_for(lambda wanted=number: runner.state == "ready" and runner.restarts == wanted)  # type: ignore[attr-defined]
        os.kill(runner.process.pid, signal.SIGKILL)  # type: ignore[attr-defined]
    _wait_for(lambda: runner.state == "ready" and runner.restarts == 3)  # type: ignore[attr-defined]
    os.kill(os.getpid(), signal.SIGTERM)


def _wait_for(condition: object) -> None:
    deadline = time.monotonic() + 60
    while not condition() and time.monotonic() < deadline:  # type: ignore[operator]
        time.sleep(0.01)


def test_a_part_that_never_starts_is_named_with_its_last_words(tmp_path: Path, signals: Signals) -> None:
    supervisor = Supervisor(
        [[script(tmp_path, "broken", "raise SystemExit('out of paper')")]], signals, lambda *_: None
    )
    with pytest.raises(StartFailed, match=r"broken does not start .*out of paper.*broken\.log"):
        supervisor.start()
    supervisor.stop()


def test_a_part_that_is_never_ready_is_named(tmp_path: Path, signals: Signals) -> None:
    never = server(tmp_path, "slow", str(tmp_path / "never"), patience=0.5)
    supervisor = Supervisor([[never]], signals, lambda *_: None)
    with pytest.raises(StartFailed, match="slow was not ready after 0 s"):
        supervisor.start()
    supervisor.stop()
    assert supervisor.runners[0].is_gone


def test_a_start_can_be_interrupted(tmp_path: Path, signals: Signals) -> None:
    supervisor = Supervisor([[server(tmp_path, "slow", str(tmp_path / "never"))]], signals, lambda *_: None)
    timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(Interrupted):
        supervisor.start()
    supervisor.stop()
    timer.join()
    assert supervisor.runners[0].is_gone


def test_a_second_request_to_stop_kills(tmp_path: Path, signals: Signals) -> None:
    supervisor = Supervisor([[script(tmp_path, "stubborn", STUBBORN)]], signals, lambda *_: None)
    supervisor.start()
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGTERM))
    timer.start()
    began = time.monotonic()
    supervisor.stop()
    timer.join()
    assert 0.2 < time.monotonic() - began < STOP_PATIENCE


def test_a_large_log_steps_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "LIMIT", 10)
    log = tmp_path / "part.log"
    for number in range(5):
        log.write_text(f"{number} is longer than ten bytes")
        logs.rotate(log)
    kept = [(tmp_path / f"part.log.{number}").read_text()[0] for number in (1, 2, 3)]
    assert kept == ["4", "3", "2"]
    assert not log.exists()


def test_a_log_being_written_is_cut_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "LIMIT", 10)
    log = tmp_path / "part.log"
    with log.open("a") as writer:
        writer.write("x" * 50)
        writer.flush()
        logs.shorten(log)
        writer.write("after")
    assert log.read_text() == "after"
