"""Telling those who watch that something new came in."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress


class Pulse:
    """Beats with every batch of new rows; any number may watch. A watcher that is slow skips beats, never lags."""

    def __init__(self) -> None:
        self._beats = 0
        self._beaten = asyncio.Condition()

    async def beat(self) -> None:
        async with self._beaten:
            self._beats += 1
            self._beaten.notify_all()

    async def watch(self, *, at_least_every: float, at_most_every: float) -> AsyncIterator[int]:
        """The number of beats so far: at once, then after each beat, or after a while without one (in seconds)."""
        while True:
            seen = self._beats
            yield seen
            await asyncio.sleep(at_most_every)
            with suppress(TimeoutError):
                async with asyncio.timeout(at_least_every):
                    await self._after(seen)

    async def _after(self, seen: int) -> None:
        async with self._beaten:
            await self._beaten.wait_for(lambda: self._beats > seen)
