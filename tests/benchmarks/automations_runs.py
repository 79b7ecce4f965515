"""How long from an event to its effect, how many runs a second, how many timers: automations as its users run it.

``python tests/benchmarks/automations_runs.py [--seconds 10] [--rate 10] [--runs 2000] [--timers 20000] [--json]``.
The service is a process of its own on PostgreSQL and NATS that sync as in production. Events are published as the relay
of records would; a rule with a condition on a lookup posts a comment. In the place of records stands a bare HTTP
server in this process, so the figures are those of automations alone.
"""

import argparse
import asyncio
import json
import os
import shutil
import statistics
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import nats
import orjson
import uvicorn
import uvloop
from nats.aio.client import Client
from sqlalchemy import text

from shared.contracts.records import FieldSchema, ListSchema, ProjectChanged, RecordCreated, RecordMoved, RecordSnapshot
from shared.database import Database
from shared.engines import nats as nats_engine
from shared.engines import places, ports, postgres
from shared.engines.databases import create_database
from shared.engines.processes import spawn, stop, wait_until
from shared.testing.service import give_key

MOMENT = datetime(2026, 3, 2, 9, tzinfo=UTC)
PIPELINED = 200
RULE = {
    "name": "Won deals of the trade are told",
    "project": "deals",
    "trigger": {"type": "record.moved", "to": ["won"]},
    "conditions": {
        "all": [{"field": "trade", "op": "eq", "value": "it"}, {"field": "list", "op": "eq", "value": "won"}]
    },
    "actions": [{"type": "post_comment", "body": "{{record.title}} of {{customer.title}} is won"}],
}
QUIET = {
    "name": "Quiet deals are told",
    "project": "deals",
    "trigger": {"type": "record.inactive", "for": "P7D"},
    "actions": [{"type": "notify", "to": ["assignee"], "title": "{{record.title}} is quiet"}],
}


def project(key: str, fields: list[FieldSchema]) -> ProjectChanged:
    lists = [ListSchema(key=name, name=name, category="open", position=at) for at, name in enumerate(["new", "won"])]
    return ProjectChanged(id=f"p-{key}", key=key, name=key, lists=lists, fields=fields, tags=[], version=1)


CUSTOMERS = project("customers", [FieldSchema(key="trade", name="Trade", type="select", kind="option")])
DEALS = project(
    "deals",
    [
        FieldSchema(key="customer", name="Customer", type="reference", kind="link", config={"project": "customers"}),
        FieldSchema(key="trade", name="Trade", type="lookup", kind=None, config={"path": ["customer", "trade"]}),
    ],
)


def record(of: ProjectChanged, name: str, **more: Any) -> RecordSnapshot:
    values = {"list": "new", "title": name, "version": 1} | more
    times = dict.fromkeys(["created_at", "updated_at", "entered_list_at", "last_activity_at"], MOMENT)
    return RecordSnapshot(id=name, project=of.id, project_key=of.key, list_category="open", **times, **values)


@dataclass
class Arrivals:
    """A bare ASGI server that answers 201 and notes when each record's command came."""

    at: dict[str, float] = field(default_factory=dict)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        self.at.setdefault(scope["path"].split("/")[3], time.perf_counter())
        headers = [(b"content-type", b"application/json"), (b"content-length", b"2")]
        await send({"type": "http.response.start", "status": 201, "headers": headers})
        await send({"type": "http.response.body", "body": b"{}"})


