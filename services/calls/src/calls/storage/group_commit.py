"""One write for all that wait: under load a commit or an fsync is shared, alone nobody waits for company."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

Item = TypeVar("Item")


@dataclass
class GroupCommit(Generic[Item]):
    """``write`` is a context in which a group is safe, or raises for all of it; nobody waits for its end.

    At most ``parallel`` writes are under way; what comes meanwhile waits together for the next.
    """

    write: Callable[[Sequence[Item]], AbstractAsyncContextManager[None]]
    parallel: int = 1
    largest: int = 200
    _waiting: list[tuple[Item, asyncio.Future[None]]] = field(default_factory=list)
    _writing: set[asyncio.Task[None]] = field(default_factory=set)

    async def add(self, item: Item) -> None:
        """Return once the item is safe; raises what its group's write raised."""
        safe: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, safe))
        if len(self._writing) < self.parallel:
            task = asyncio.create_task(self._write_waiting())
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)
        await safe

    async def idle(self) -> None:
        """Return when nothing is being written."""
        while self._writing:
            await asyncio.wait(self._writing)

    async def _write_waiting(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[: self.largest], self._waiting[self.largest :]
            try:
                async with self.write([item for item, _ in group]):
                    _tell(group)
            except Exception as error:  # noqa: BLE001 — it belongs to those who wait
                _tell(group, error)


def _tell(group: Iterable[tuple[Any, asyncio.Future[None]]], error: Exception | None = None) -> None:
    for _, safe in group:
        if not safe.done():  # whoever waited may have gone away
            safe.set_exception(error) if error else safe.set_result(None)
