"""Sending webhooks as a provider does: again until they are acknowledged, history at once, live in its own time."""

import asyncio
import heapq
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from trunkline.failures import Refused
from trunkline.simulator.dialects import Webhook

if TYPE_CHECKING:
    import httpx

CONCURRENCY = 12
# Seconds before trying again, by the number of tries so far; then it is given up.
BACK_OFF = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)

# Told how many webhooks are acknowledged so far.
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Hook:
    """Where a provider posts to."""

    client: "httpx.AsyncClient"
    url: str

    async def send(self, webhook: Webhook) -> None:
        """Return once it is acknowledged. Raises `Refused` for a 4xx, or when nobody answers for a minute."""
        refusal = await self._try(webhook)
        for pause in BACK_OFF:
            if refusal is None:
                return
            await asyncio.sleep(pause)
            refusal = await self._try(webhook)
        if refusal:
            raise Refused(refusal)

    async def _try(self, webhook: Webhook) -> str | None:
        """What stands against it for now, or None once acknowledged."""
        import httpx

        try:
            answer = await self.client.post(
                self.url + webhook.path, content=webhook.body, headers=dict(webhook.headers)
            )
        except httpx.TransportError as error:
            return f"calls does not answer: {error or type(error).__name__}"
        if answer.is_success:
            return None
        if answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR and answer.status_code != HTTPStatus.TOO_MANY_REQUESTS:
            raise Refused(f"calls answered {answer.status_code} to a webhook: {answer.text[:200]}")
        return f"calls answered {answer.status_code}"


async def play_history(hook: Hook, webhooks: Iterable[Webhook], progress: Progress) -> int:
    """Send all as fast as they are taken, `CONCURRENCY` at a time; returns how many."""
    source, sent = iter(webhooks), 0

    async def one_after_the_other() -> None:
        nonlocal sent
        for webhook in source:
            await hook.send(webhook)
            sent += 1
            progress(sent)

    async with _together() as tasks:
        for _ in range(CONCURRENCY):
            tasks.create_task(one_after_the_other())
    return sent


async def play_live(hook: Hook, webhooks: Iterable[Webhook], progress: Progress) -> None:
    """Send each at its moment, until cancelled."""
    async with _together() as tasks:
        for number, webhook in enumerate(webhooks, 1):
            await asyncio.sleep(max(0.0, (webhook.at - datetime.now(UTC)).total_seconds()))
            tasks.create_task(hook.send(webhook))
            progress(number)


@asynccontextmanager
async def _together() -> AsyncIterator[asyncio.TaskGroup]:
    """A task group whose failure is the first of its tasks', by itself."""
    try:
        async with asyncio.TaskGroup() as tasks:
            yield tasks
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None


def in_time(calls: Iterable[list[Webhook]]) -> Iterator[Webhook]:
    """The webhooks of many calls, which come in the order they began, in the order of their moments."""
    waiting: list[tuple[datetime, int, Webhook]] = []
    number = 0
    for webhooks in calls:
        while waiting and waiting[0][0] < webhooks[0].at:
            yield heapq.heappop(waiting)[2]
        for each in webhooks:
            number += 1
            heapq.heappush(waiting, (each.at, number, each))
    while waiting:
        yield heapq.heappop(waiting)[2]
