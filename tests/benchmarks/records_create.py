"""How fast records are made, beside a bare handler that commits one row, in one run on one machine.

``python tests/benchmarks/records_create.py [--seconds 6] [--rounds 3] [--json]``. Each record has seven values, a
reference, two lookups and a formula; making it writes its history and its event, and answers with what is computed.
The service runs as its users run it, its relay publishing meanwhile; PostgreSQL and NATS sync as in production. Bulk
writes 1,000 records a request, and is held against the same rows put into one bare table. CPU is of the service's
process and of all of PostgreSQL.
"""

import argparse
import asyncio
import itertools
import json
import os
import statistics
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
import orjson
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from measuring import on_engines, process, ready

from shared.engines import ports
from shared.engines.databases import create_database
from shared.http.keys import new_key

CONNECTIONS = 16
BULK = 1_000
CUSTOMERS = 100
KEY = new_key()
TICKS = os.sysconf("SC_CLK_TCK")
BARE_TABLE = "CREATE TABLE bare (id uuid PRIMARY KEY DEFAULT uuidv7(), title text NOT NULL, values jsonb NOT NULL)"
BARE_INSERT = "INSERT INTO bare (title, values) VALUES ($1, $2::jsonb) RETURNING id"
RAW_MANY = """INSERT INTO bare (title, values)
    SELECT * FROM jsonb_to_recordset($1::jsonb) AS given(title text, values jsonb)"""
NAMES = ("name", "email", "industry")
PROJECTS: list[dict[str, Any]] = [
    {
        "key": "customers",
        "name": "Customers",
        "lists": [{"key": "all", "name": "All"}],
        "fields": [{"key": key, "name": key, "type": "text"} for key in NAMES],
    },
    {
        "key": "deals",
        "name": "Deals",
        "lists": [{"key": "open", "name": "Open"}],
        "fields": [
            {"key": "amount", "name": "Amount", "type": "currency"},
            {"key": "cost", "name": "Cost", "type": "currency"},
            {"key": "confidence", "name": "Confidence", "type": "rating"},
            {"key": "close_on", "name": "Close on", "type": "date"},
            {"key": "source", "name": "Source", "type": "select", "config": {"options": ["Referral", "Website"]}},
            {"key": "phone", "name": "Phone", "type": "phone"},
            {"key": "link", "name": "Link", "type": "url"},
            {"key": "customer", "name": "Customer", "type": "reference", "config": {"project": "customers"}},
            {"key": "customer_name", "name": "Name", "type": "lookup", "config": {"path": ["customer", "name"]}},
            {"key": "customer_email", "name": "Mail", "type": "lookup", "config": {"path": ["customer", "email"]}},
            {"key": "profit", "name": "Profit", "type": "formula", "config": {"expression": "{amount} - {cost}"}},
        ],
    },
]

Bodies = Callable[[], bytes]


@dataclass(frozen=True)
class Result:
    """Requests a second, the median milliseconds of one, and the CPU milliseconds it cost."""

    rate: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float