@dataclass(frozen=True)
class Bench:
    bus: Client
    database: Database
    client: httpx.AsyncClient
    arrivals: Arrivals
    process_id: int

    async def publish(self, event: Any) -> None:
        event_id = str(uuid4())
        envelope = {"id": event_id, "type": event.type, "data": event.model_dump(mode="json")}
        headers = {"Nats-Msg-Id": event_id, "Trunkline-Event": event_id}
        await self.bus.jetstream().publish(event.type, orjson.dumps(envelope), headers=headers)

    async def make(self, rule: dict[str, Any]) -> None:
        (await self.client.post("/v1/rules", json=rule)).raise_for_status()

    def cpu_seconds(self) -> float:
        """User and system time of the service so far."""
        times = Path(f"/proc/{self.process_id}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(times[11]) + int(times[12])) / os.sysconf("SC_CLK_TCK")


def won(name: str) -> RecordMoved:
    moved = record(DEALS, name, list="won", links={"customer": ["c1"]}, version=2)
    return RecordMoved(record=moved, from_list="new", to_list="won")


async def latency(bench: Bench, rate: float, seconds: float) -> dict[str, float]:
    """Milliseconds from before the event is published until its command arrives, at a steady rate."""
    sent: dict[str, float] = {}
    for number in range(round(rate * seconds)):
        name = f"steady{number}"
        sent[name] = time.perf_counter()
        await bench.publish(won(name))
        await asyncio.sleep(max(0.0, sent["steady0"] + (number + 1) / rate - time.perf_counter()))
    await arrived(bench, list(sent))
    taken = sorted((bench.arrivals.at[name] - at) * 1_000 for name, at in sent.items())
    cuts = statistics.quantiles(taken, n=100, method="inclusive")
    return {"p50_ms": cuts[49], "p95_ms": cuts[94], "p99_ms": cuts[98], "max_ms": taken[-1], "events": len(taken)}


async def throughput(bench: Bench, count: int) -> dict[str, float]:
    """Runs a second from the first event published until the last command has arrived, and CPU a run."""
    names = [f"burst{number}" for number in range(count)]
    cpu, started = bench.cpu_seconds(), time.perf_counter()
    for first in range(0, count, PIPELINED):
        await asyncio.gather(*(bench.publish(won(name)) for name in names[first : first + PIPELINED]))
    published = time.perf_counter() - started
    await arrived(bench, names)
    seconds = time.perf_counter() - started
    return {
        "runs_per_s": count / seconds,
        "seconds": seconds,
        "publishing_s": published,
        "cpu_ms_per_run": (bench.cpu_seconds() - cpu) * 1_000 / count,
    }


async def timers(bench: Bench, count: int) -> dict[str, float]:
    """Timers a second: looked at and set by a new rule, and fired (a run each) once the clock is moved."""
    async with bench.database.transaction() as transaction:
        await transaction.execute(text(_RECORDS), {"count": count, "snapshot": json.dumps(_quiet_deal())})
    started = time.perf_counter()
    await bench.make(QUIET)
    await counted(bench, "SELECT count(*) FROM timer WHERE number = 1 AND state = 'pending'", count)
    armed = time.perf_counter() - started
    async with bench.database.transaction() as transaction:
        await transaction.execute(text("UPDATE app_clock SET \"offset\" = interval '8 days'"))
    started = time.perf_counter()
    await counted(bench, "SELECT count(*) FROM timer WHERE state = 'done'", count)
    fired = time.perf_counter() - started
    return {"armed_per_s": count / armed, "fired_per_s": count / fired}


def _quiet_deal() -> dict[str, Any]:
    return record(DEALS, "quiet").model_dump(mode="json")


_RECORDS = """
INSERT INTO record
SELECT 'quiet' || n, 'deals', 'open', '{}', '{}', now(), 1, false,
       jsonb_set(CAST(:snapshot AS jsonb), '{id}', to_jsonb('quiet' || n)), now()
FROM generate_series(1, :count) AS n
"""


async def arrived(bench: Bench, names: list[str]) -> None:
    async with asyncio.timeout(300):
        while not all(name in bench.arrivals.at for name in reversed(names)):
            await asyncio.sleep(0.02)


async def counted(bench: Bench, query: str, count: int) -> None:
    async with asyncio.timeout(600):
        while True:
            async with bench.database.transaction() as transaction:
                if (await transaction.execute(text(query))).scalar_one() >= count:
                    return
            await asyncio.sleep(0.1)


@contextmanager
def engines() -> Iterator[tuple[str, str]]:
    """PostgreSQL and NATS as durable as in production; their addresses."""
    folder = places.temporary_folder("trunkline-bench-")
    with ExitStack() as stack:
        port, monitor_port = ports.free_ports(2)
        server = nats_engine.NatsServer(folder / "nats", port, monitor_port)
        command = nats_engine.prepare(server)
        process = spawn(command, folder / "nats.log")
        stack.callback(stop, process, command)
        wait_until(lambda: nats_engine.is_ready(server), process, folder / "nats.log")
        yield server.url, stack.enter_context(_postgres(folder))


@contextmanager
def _postgres(folder: Path) -> Iterator[str]:
    user = postgres.unprivileged_user()
    if user:
        shutil.chown(folder, user)
    binaries = postgres.copy_installation(folder / "postgresql") if user else postgres.installation()
    cluster = postgres.Cluster(binaries, folder / "data", ports.free_ports(1)[0], user)
    postgres.initialise(cluster, password=None)
    command = postgres.command(cluster, postgres.DURABLE)
    process = spawn(command, folder / "postgres.log")
    try:
        wait_until(lambda: postgres.is_ready(cluster, process.pid), process, folder / "postgres.log")
        yield f"postgresql://postgres@127.0.0.1:{cluster.port}/postgres"
    finally:
        stop(process, command)


@asynccontextmanager
async def service(nats_url: str, postgres_url: str, arrivals: Arrivals) -> AsyncIterator[Bench]:
    await create_database(postgres_url, "automations")
    url = postgres_url.replace("postgresql:", "postgresql+asyncpg:").removesuffix("postgres") + "automations"
    port, records_port = ports.free_ports(2)
    server = uvicorn.Server(
        uvicorn.Config(arrivals, port=records_port, lifespan="off", ws="none", log_config=None, access_log=False)
    )
    serving = asyncio.create_task(server.serve())
    environment = {
        "AUTOMATIONS_DATABASE_URL": url,
        "AUTOMATIONS_NATS_URL": nats_url,
        "AUTOMATIONS_RECORDS_URL": f"http://127.0.0.1:{records_port}",
        "AUTOMATIONS_RECORDS_KEY": "key",
        "AUTOMATIONS_PORT": str(port),
        "AUTOMATIONS_LOG_LEVEL": "WARNING",
    }
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "automations", env=os.environ | environment)
    database = Database(url)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30) as client:
            await _ready(client)
            client.headers["authorization"] = f"Bearer {await give_key(database)}"
            yield Bench(await nats.connect(nats_url), database, client, arrivals, process.pid)
    finally:
        process.terminate()
        await process.wait()
        await database.dispose()
        server.should_exit = True
        await serving


