"""Keeping a list of parts alive, whatever they are."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shared.engines.ports import free_ports
from shared.engines.processes import Command
from trunkline.failures import Interrupted, StartFailed
from trunkline.launcher import logs, probe, runner
from trunkline.launcher import supervisor as supervisor_module
from trunkline.launcher.life import end_of
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
        refusal=lambda _number: probe.refusal(address),
        address=address,
        log=folder / f"{name}.log",
        patience=patience,
    )


def script(folder: Path, name: str, text: str) -> Part:
    command = Command((sys.executable, "-c", text), folder, dict(os.environ))
    log = folder / f"{name}.log"
    return Part(name, "service", command, lambda _number: None if "deaf" in log.read_text() else "mute", "", log)


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
    (mortal,) = supervisor.runners
    listener = threading.Thread(target=_kill_three_times, args=(mortal,))
    listener.start()
    supervisor.watch()
    listener.join()
    assert mortal.restarts == 3
    assert mortal.state == "ready"
    pauses = [float(each) for each in re.findall(r"starts again in ([0-9.]+) s", caplog.text)]
    assert pauses == sorted(set(pauses))
    assert len(pauses) == 3
    supervisor.stop()


def _kill_three_times(victim: object) -> None:
    for number in range(3):
        _wait_for(lambda wanted=number: victim.state == "ready" and victim.restarts == wanted)  # type: ignore[attr-defined]
        os.kill(victim.process.pid, signal.SIGKILL)  # type: ignore[attr-defined]
    _wait_for(lambda: victim.state == "ready" and victim.restarts == 3)  # type: ignore[attr-defined]
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
    with pytest.raises(StartFailed, match=r"slow does not start \(it was not ready after 0 s: "):
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


def test_a_part_that_lives_but_falls_silent_is_started_again(
    tmp_path: Path, signals: Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "LISTENING", 0.01)
    monkeypatch.setattr(supervisor_module, "WATCHING", 0.01)
    switch = tmp_path / "ready"
    switch.touch()
    supervisor = Supervisor([[server(tmp_path, "mute", str(switch))]], signals, lambda *_: None)
    supervisor.start()
    (watched,) = supervisor.runners
    switch.unlink()
    listener = threading.Thread(target=_end_when, args=(lambda: watched.restarts == 1,))
    listener.start()
    supervisor.watch()
    listener.join()
    assert watched.trouble == f"it was not ready {runner.SILENCES} times in a row: it answers 503"
    supervisor.stop()


def test_a_part_is_not_blamed_for_the_silence_of_what_it_stands_on(
    tmp_path: Path, signals: Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "LISTENING", 0.0)
    switch = tmp_path / "ready"
    switch.touch()
    (watched,) = Supervisor([[server(tmp_path, "mute", str(switch))]], signals, lambda *_: None).runners
    watched.launch()
    _wait_for(watched.tick)
    switch.unlink()
    assert not any(watched.tick(supported=False) for _ in range(2 * runner.SILENCES))
    assert watched.state == "ready"
    watched.kill()


def _end_when(condition: Callable[[], bool]) -> None:
    _wait_for(condition)
    os.kill(os.getpid(), signal.SIGTERM)


def test_it_ends_with_the_process_it_runs_along_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor_module, "WATCHING", 0.01)
    companion = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"])
    with companion, Signals(end_of(companion.pid)) as signals:
        supervisor = Supervisor([[server(tmp_path, "one")]], signals, lambda *_: None)
        supervisor.start()
        companion.kill()
        supervisor.watch()
        supervisor.stop()
    assert supervisor.runners[0].is_gone
    with pytest.raises(StartFailed, match="no process"):
        end_of(companion.pid)
