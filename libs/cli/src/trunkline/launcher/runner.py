"""The life of one part: started, ready, dead, started again after a pause that grows."""

import logging
import time
from subprocess import Popen

from shared.engines import processes
from trunkline.failures import StartFailed
from trunkline.launcher import identity, logs
from trunkline.launcher.part import Part
from trunkline.launcher.state import Condition, PartState

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 10.0
STEADY = 30.0  # seconds after which a death counts as the first again
FIRST_TRIES = 3

log = logging.getLogger(__name__)


class Runner:
    """Call `launch` once, then `tick` often. After the first readiness it never gives up."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.state: Condition = "stopped"
        self.restarts = 0
        self.process: Popen[bytes] | None = None
        self.started_at = 0.0
        self._began = time.monotonic()
        self._due = 0.0
        self._pause = FIRST_PAUSE
        self._was_ready = False
        self._tries = 0
        self._next_question = 0.0

    def launch(self) -> None:
        logs.rotate(self.part.log)
        self._tries += 1
        self.part.before()
        self.process = processes.spawn(self.part.command, self.part.log)
        self.state, self._began, self.started_at = "starting", time.monotonic(), time.time()

    def tick(self) -> bool:
        """Look after the part; whether anything changed. Raises `StartFailed` only before its first readiness."""
        if self.process is None:
            return self._launch_when_due()
        if self.process.poll() is not None:
            self._bury(self.process.returncode)
            return True
        if self.state == "starting":
            return self._welcome(self.process)
        return False

    @property
    def seconds(self) -> float:
        """Since its start."""
        return time.monotonic() - self._began

    def ask_to_stop(self) -> None:
        self.state = "stopped"
        if self.process and self.process.poll() is None:
            self.process.send_signal(self.part.command.stop)

    def kill(self) -> None:
        if self.process:
            processes.kill(self.process)

    @property
    def is_gone(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def described(self) -> PartState:
        number = None if self.process is None else self.process.pid
        return PartState(
            name=self.part.name,
            kind=self.part.kind,
            state=self.state,
            process_id=number,
            fingerprint=identity.fingerprint(number) if number else None,
            restarts=self.restarts,
            started_at=self.started_at if number else None,
            address=self.part.address,
            log=str(self.part.log),
            stop_signal=int(self.part.command.stop),
        )

    def _launch_when_due(self) -> bool:
        if self.state != "waiting" or time.monotonic() < self._due:
            return False
        self.restarts += 1
        self.launch()
        return True

    def _welcome(self, process: Popen[bytes]) -> bool:
        if self._asks() and self.part.is_ready(process.pid):
            if not self._was_ready:
                self.part.after()
            self.state, self._was_ready = "ready", True
            log.info("%s is ready after %.2f s (process %s)", self.part.name, self.seconds, process.pid)
            return True
        if self.seconds > self.part.patience:
            self._lose_patience()
            return True
        return False

    def _asks(self) -> bool:
        """Not too often: answering costs it time, of which it has little just now."""
        if time.monotonic() < self._next_question:
            return False
        self._next_question = time.monotonic() + self.part.every
        return True

    def _lose_patience(self) -> None:
        self.kill()
        if not self._was_ready:
            raise StartFailed(
                f"{self.part.name} was not ready after {self.part.patience:.0f} s: "
                f"{processes.tail(self.part.log)} (its log: {self.part.log})"
            )

    def _bury(self, code: int) -> None:
        """It died: note why, and when to try again."""
        if not self._was_ready and self._tries >= FIRST_TRIES:
            raise StartFailed(
                f"{self.part.name} does not start (it ended with code {code}): "
                f"{processes.tail(self.part.log)} (its log: {self.part.log})"
            )
        if self.state == "ready" and self.seconds > STEADY:
            self._pause = FIRST_PAUSE
        log.warning("%s ended with code %s; it starts again in %.1f s", self.part.name, code, self._pause)
        self.process, self.state = None, "waiting"
        self._due = time.monotonic() + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE)
