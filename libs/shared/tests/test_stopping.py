"""A service that is told to stop does."""

import asyncio
from contextlib import suppress

import pytest

from shared.http import application


async def hard_of_hearing() -> None:
    """Goes on after the first word, as a library does that waits with `asyncio.wait_for` before Python 3.12."""
    with suppress(asyncio.CancelledError):
        await asyncio.sleep(3_600)
    await asyncio.sleep(3_600)


async def test_who_did_not_hear_that_it_is_to_stop_is_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application, "ASK_AGAIN_SECONDS", 0.01)
    life = asyncio.create_task(hard_of_hearing())
    await asyncio.sleep(0)
    async with asyncio.timeout(60):
        await application._end(life)
    assert life.cancelled()


async def test_they_are_told_again_though_whoever_ends_them_is_hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application, "ASK_AGAIN_SECONDS", 0.01)
    working = [asyncio.create_task(hard_of_hearing()) for _ in range(2)]
    ending = asyncio.create_task(application._end(*working))
    await asyncio.sleep(0)
    ending.cancel()
    async with asyncio.timeout(60):
        await asyncio.wait(working)
    assert all(each.cancelled() for each in working)
