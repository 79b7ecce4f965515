"""The messages of one durable consumer: asked for ahead, settled a few at a time, given back when we stop.

A fetch a message, as client libraries do it, costs more than most effects; and what it had fetched when it was stopped
would come again only after the time to acknowledge.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

import orjson
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

# So many effects are at work at once, and so many messages are asked for when fewer than that wait.
AT_ONCE = 8
ASKED = 32
# How long the bus looks for them before it says that there are no more; a lost connection says nothing.
ASK_SECONDS = 5.0
SILENCE_SECONDS = ASK_SECONDS + 1.0
PAUSE_AFTER_REFUSAL = 1.0
GIVE_BACK_SECONDS = 2.0
EXPIRED = "408"
_REQUEST = orjson.dumps({"batch": ASKED, "expires": int(ASK_SECONDS * 1e9)})

log = logging.getLogger(__name__)


class Intake:
    """``settle`` is told of each message, and acknowledges it or not."""

    def __init__(self, client: Client, stream: str, durable: str, settle: Callable[[Msg], Awaitable[None]]) -> None:
        self._client, self._settle = client, settle
        self._next = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}"
        self._waiting: asyncio.Queue[Msg | None] = asyncio.Queue()
        self._few_wait, self._answered = asyncio.Event(), asyncio.Event()
        self._to_come, self._refused = 0, False

    async def run(self) -> None:
        """Settle what comes until cancelled: then what has begun is ended, and what waits is given back."""
        answers = self._client.new_inbox()
        subscription = await self._client.subscribe(answers, cb=self._receive)
        workers = [asyncio.create_task(self._work()) for _ in range(AT_ONCE)]
        self._few_wait.set()
        try:
            while True:
                await self._ask(answers)
                await self._few_wait.wait()
        finally:
            await self._give_back(subscription)
            for _ in workers:
                self._waiting.put_nowait(None)
            try:
                await asyncio.wait(workers)
            finally:
                for each in workers:
                    each.cancel()

    async def _ask(self, answers: str) -> None:
        """Until all that was asked for is here, or no more comes."""
        self._to_come, self._refused = ASKED, False
        self._answered.clear()
        await self._client.publish(self._next, _REQUEST, answers)
        with suppress(TimeoutError):
            async with asyncio.timeout(SILENCE_SECONDS):
                await self._answered.wait()
        if self._refused:
            await asyncio.sleep(PAUSE_AFTER_REFUSAL)

    async def _receive(self, message: Msg) -> None:
        if status := (message.headers or {}).get("Status"):
            self._refused = status != EXPIRED
            self._answered.set()
            return
        self._waiting.put_nowait(message)
        self._to_come -= 1
        if self._to_come <= 0:
            self._answered.set()
        if self._waiting.qsize() >= AT_ONCE:
            self._few_wait.clear()

    async def _work(self) -> None:
        while message := await self._waiting.get():
            if self._waiting.qsize() < AT_ONCE:
                self._few_wait.set()
            try:
                await self._settle(message)
            except Exception:
                log.exception("%s could not be settled and will come again", message.subject)

    async def _give_back(self, subscription: Subscription) -> None:
        with suppress(Exception):
            if self._client.is_connected:
                async with asyncio.timeout(GIVE_BACK_SECONDS):
                    await subscription.drain()  # type: ignore[no-untyped-call]
            while not self._waiting.empty():
                if message := self._waiting.get_nowait():
                    await message.nak()
