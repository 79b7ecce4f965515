"""The one process that starts all parts in order, keeps them running, and ends them in reverse."""

import logging
import time
from collections.abc import Callable, Sequence

from trunkline.failures import Interrupted
from trunkline.launcher import logs
from trunkline.launcher.part import Part
from trunkline.launcher.runner import Runner
from trunkline.launcher.signals import Signals

STARTING, WATCHING, RETRYING = 0.02, 5.0, 0.1  # seconds between looks
LOG_CHECK = 60.0
STOP_PATIENCE = 30.0

log = logging.getLogger(__name__)
Listener = Callable[[Sequence[Runner], Runner | None], None]


class Supervisor:
    """``stages`` start one after the other, the parts of a stage together.

    ``listener`` hears of every change: all runners, and the one that changed. It must be quick.
    Everything happens in the calling thread, which must be the main one: the kernel ties children to it.
    """

    def __init__(self, stages: Sequence[Sequence[Part]], signals: Signals, listener: Listener) -> None:
        self.stages = [[Runner(part) for part in stage] for stage in stages]
        self.runners = [runner for stage in self.stages for runner in stage]
        self._signals = signals
        self._listener = listener
        self._logs_checked = time.monotonic()

    def start(self) -> None:
        """Return when all are ready. Raises `StartFailed` or `Interrupted`; then call `stop`."""
        for stage in self.stages:
            for runner in stage:
                runner.launch()
                self._listener(self.runners, runner)
            while not all(runner.state == "ready" for runner in stage):
                self._signals.wait(STARTING)
                if self._signals.stop_requests:
                    raise Interrupted("Interrupted before everything was ready.")
                self._look_after()

    def watch(self) -> None:
        """Return when asked to stop."""
        while not self._signals.stop_requests:
            settled = all(runner.state == "ready" for runner in self.runners)
            self._signals.wait(WATCHING if settled else RETRYING)
            if not self._signals.stop_requests:
                self._look_after()
                self._keep_logs_small()

    def stop(self) -> None:
        """End all, the last stage first. Another request to stop meanwhile, or too long a wait, kills."""
        already = self._signals.stop_requests
        for stage in reversed(self.stages):
            for runner in stage:
                runner.ask_to_stop()
                self._listener(self.runners, runner)
            deadline = time.monotonic() + STOP_PATIENCE
            while not all(runner.is_gone for runner in stage):
                self._signals.wait(STARTING)
                if time.monotonic() > deadline or self._signals.stop_requests > already:
                    break
            for runner in stage:
                runner.kill()
        log.info("everything has stopped")

    def _look_after(self) -> None:
        """Nobody is blamed for what the parts he stands on do not do."""
        supported = True
        for stage in self.stages:
            for runner in stage:
                if runner.tick(supported=supported):
                    self._listener(self.runners, runner)
            supported = supported and all(runner.state == "ready" for runner in stage)

    def _keep_logs_small(self) -> None:
        if time.monotonic() - self._logs_checked > LOG_CHECK:
            self._logs_checked = time.monotonic()
            for runner in self.runners:
                logs.shorten(runner.part.log)