async def flat_out(url: str, bodies: Bodies, seconds: float, busy: Callable[[], float], connections: int) -> Result:
    """As fast as the connections can, each waiting for its answer."""
    target, latencies, cpu = urlsplit(url), list[float](), busy()
    head = f"POST {target.path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {KEY}\r\n"
    started = time.perf_counter()

    async def one() -> None:
        reader, writer = await asyncio.open_connection(target.hostname, target.port)
        while time.perf_counter() - started < seconds:
            body = bodies()
            sent = time.perf_counter()
            writer.write(f"{head}content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body)
            answer = await reader.readuntil(b"\r\n\r\n")
            length = answer.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
            content = await reader.readexactly(int(length))
            latencies.append((time.perf_counter() - sent) * 1000)
            if not answer.startswith(b"HTTP/1.1 20"):
                raise RuntimeError(content.decode())
        writer.close()

    await asyncio.gather(*(one() for _ in range(connections)))
    taken = time.perf_counter() - started
    steps = statistics.quantiles(latencies, n=100, method="inclusive")
    return Result(len(latencies) / taken, steps[49], steps[98], (busy() - cpu) * 1000 / len(latencies))


def bare(dsn: str, port: int) -> None:
    """The floor: FastAPI, one committed insert, nothing else."""

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        async with asyncpg.create_pool(dsn, min_size=10, max_size=10) as app.state.pool:
            yield

    app = FastAPI(lifespan=life)

    @app.post("/records")
    async def make(request: Request) -> JSONResponse:
        body = await request.json()
        made = await request.app.state.pool.fetchval(BARE_INSERT, body["title"], json.dumps(body["values"]))
        return JSONResponse({"id": str(made), **body}, 201)

    uvicorn.run(app, port=port, loop="uvloop", http="httptools", log_level="error")


async def raw_rows_per_s(dsn: str, seconds: float, items: Iterator[dict[str, Any]]) -> float:
    """What the engine takes of the same rows, bare: one table, no checks, a thousand in a statement."""
    connection = await asyncpg.connect(dsn)
    await connection.execute(BARE_TABLE.replace("TABLE", "TABLE IF NOT EXISTS"))
    batches, written = [orjson.dumps(list(itertools.islice(items, BULK))).decode() for _ in range(3)], 0
    started = time.perf_counter()
    while time.perf_counter() - started < seconds:
        await connection.execute(RAW_MANY, batches[written // BULK % len(batches)])
        written += BULK
    taken = time.perf_counter() - started
    await connection.close()
    return written / taken


def deals(customers: list[str]) -> Iterator[dict[str, Any]]:
    for number in itertools.count():
        yield {
            "title": f"Deal {number}",
            "values": {
                "amount": f"{number % 90_000}.50",
                "cost": "10.00",
                "confidence": number % 6,
                "close_on": "2026-05-31",
                "source": "website",
                "phone": f"+3120{number % 10_000_000:07d}",
                "link": "https://example.com/quote",
                "customer": customers[number % len(customers)],
            },
        }


def cpu_of(server: int, data: str) -> Callable[[], float]:
    """Seconds of CPU spent by the process, and by every PostgreSQL process of the cluster."""

    def seconds() -> float:
        return sum(_cpu(path) for path in Path("/proc").glob("[0-9]*") if _counts(path, server, data))

    return seconds


def _counts(path: Path, server: int, data: str) -> bool:
    try:
        return int(path.name) == server or (data in str((path / "cwd").readlink()))
    except OSError:
        return False


def _cpu(path: Path) -> float:
    try:
        fields = (path / "stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


async def _set_up(url: str) -> list[str]:
    """The two projects, and the ids of the customers."""
    headers = {"authorization": f"Bearer {KEY}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=60) as client:
        for project in PROJECTS:
            (await client.post("/v1/projects", json=project)).raise_for_status()
        items = [
            {"title": f"C{n}", "values": {"name": f"C{n}", "email": f"c{n}@example.com"}} for n in range(CUSTOMERS)
        ]
        answer = await client.post("/v1/projects/customers/records/bulk", json={"items": items})
        return [each["id"] for each in answer.raise_for_status().json()["items"]]


async def measure(engines: tuple[str, str], asked: argparse.Namespace, stack: ExitStack) -> dict[str, Any]:
    """Bare and service alternate, so that both see the same machine."""
    await create_database(engines[0], "records")
    dsn = engines[0].removesuffix("postgres") + "records"
    connection = await asyncpg.connect(dsn)
    data = str(Path(await connection.fetchval("SHOW data_directory")))
    service_port, bare_port = ports.free_ports(2)
    url = f"http://127.0.0.1:{service_port}"
    settings = {
        "RECORDS_DATABASE_URL": dsn.replace("postgresql://", "postgresql+asyncpg://", 1),
        "RECORDS_NATS_URL": engines[1],
        "RECORDS_PORT": str(service_port),
        "RECORDS_ADMIN_KEY": KEY,
        "RECORDS_LOG_LEVEL": "ERROR",
    }
    service = stack.enter_context(process("-m", "records", **settings))
    await connection.execute(BARE_TABLE)
    await connection.close()
    floor = stack.enter_context(process(__file__, "--bare", dsn, str(bare_port)))
    await ready(f"{url}/readyz")
    await ready(f"http://127.0.0.1:{bare_port}/docs")
    source = deals(await _set_up(url))

    def one() -> bytes:
        return orjson.dumps(next(source))

    def many() -> bytes:
        return orjson.dumps({"items": list(itertools.islice(source, BULK))})

    create, bulk = f"{url}/v1/projects/deals/records", f"{url}/v1/projects/deals/records/bulk"
    floors, services = list[Result](), list[Result]()
    for _ in range(asked.rounds):
        floors.append(
            await flat_out(
                f"http://127.0.0.1:{bare_port}/records", one, asked.seconds, cpu_of(floor, data), CONNECTIONS
            )
        )
        services.append(await flat_out(create, one, asked.seconds, cpu_of(service, data), CONNECTIONS))
        await asyncio.sleep(2)
    written = await flat_out(bulk, many, asked.seconds, cpu_of(service, data), 1)
    raw = await raw_rows_per_s(dsn, asked.seconds / 2, source)
    return {
        "bare": _median(floors),
        "create": _median(services),
        "share_of_bare": statistics.median(
            ours.rate / floor.rate for ours, floor in zip(services, floors, strict=True)
        ),
        "bulk_rows_per_s": round(written.rate * BULK),
        "bulk_cpu_ms_per_row": round(written.cpu_ms / BULK, 3),
        "bulk_p50_ms": round(written.p50_ms),
        "raw_rows_per_s": round(raw),
        "bulk_share_of_raw": round(written.rate * BULK / raw, 3),
    }


def _median(results: list[Result]) -> dict[str, float]:
    return {name: round(statistics.median(vars(each)[name] for each in results), 2) for name in vars(results[0])}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--bare", nargs=2, metavar=("DSN", "PORT"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.bare:
        bare(asked.bare[0], int(asked.bare[1]))
        return
    on_engines(measure, asked)


if __name__ == "__main__":
    main()
