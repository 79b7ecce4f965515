"""How fast webhooks are acknowledged, beside a bare handler that commits the same row, in one run on one machine.

``python tests/benchmarks/webhook_ack.py [--seconds 10] [--rate 200] [--json]``. The service runs as its users run it,
with its normaliser at work on what arrives; PostgreSQL and NATS sync as in production. Three figures: the rate that 16
connections reach with the service and with the bare handler, and the service's latency at a steady rate.

``--data DIR`` asks a Trunkline that runs on that folder instead, with all its services at work on what the calls mean:
its latency at the steady rate, beside single committed inserts of its PostgreSQL.
"""

import argparse
import asyncio
import hashlib
import json
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import asyncpg
import httpx
import orjson
import uvicorn
import uvloop
from fastapi import FastAPI, Request, Response
from measuring import on_engines, process, ready, tell

from shared.database import Database
from shared.engines import ports
from shared.engines.databases import create_database
from shared.testing.service import give_key
from trunkline.client import request as post_to
from trunkline.installed import find, require_alive
from trunkline.launcher import folder
from trunkline.launcher.description import describe

CONNECTIONS = 16
TOKEN = "benchmark-token"
STORY = (Path(__file__).parents[2] / "services/calls/tests/fixtures/aircall").glob("inbound_answered.[0-9]*.json")
AT_ONCE = 20
STORY_S = 600
CLOCKS = ("started_at", "answered_at", "ended_at")
FIRST_ID = 7_000_000_000
INSERT = """
INSERT INTO bare (id, connection, path, query, headers, body, key, traceparent, state)
VALUES (gen_random_uuid(), gen_random_uuid(), '', '', $1::jsonb, $2, $3, NULL, 'received')
"""
BARE_TABLE = "CREATE TABLE bare (LIKE delivery INCLUDING DEFAULTS INCLUDING INDEXES)"


HEAD = b"POST %s HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"


class Bodies:
    """The life of a call, told by ever new calls of many agents: some at the same time, an agent's own one by one."""

    def __init__(self) -> None:
        self._story = [json.loads(path.read_text()) | {"token": TOKEN} for path in sorted(STORY)]
        self._number = 0

    def next(self) -> bytes:
        chapter, call = self._number // AT_ONCE % len(self._story), self._number % AT_ONCE
        volume = self._number // AT_ONCE // len(self._story)
        self._number += 1
        event = self._story[chapter]
        person = event["data"] if event["resource"] == "user" else event["data"]["user"]
        if person:
            person |= {"id": call, "name": f"Agent {call}", "email": f"agent{call}@example.com"}
        if event["resource"] == "call":
            event["data"]["id"] = FIRST_ID + volume * AT_ONCE + call
        return orjson.dumps(_later(event, volume * STORY_S))


def _later(event: dict[str, Any], seconds: int) -> dict[str, Any]:
    told = {name: event["data"][name] + seconds for name in CLOCKS if event["data"].get(name)}
    return event | {"timestamp": event["timestamp"] + seconds, "data": event["data"] | told}


class Client:
    """A keep-alive connection that posts; the client must cost less than what it measures."""

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection(self._url.hostname, self._url.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()

    async def post(self, body: bytes) -> None:
        self._writer.write(HEAD % (self._url.path.encode(), len(body)) + body)
        answer = await self._reader.readuntil(b"\r\n\r\n")
        length = [line for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        await self._reader.readexactly(int(length[0].split(b":")[1]) if length else 0)
        if not answer.startswith(b"HTTP/1.1 20"):
            raise RuntimeError(answer.decode())


@dataclass(frozen=True)
class Result:
    """Milliseconds of each acknowledged request, and over how many seconds."""

    latencies: list[float]
    seconds: float

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds

    def at(self, share: float) -> float:
        return statistics.quantiles(self.latencies, n=1000, method="inclusive")[round(share * 1000) - 1]


async def flat_out(url: str, bodies: Bodies, seconds: float) -> Result:
    """As fast as `CONNECTIONS` connections can, each waiting for its answer."""
    latencies: list[float] = []
    started = time.perf_counter()

    async def one() -> None:
        async with Client(url) as client:
            while time.perf_counter() - started < seconds:
                latencies.append(await _timed(client.post, bodies.next()))

    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))
    return Result(latencies, time.perf_counter() - started)


async def steady(url: str, bodies: Bodies, rate: float, seconds: float) -> Result:
    """At a rate, whatever the answers take; a request that must wait for a free connection waits in its latency."""
    latencies: list[float] = []
    idle: asyncio.Queue[Client] = asyncio.Queue()

    async def one(due: float) -> None:
        client = await idle.get()
        await client.post(bodies.next())
        latencies.append((time.perf_counter() - due) * 1000)
        idle.put_nowait(client)

    async with _clients(url, idle), asyncio.TaskGroup() as tasks:
        started = time.perf_counter()
        for number in range(int(rate * seconds)):
            due = started + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            tasks.create_task(one(due))
    return Result(latencies, time.perf_counter() - started)


@asynccontextmanager
async def _clients(url: str, idle: asyncio.Queue[Client]) -> AsyncIterator[None]:
    clients = [await Client(url).__aenter__() for _ in range(CONNECTIONS * 4)]
    for each in clients:
        idle.put_nowait(each)
    yield
    for each in clients:
        await each.__aexit__()


async def _timed(work: Callable[[bytes], Awaitable[None]], body: bytes) -> float:
    started = time.perf_counter()
    await work(body)
    return (time.perf_counter() - started) * 1000


