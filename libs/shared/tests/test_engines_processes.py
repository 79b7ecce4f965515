"""Child processes: they end when they are told, and what they hold goes with them."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from shared.engines import locks, ports
from shared.engines.failures import EngineFailed
from shared.engines.processes import Command, spawn, stop, wait_until

STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print("up", flush=True)
time.sleep(60)
"""


def python(folder: Path, text: str, *inherited: int) -> Command:
    return Command((sys.executable, "-c", text), folder, dict(os.environ), inherited=inherited)


def test_a_stubborn_child_is_killed_with_its_children(tmp_path: Path) -> None:
    command, log = python(tmp_path, STUBBORN), tmp_path / "log"
    process = spawn(command, log)
    wait_until(lambda: log.read_text() == "up\n", process, log)
    began = time.monotonic()
    stop(process, command, timeout=0.2)
    assert time.monotonic() - began < 30
    with pytest.raises(ProcessLookupError):
        _until_gone(process.pid)


def _until_gone(group: int) -> None:
    for _ in range(100):
        os.killpg(group, 0)
        time.sleep(0.02)
        if _only_zombies(group):
            raise ProcessLookupError


def _only_zombies(group: int) -> bool:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, pgid = stat.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(pgid) == group and state != "Z":
            return False
    return True


def test_a_child_that_dies_early_is_quoted(tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = spawn(python(tmp_path, "raise SystemExit('no more ink')"), log)
    with pytest.raises(EngineFailed, match="no more ink"):
        wait_until(lambda: False, process, log)


def test_a_child_that_is_never_ready_is_quoted(tmp_path: Path) -> None:
    command, log = python(tmp_path, "import time; print('thinking', flush=True); time.sleep(60)"), tmp_path / "log"
    process = spawn(command, log)
    with pytest.raises(EngineFailed, match=r"not ready after 1 s"):
        wait_until(lambda: False, process, log, timeout=1)
    stop(process, command)


def test_an_inherited_lock_is_held_as_long_as_the_child_lives(tmp_path: Path) -> None:
    file, log = tmp_path / "lock", tmp_path / "log"
    with locks.hold(file) as descriptor:
        command = python(tmp_path, "import time; time.sleep(60)", descriptor)
        process = spawn(command, log)
    with pytest.raises(locks.Locked), locks.hold(file):
        pass
    process.send_signal(signal.SIGKILL)
    process.wait()
    with locks.hold(file):
        pass


def test_free_ports_are_free_and_different() -> None:
    found = ports.free_ports(5)
    assert len(set(found)) == 5
    assert all(ports.is_free(port) for port in found)
