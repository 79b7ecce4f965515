"""Messages are asked for ahead, and what was not begun when we stop is somebody else's at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import nats
import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig, StreamConfig

from shared.messaging.intake import AT_ONCE, Intake
from shared.testing.service import PATIENCE_SECONDS


@pytest.fixture
async def client(bus_url: str) -> AsyncIterator[Client]:
    """With a stream and a consumer that waits a minute for what it has given out."""
    client = await nats.connect(bus_url)
    await client.jetstream().add_stream(StreamConfig(name="WORK", subjects=["work"]))
    await client.jetstream().add_consumer(
        "WORK", ConsumerConfig(durable_name="worker", ack_policy=AckPolicy.EXPLICIT, ack_wait=60)
    )
    yield client
    await client.close()


class Hands:
    """Does the work; holds it up while told to."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.done: list[int] = []
        self.free = asyncio.Event()

    async def settle(self, message: Msg) -> None:
        self.begun.append(int(message.data))
        await self.free.wait()
        await message.ack()
        self.done.append(int(message.data))


@asynccontextmanager
async def at_work(client: Client, hands: Hands) -> AsyncIterator[asyncio.Task[None]]:
    running = asyncio.create_task(Intake(client, "WORK", "worker", hands.settle).run())
    yield running
    running.cancel()
    await asyncio.wait([running])


async def tell(client: Client, count: int) -> None:
    for number in range(count):
        await client.jetstream().publish("work", str(number).encode())


async def until(client: Client, wanted: list[int], seen: list[int]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while sorted(seen) != wanted:
            await asyncio.sleep(0.01)


async def test_more_than_is_asked_for_at_a_time_is_all_settled_once(client: Client) -> None:
    hands = Hands()
    hands.free.set()
    await tell(client, 100)
    async with at_work(client, hands):
        await until(client, list(range(100)), hands.done)
        await tell(client, 1)
        await until(client, sorted([0, *range(100)]), hands.done)
    assert (await client.jetstream().consumer_info("WORK", "worker")).num_ack_pending == 0


async def test_no_more_is_taken_than_can_be_worked_on_soon(client: Client) -> None:
    hands = Hands()
    await tell(client, 200)
    async with at_work(client, hands):
        await until(client, list(range(AT_ONCE)), hands.begun)
        assert (await client.jetstream().consumer_info("WORK", "worker")).num_pending >= 200 - 2 * 32
        hands.free.set()


async def test_stopping_ends_what_has_begun_and_gives_the_rest_back_at_once(client: Client) -> None:
    slow, quick = Hands(), Hands()
    await tell(client, 20)
    async with at_work(client, slow) as running:
        await until(client, list(range(AT_ONCE)), slow.begun)
        running.cancel()
        quick.free.set()
        async with at_work(client, quick):
            await until(client, list(range(AT_ONCE, 20)), quick.done)
            slow.free.set()
            await asyncio.wait([running])
    assert sorted(slow.done) == list(range(AT_ONCE))


async def test_a_consumer_that_is_gone_is_asked_for_again_later(client: Client) -> None:
    hands = Hands()
    hands.free.set()
    jetstream = client.jetstream()
    await jetstream.delete_consumer("WORK", "worker")
    async with at_work(client, hands):
        await jetstream.add_consumer("WORK", ConsumerConfig(durable_name="worker", ack_policy=AckPolicy.EXPLICIT))
        await tell(client, 3)
        await until(client, [0, 1, 2], hands.done)
