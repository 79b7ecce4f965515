"""Child processes that never outlive their parent."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from shared.engines import guard
from shared.engines.failures import EngineFailed

TAIL_LINES = 3


@dataclass(frozen=True)
class Command:
    """What to run. ``user`` is another system user (only root may ask); ``stop`` ends it cleanly.

    ``orphaned`` is the signal the kernel sends when the parent dies, however it dies. ``inherited`` are open files
    the child keeps: a lock among them is held for as long as the child lives.
    """

    arguments: tuple[str, ...]
    directory: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    stop: signal.Signals = signal.SIGTERM
    orphaned: signal.Signals = signal.SIGTERM
    inherited: tuple[int, ...] = ()


def spawn(command: Command, log: Path) -> subprocess.Popen[bytes]:
    """Start it in a session of its own, output appended to ``log``. Call it from the main thread.

    The kernel ties the child to the *thread* that started it.
    """
    wrapper = [sys.executable, "-I", "-S", guard.__file__, str(int(command.orphaned)), str(os.getpid())]
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603 — our own command line, no shell
            [*wrapper, command.user or "-", *command.arguments],
            cwd=command.directory,
            env=dict(command.environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=command.inherited,
        )


def stop(process: subprocess.Popen[bytes], command: Command, timeout: float = 10.0) -> None:
    """Ask it to end; after ``timeout`` seconds do not ask any more."""
    if process.poll() is None:
        process.send_signal(command.stop)
    try:
        process.wait(timeout)
    except subprocess.TimeoutExpired:
        kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """End it and whatever it started, at once."""
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # it leads its own group
        process.wait()


def wait_until(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path, timeout: float = 20.0) -> None:
    """Return when ``ready()``. Raises `EngineFailed`, with the end of the log, if it dies or takes too long."""
    deadline = time.monotonic() + timeout
    while not ready():
        if process.poll() is not None:
            raise EngineFailed(f"It ended with code {process.returncode}: {tail(log)} (log: {log})")
        if time.monotonic() > deadline:
            raise EngineFailed(f"It was not ready after {timeout:.0f} s: {tail(log)} (log: {log})")
        time.sleep(0.01)


def tail(log: Path, lines: int = TAIL_LINES) -> str:
    """The last lines of a log, as one."""
    try:
        text = log.read_bytes()[-4096:].decode(errors="replace")
    except OSError:
        return "no log"
    return " / ".join(text.strip().splitlines()[-lines:]) or "nothing logged"
