"""Waiting in the main thread for a child's end, a request to stop, or time."""

import select
import signal
import socket
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Self

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Signals:
    """A context: inside it, `wait` returns as soon as any signal arrives; ``stop_requests`` counts the urgent ones.

    ``over``, asked at every wait, is a request to stop when it first says yes.
    """

    def __init__(self, over: Callable[[], bool] = lambda: False) -> None:
        self.stop_requests = 0
        self._over, self._is_over = over, False
        self._reader, self._writer = socket.socketpair()

    def __enter__(self) -> Self:
        for end in (self._reader, self._writer):
            end.setblocking(False)
        signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        self._before = {number: signal.signal(number, self._count) for number in (*STOPPING, signal.SIGCHLD)}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        signal.set_wakeup_fd(-1)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._reader.close()
        self._writer.close()

    def wait(self, seconds: float) -> None:
        ready, _, _ = select.select([self._reader], [], [], seconds)
        if ready:
            self._reader.recv(4096)
        if not self._is_over and self._over():
            self._is_over = True
            self.stop_requests += 1

    def _count(self, number: int, _frame: FrameType | None) -> None:
        if number in STOPPING:
            self.stop_requests += 1