async def _ready(client: httpx.AsyncClient) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                if (await client.get("/readyz")).is_success:
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(0.1)


async def measure(options: argparse.Namespace) -> dict[str, Any]:
    with engines() as (nats_url, postgres_url):
        async with service(nats_url, postgres_url, Arrivals()) as bench:
            for each in (CUSTOMERS, DEALS):
                await bench.publish(each)
            await bench.publish(RecordCreated(record=record(CUSTOMERS, "c1", values={"trade": "it"})))
            await bench.make(RULE)
            await warm_up(bench)
            figures = {"latency": await latency(bench, options.rate, options.seconds)}
            figures["throughput"] = await throughput(bench, options.runs)
            figures["timers"] = await timers(bench, options.timers)
            await bench.bus.close()
            return figures


async def warm_up(bench: Bench) -> None:
    names = [f"warm{number}" for number in range(50)]
    for name in names:
        await bench.publish(won(name))
    await arrived(bench, names)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=10)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--runs", type=int, default=2_000)
    parser.add_argument("--timers", type=int, default=20_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = uvloop.run(measure(options))
    if options.json:
        print(json.dumps(figures))
        return
    for part, values in figures.items():
        print(f"{part:<12}" + "  ".join(f"{name} {value:,.1f}" for name, value in values.items()))


if __name__ == "__main__":
    main()
