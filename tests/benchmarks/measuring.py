"""What the benchmarks run on, and how they tell what they found."""

import argparse
import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import uvloop

from shared.engines import postgres
from shared.testing import embedded

Engines = tuple[str, str]
Found = dict[str, Any]


@contextmanager
def process(*command: str, **environment: str) -> Iterator[int]:
    running = subprocess.Popen([sys.executable, *command], env=os.environ | environment)
    try:
        yield running.pid
    finally:
        running.terminate()
        running.wait(20)


@contextmanager
def durable_engines() -> Iterator[Engines]:
    """The tests' engines, syncing as in production: (PostgreSQL, NATS)."""
    embedded.DISPOSABLE.update(postgres.DURABLE)
    with embedded.postgres_server() as database, embedded.nats_server() as bus:
        yield database, bus


async def ready(url: str) -> None:
    async with asyncio.timeout(60), httpx.AsyncClient(trust_env=False) as client:
        while True:
            try:
                if (await client.get(url)).status_code < httpx.codes.INTERNAL_SERVER_ERROR:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)


def on_engines(
    measure: Callable[[Engines, argparse.Namespace, ExitStack], Coroutine[Any, Any, Found]], asked: argparse.Namespace
) -> None:
    """Measure on engines of its own, and tell what was found."""
    with durable_engines() as engines, ExitStack() as stack:
        found = uvloop.run(measure(engines, asked, stack))
    tell(found, asked)


def tell(found: Found, asked: argparse.Namespace) -> None:
    print(json.dumps(found, indent=None if asked.json else 2))
