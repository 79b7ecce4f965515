"""One write for all that wait."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from calls.storage.group_commit import GroupCommit


class Disk:
    """Writes when it is let; its tidying up afterwards may take for ever."""

    def __init__(self, *, tidy: bool = True) -> None:
        self.groups: list[list[str]] = []
        self.ready = asyncio.Event()
        self.tidied = asyncio.Event()
        if tidy:
            self.tidied.set()

    @asynccontextmanager
    async def write(self, group: Sequence[str]) -> AsyncIterator[None]:
        self.groups.append(list(group))
        await self.ready.wait()
        if "broken" in group:
            raise OSError("the disk refuses")
        yield
        await self.tidied.wait()


async def test_what_comes_during_a_write_shares_the_next() -> None:
    disk = Disk()
    commits = GroupCommit(disk.write)
    adding = [asyncio.create_task(commits.add("a"))]
    async with asyncio.timeout(20):
        while not disk.groups:
            await asyncio.sleep(0)
    adding += [asyncio.create_task(commits.add(each)) for each in "bcd"]
    await asyncio.sleep(0)
    disk.ready.set()
    await asyncio.gather(*adding)
    assert disk.groups == [["a"], ["b", "c", "d"]]


async def test_whoever_waited_goes_on_before_the_write_has_tidied_up() -> None:
    disk = Disk(tidy=False)
    disk.ready.set()
    commits = GroupCommit(disk.write)
    await asyncio.wait_for(commits.add("a"), 20)
    disk.tidied.set()
    await commits.idle()


async def test_a_failed_write_fails_its_own_group_only() -> None:
    disk = Disk()
    disk.ready.set()
    commits = GroupCommit(disk.write, largest=1)
    first, second = await asyncio.gather(commits.add("broken"), commits.add("whole"), return_exceptions=True)
    assert isinstance(first, OSError)
    assert second is None


async def test_one_who_went_away_holds_nobody_up() -> None:
    disk = Disk()
    commits = GroupCommit(disk.write)
    gone, stays = asyncio.create_task(commits.add("a")), asyncio.create_task(commits.add("b"))
    await asyncio.sleep(0)
    gone.cancel()
    disk.ready.set()
    await stays
    with pytest.raises(asyncio.CancelledError):
        await gone
