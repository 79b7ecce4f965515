"""Ending what a killed supervisor left running, before anything new starts on the same folder."""

import logging
import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import psutil

from trunkline.launcher import identity
from trunkline.launcher.state import PartState, State

PATIENCE = 20.0

log = logging.getLogger(__name__)


def end(state: State | None) -> list[str]:
    """End the recorded children that still live, services first; their names. Gentle for `PATIENCE` seconds."""
    alive = [part for part in reversed(state.parts) if _lives(part)] if state else []
    for part in alive:
        log.warning("ending %s (process %s), left over from the last run", part.name, part.process_id)
        _end(part)
    return [part.name for part in alive]


def _lives(part: PartState) -> bool:
    return bool(part.process_id and part.fingerprint and identity.is_alive(part.process_id, part.fingerprint))


def _end(part: PartState) -> None:
    if part.process_id and part.fingerprint:
        _end_process(part.process_id, part.fingerprint, part.stop_signal)


def _end_process(process_id: int, fingerprint: str, gently: int) -> None:
    """Return when it is gone; being a zombie is gone enough."""
    with suppress(ProcessLookupError):
        os.kill(process_id, gently)
        deadline = time.monotonic() + PATIENCE
        while identity.is_alive(process_id, fingerprint):
            if time.monotonic() > deadline:
                os.killpg(process_id, signal.SIGKILL)
            time.sleep(0.02)


def clear_stale_postmaster(data: Path) -> None:
    """Remove ``postmaster.pid`` where it would keep PostgreSQL from starting although nobody runs there.

    That is: it names a living stranger (the number was given out again) or is not readable as such (a power cut).
    A PostgreSQL that nobody recorded is ended first. We hold the folder's lock, so nobody starts one meanwhile.
    """
    file = data / "postmaster.pid"
    if not file.exists():
        return
    for process in _running_in(data):
        log.warning("ending PostgreSQL (process %s), left over from an unknown run", process.pid)
        _end_process(process.pid, identity.fingerprint(process.pid) or "", signal.SIGINT)
    if _misleads(file):
        log.warning("removing %s, left over from a killed run", file)
        file.unlink(missing_ok=True)


def _misleads(file: Path) -> bool:
    try:
        return bool(psutil.pid_exists(int(file.read_text().split("\n", 1)[0])))
    except (ValueError, OSError):
        return True


def _running_in(data: Path) -> list[psutil.Process]:
    """The postmasters (not their children) that work in that folder."""
    everything = psutil.process_iter(["name", "cwd"])
    found = [each for each in everything if each.info["name"] == "postgres" and each.info["cwd"] == str(data)]
    numbers = {process.pid for process in found}
    return [process for process in found if process.ppid() not in numbers]