def bare(dsn: str, port: int) -> None:
    """The floor: FastAPI, one committed insert of the same bytes, nothing else."""

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        async with asyncpg.create_pool(dsn, min_size=2, max_size=8) as app.state.pool:
            yield

    app = FastAPI(lifespan=life)

    @app.post("/hook")
    async def hook(request: Request) -> Response:
        body = await request.body()
        key = hashlib.sha256(body).hexdigest()
        await request.app.state.pool.execute(INSERT, json.dumps(dict(request.headers)), body, key)
        return Response()

    uvicorn.run(app, port=port, loop="uvloop", http="httptools", log_level="error")


async def _connect(url: str, database: str) -> str:
    """Make a connection; its hook's address."""
    own = Database(database)
    key = await give_key(own)
    await own.dispose()
    asked = {"provider": "aircall", "name": "benchmark", "secrets": {"token": TOKEN}}
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(f"{url}/v1/connections", json=asked, headers={"authorization": f"Bearer {key}"})
        return url + str(answer.raise_for_status().json()["hook_path"])


async def _backlog(dsn: str) -> int:
    connection = await asyncpg.connect(dsn)
    waiting = await connection.fetchval("SELECT count(*) FROM delivery WHERE state = 'received'")
    await connection.close()
    return int(waiting)


async def measure(engines: tuple[str, str], asked: argparse.Namespace, stack: ExitStack) -> dict[str, Any]:
    """Bare and service alternate, so that both see the same machine."""
    await create_database(engines[0], "calls")
    dsn = engines[0].removesuffix("postgres") + "calls"
    address = dsn.replace("postgresql://", "postgresql+asyncpg://", 1)
    service_port, bare_port = ports.free_ports(2)
    url, floor = f"http://127.0.0.1:{service_port}", f"http://127.0.0.1:{bare_port}/hook"
    settings = {"DATABASE_URL": address, "NATS_URL": engines[1], "PORT": str(service_port), "LOG_LEVEL": "ERROR"}
    settings["SPOOL_DIR"] = stack.enter_context(tempfile.TemporaryDirectory())
    stack.enter_context(process("-m", "calls", **{f"CALLS_{name}": value for name, value in settings.items()}))
    await ready(f"{url}/readyz")
    connection = await asyncpg.connect(dsn)
    await connection.execute(BARE_TABLE)
    await connection.close()
    stack.enter_context(process(__file__, "--bare", dsn, str(bare_port)))
    await ready(floor)
    hook = await _connect(url, address)
    bodies = Bodies()
    await steady(hook, bodies, asked.rate / 2, 2)  # warm
    floor_at_rate = await steady(floor, bodies, asked.rate, asked.seconds)
    at_rate = await steady(hook, bodies, asked.rate, asked.seconds)
    backlog = await _backlog(dsn)
    rounds = [
        (await flat_out(floor, bodies, asked.seconds), await flat_out(hook, bodies, asked.seconds))
        for _ in range(asked.rounds)
    ]
    floors, services = [each.rate for each, _ in rounds], [each.rate for _, each in rounds]
    return {
        "at_rate": _shown(at_rate),
        "bare_at_rate": _shown(floor_at_rate),
        "waiting_for_the_normaliser_after_it": backlog,
        "bare_per_s": statistics.median(floors),
        "service_per_s": statistics.median(services),
        "share_of_bare": statistics.median(ours / floor for ours, floor in zip(services, floors, strict=True)),
    }


async def measure_running(asked: argparse.Namespace) -> dict[str, Any]:
    """At the rate, with records, automations and analytics at work on the same calls."""
    place = folder.existing(asked.data)
    dsn = describe(place, require_alive(place))["engines"]["postgres"].rpartition("/")[0] + "/calls"
    running = find(asked.data)
    made = {"provider": "aircall", "name": "benchmark", "secrets": {"token": TOKEN}}
    connection = await asyncio.to_thread(post_to, running, "calls", "POST", "/v1/connections", body=made)
    hook, bodies = running.services["calls"] + connection["hook_path"], Bodies()
    await steady(hook, bodies, asked.rate / 2, 2)  # warm
    at_rate = await steady(hook, bodies, asked.rate, asked.seconds)
    backlog, single = await _backlog(dsn), await _single_inserts(dsn, bodies, asked.seconds)
    return {
        "at_rate": _shown(at_rate),
        "waiting_for_the_normaliser_after_it": backlog,
        "single_inserts": _shown(single),
    }


async def _single_inserts(dsn: str, bodies: Bodies, seconds: float) -> Result:
    """One connection that commits such a row again and again: what the disk allows."""
    connection = await asyncpg.connect(dsn)
    await connection.execute(BARE_TABLE)
    latencies: list[float] = []

    async def insert(body: bytes) -> None:
        await connection.execute(INSERT, "{}", body, hashlib.sha256(body).hexdigest())

    started = time.perf_counter()
    while time.perf_counter() - started < seconds:
        latencies.append(await _timed(insert, bodies.next()))
    took = time.perf_counter() - started
    await connection.execute("DROP TABLE bare")
    await connection.close()
    return Result(latencies, took)


def _shown(result: Result) -> dict[str, float]:
    return {"per_s": result.rate, "p50_ms": result.at(0.5), "p99_ms": result.at(0.99)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rate", type=float, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--data", type=Path, help="the folder of a Trunkline that runs; it is left with more calls")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--bare", nargs=2, metavar=("DSN", "PORT"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.bare:
        bare(asked.bare[0], int(asked.bare[1]))
        return
    if asked.data:
        tell(uvloop.run(measure_running(asked)), asked)
    else:
        on_engines(measure, asked)


if __name__ == "__main__":
    main()
