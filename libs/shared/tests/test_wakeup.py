"""Sleeping until woken."""

import asyncio

import pytest

from shared.database import Wakeup


@pytest.mark.parametrize("steps", range(4))
async def test_being_woken_and_cancelled_at_once_ends_the_sleeper(steps: int) -> None:
    """Else a service that is told to stop while it has work would go on for ever."""
    wakeup = Wakeup("postgresql://nowhere", "nothing")

    async def loop() -> None:
        while True:
            await wakeup.wait(60)

    sleeper = asyncio.create_task(loop())
    await asyncio.sleep(0.01)
    wakeup.wake()
    for _ in range(steps):
        await asyncio.sleep(0)
    sleeper.cancel()
    await asyncio.wait([sleeper], timeout=30)
    assert sleeper.cancelled()


async def test_a_sleeper_wakes_by_itself_in_the_end() -> None:
    async with asyncio.timeout(30):
        await Wakeup("postgresql://nowhere", "nothing").wait(0.01)
