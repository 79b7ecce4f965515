"""The life of one part: started, ready, dead or silent, started again after a pause that grows."""

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
LISTENING = 10.0  # seconds between questions to a part that is ready
SILENCES = 6  # in a row, and it will not come back by itself
TELLING = 10.0  # seconds after which a person wonders what a start is waiting for

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
        self._silences = 0
        self._told = 0.0
        self.trouble = ""

    def launch(self) -> None:
        logs.rotate(self.part.log)
        self._tries += 1
        self.part.before()
        self.process = processes.spawn(self.part.command, self.part.log)
        self.state, self._began, self.started_at = "starting", time.monotonic(), time.time()
        self._silences, self._told = 0, self._began

    def tick(self, *, supported: bool = True) -> bool:
        """Look after the part; whether anything changed. Raises `StartFailed` only before its first readiness.

        ``supported`` says that all it stands on is ready.
        """
        if self.process is None:
            return self._launch_when_due()
        if self.process.poll() is not None:
            self._bury(f"it ended with code {self.process.returncode}")
            return True
        if self.state == "starting":
            return self._welcome(self.process)
        return self._listen(self.process, supported=supported)

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
            trouble=self.trouble,
        )

    def _launch_when_due(self) -> bool:
        if self.state != "waiting" or time.monotonic() < self._due:
            return False
        self.restarts += 1
        self.launch()
        return True

    def _welcome(self, process: Popen[bytes]) -> bool:
        if not self._asks(self.part.every):
            return False
        refusal = self.part.refusal(process.pid)
        if refusal is None:
            if not self._was_ready:
                self.part.after()
            self.state, self._was_ready = "ready", True
            log.info("%s is ready after %.2f s (process %s)", self.part.name, self.seconds, process.pid)
            return True
        if self.seconds > self.part.patience:
            self._give_up(process, f"it was not ready after {self.part.patience:.0f} s: {refusal}")
            return True
        return self._tells()

    def _tells(self) -> bool:
        """A person who waits is shown its last words from time to time."""
        if self._was_ready or time.monotonic() - self._told < TELLING:
            return False
        self._told, self.trouble = time.monotonic(), processes.tail(self.part.log, lines=1)
        return True

    def _listen(self, process: Popen[bytes], *, supported: bool) -> bool:
        """One that lives and is not ready for long, though it could be, has to start again to become it."""
        if not self._asks(LISTENING):
            return False
        refusal = self.part.refusal(process.pid)
        self._silences = self._silences + 1 if refusal and supported else 0
        if self._silences < SILENCES:
            return False
        self._give_up(process, f"it was not ready {SILENCES} times in a row: {refusal}")
        return True

    def _asks(self, every: float) -> bool:
        """Not too often: answering costs it time."""
        if time.monotonic() < self._next_question:
            return False
        self._next_question = time.monotonic() + every
        return True

    def _give_up(self, process: Popen[bytes], why: str) -> None:
        processes.kill(process)
        if not self._was_ready:
            raise self._failed(why)
        self._bury(why)

    def _bury(self, why: str) -> None:
        """Note why it ended, and when to try again."""
        if not self._was_ready and self._tries >= self.part.tries:
            raise self._failed(why)
        if self.state == "ready" and self.seconds > STEADY:
            self._pause = FIRST_PAUSE
        log.warning("%s: %s; it starts again in %.1f s", self.part.name, why, self._pause)
        self.process, self.state, self.trouble = None, "waiting", why
        self._due = time.monotonic() + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE)

    def _failed(self, why: str) -> StartFailed:
        words = processes.tail(self.part.log)
        return StartFailed(f"{self.part.name} does not start ({why}): {words} (its log: {self.part.log})")
