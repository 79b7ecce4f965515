"""Sleeping until PostgreSQL says that there is work, or a while has passed."""

import asyncio
import contextlib
from types import TracebackType
from typing import Self

import asyncpg


class Wakeup:
    """Listens on a channel (the name of a table with `wake_on_insert`). A lost connection is made anew by itself.

    Notifications only shorten the wait: whoever uses this looks for work after every `wait`, told or not.
    """

    def __init__(self, url: str, channel: str) -> None:
        self._dsn = url.replace("postgresql+asyncpg://", "postgresql://", 1)
        self._channel = channel
        self._woken = asyncio.Event()
        self._listening: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._listening = asyncio.create_task(self._listen())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._listening:
            self._listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listening

    async def wait(self, seconds: float) -> None:
        """Return when woken, or after so many seconds.

        Not with `asyncio.wait_for`: before Python 3.12 it swallows a cancellation that meets the waking, and whoever
        loops over this would never end.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        self._woken.clear()

    def wake(self) -> None:
        self._woken.set()

    async def _listen(self) -> None:
        while True:
            with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
                await self._listen_until_lost()
            await asyncio.sleep(1)

    async def _listen_until_lost(self) -> None:
        connection = await asyncpg.connect(self._dsn, timeout=5)
        lost = asyncio.Event()
        try:
            connection.add_termination_listener(lambda _: lost.set())
            await connection.add_listener(self._channel, lambda *_: self._woken.set())
            self._woken.set()
            await lost.wait()
        finally:
            connection.terminate()
