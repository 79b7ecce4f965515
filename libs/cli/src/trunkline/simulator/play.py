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
from trunkline.simulator.dialects import Dialect, Secrets, Webhook

if TYPE_CHECKING:
    import httpx

CONCURRENCY = 12
# Seconds before trying again, by the number of tries so far; then it is given up.
BACK_OFF = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)

# Told how many webhooks are acknowledged so far.
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Target:
    """A hook's whole address, and how what goes there is worded and signed."""

    hook: str
    dialect: Dialect
    secrets: Secrets


@dataclass(frozen=True)
class Hook:
    """Where a provider posts to."""

    client: "httpx.AsyncClient"
    target: Target

    async def send(self, webhook: Webhook) -> None:
        """Return once it is acknowledged. Raises `Refused` for a 4xx, or when nobody answers for a minute."""
        refusal = await self._try(webhook)
        for pause in BACK_OFF:
            if refusal is None:
                return
            await asyncio.sleep(max(pause, refusal.pause))
            refusal = await self._try(webhook)
        if refusal:
            raise Refused(refusal.reason)

    async def _try(self, webhook: Webhook) -> "_NotYet | None":
        """What stands against it for now, or None once acknowledged."""
        import httpx

        url = self.target.hook + webhook.path
        proof = self.target.dialect.sign(webhook, url, self.target.secrets, datetime.now(UTC))
        try:
            answer = await self.client.post(url, content=webhook.body, headers=dict(webhook.headers) | dict(proof))
        except httpx.TransportError as error:
            return _NotYet(f"calls does not answer: {error or type(error).__name__}")
        if answer.is_success:
            return None
        if answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR and answer.status_code != HTTPStatus.TOO_MANY_REQUESTS:
            raise Refused(f"calls answered {answer.status_code} to a webhook: {answer.text[:200]}")
        asked = answer.headers.get("retry-after", "")
        return _NotYet(f"calls answered {answer.status_code}", float(asked) if asked.isdecimal() else 0.0)


@dataclass(frozen=True)
class _NotYet:
    """Why it was not acknowledged, and for how many seconds it was asked to wait."""

    reason: str
    pause: float = 0.0


async def play_history(
    hook: Hook, webhooks: Iterable[Webhook], progress: Progress, concurrency: int = CONCURRENCY
) -> int:
    """Send all as fast as they are taken, so many at a time; returns how many."""
    source, sent = iter(webhooks), 0

    async def one_after_the_other() -> None:
        nonlocal sent
        for webhook in source:
            await hook.send(webhook)
            sent += 1
            progress(sent)

    async with together() as tasks:
        for _ in range(concurrency):
            tasks.create_task(one_after_the_other())
    return sent


async def play_live(hook: Hook, webhooks: Iterable[Webhook], progress: Progress) -> None:
    """Send each at its moment, until cancelled."""
    async with together() as tasks:
        for number, webhook in enumerate(webhooks, 1):
            await asyncio.sleep(max(0.0, (webhook.at - datetime.now(UTC)).total_seconds()))
            tasks.create_task(hook.send(webhook))
            progress(number)


@asynccontextmanager
async def together() -> AsyncIterator[asyncio.TaskGroup]:
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
        while webhooks and waiting and waiting[0][0] < webhooks[0].at:
            yield heapq.heappop(waiting)[2]
        for each in webhooks:
            number += 1
            heapq.heappush(waiting, (each.at, number, each))
    while waiting:
        yield heapq.heappop(waiting)[2]
