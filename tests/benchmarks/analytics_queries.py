"""What the API adds to a query: metrics over a month of many calls, beside hand-written SQL on the same engine.

``python tests/benchmarks/analytics_queries.py [--calls 1000000] [--rounds 9] [--json]``. The calls are invented by the
engine itself, over 92 days, twelve queues and 200 agents; a third of them are there in two versions. The service
listens on a socket in this process, because the embedded engine belongs to one process alone. Service and SQL
alternate, so that both see the same machine; figures are medians in milliseconds, of the last month: by the clock, and
of processor time, which a busy machine does not falsify (the client's own is in it).
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import uvicorn
import uvloop
from measuring import tell

from analytics.main import create_app
from analytics.settings import Settings
from analytics.storage.clickhouse import ClickHouse
from shared.engines import ports
from shared.engines.databases import create_database
from shared.testing import embedded
from shared.testing.service import give_key

END = datetime(2026, 11, 1, tzinfo=UTC)
MONTH = {"from": (END - timedelta(days=30)).isoformat(), "to": END.isoformat()}
BATCH = 250_000

INVENT = """
INSERT INTO call (id, connection, provider, provider_call_id, first_seen_at, arrived_at, started_at, ended_at,
    direction, status, outcome, answered, past_ivr, waited_s, wait_s, talk_s, hold_s, wrap_up_s, wait_basis, talk_basis,
    queue, agent, source, version)
SELECT toString(number), 'connection', 'aircall', toString(number),
    toDateTime64('2026-08-01 06:00:00', 3, 'UTC')
        + toIntervalSecond(number % 92 * 86400 + cityHash64(number) % 43200) AS seen,
    seen, seen, seen + toIntervalSecond(waited + talked + 30),
    if(number % 5 < 3, 'inbound', 'outbound'), 'ended',
    if(taken, 'answered', if(number % 5 < 3, 'abandoned', 'unanswered')),
    cityHash64(number, 1) % 100 < 88 AS taken, true,
    least(600, -25 * log((cityHash64(number, 2) % 100000 + 1) / 100001)) AS waited, waited,
    if(taken, exp(5 + 0.8 * ((cityHash64(number, 3) % 2001) / 1000 - 1) * 1.7), 0) AS talked,
    if(number % 4 = 0, 12, 0), if(taken, 30, 0), 'after_ivr', 'without_hold',
    concat('queue ', toString(cityHash64(number, 5) % 12)),
    if(taken, concat('agent', toString(cityHash64(number, 4) % 200)), ''), '',
    {version:UInt64}
FROM numbers({first:UInt64}, {count:UInt64}) WHERE {version:UInt64} = 1 OR number % 3 = 0
"""
WITHIN = "arrived_at >= '2026-10-02 00:00:00' AND arrived_at < '2026-11-01 00:00:00'"
OFFERED = f"direction = 'inbound' AND past_ivr AND outcome != 'after_hours' AND status = 'ended' AND {WITHIN}"
DAY = "toDate(arrived_at, 'Europe/Amsterdam')"
# The question to the API, and the least SQL that answers it.
QUESTIONS: dict[str, tuple[str, dict[str, str], str]] = {
    "service level by day and queue": (
        "service_level",
        {"group_by": "queue", "bucket": "day"},
        (
            f"SELECT {DAY} AS day, queue, countIf(answered AND waited_s <= 20) AS x, "
            f"count() - countIf(outcome = 'abandoned' AND waited_s < 5) AS n FROM call FINAL WHERE {OFFERED} "
            "GROUP BY day, queue ORDER BY day, queue"
        ),
    ),
    "abandonment by day and queue": (
        "abandonment_rate",
        {"group_by": "queue", "bucket": "day"},
        (
            f"SELECT {DAY} AS day, queue, countIf(outcome = 'abandoned' AND waited_s >= 5) AS x, "
            f"count() - countIf(outcome = 'abandoned' AND waited_s < 5) AS n FROM call FINAL WHERE {OFFERED} "
            "GROUP BY day, queue ORDER BY day, queue"
        ),
    ),
    "speed of answer with median and p90": (
        "asa",
        {},
        (
            "SELECT avg(waited_s), quantilesExactLow(0.5, 0.9)(assumeNotNull(waited_s)) FROM call FINAL "
            f"WHERE {OFFERED} AND answered"
        ),
    ),
    "handle time by agent": (
        "aht",
        {"group_by": "agent"},
        (
            "SELECT agent, avg(talk_s + hold_s + wrap_up_s), quantilesExactLow(0.5, 0.9)(assumeNotNull(talk_s)) "
            "FROM call FINAL WHERE direction = 'inbound' AND answered AND status = 'ended' "
            "AND ended_at >= '2026-10-02 00:00:00' AND ended_at < '2026-11-01 00:00:00' GROUP BY agent ORDER BY agent"
        ),
    ),
    "calls by hour": (
        "call_volume",
        {"bucket": "hour"},
        (
            "SELECT toStartOfHour(toTimeZone(arrived_at, 'Europe/Amsterdam')) AS hour, count() FROM call FINAL "
            f"WHERE {WITHIN} GROUP BY hour ORDER BY hour"
        ),
    ),
}


async def invent(engine: ClickHouse, calls: int) -> float:
    """Calls, then second versions of a third of them; the parts are left to merge as they will."""
    started = time.perf_counter()
    for version in (1, 2):
        for first in range(0, calls, BATCH):
            bound = {"version": version, "first": first, "count": min(BATCH, calls - first)}
            statement = INVENT
            for name, value in bound.items():
                statement = statement.replace(f"{{{name}:UInt64}}", str(value))
            await engine.command(statement)
    return time.perf_counter() - started


@asynccontextmanager
async def serving(calls: int) -> AsyncIterator[tuple[httpx.AsyncClient, ClickHouse]]:
    """The service on a socket, with its engines and the calls in place."""
    with embedded.postgres_server() as server, embedded.nats_server() as bus, tempfile.TemporaryDirectory() as folder:
        await create_database(server, "analytics")
        address = server.replace("postgresql://", "postgresql+asyncpg://", 1).removesuffix("postgres") + "analytics"
        (port,) = ports.free_ports(1)
        settings = Settings(database_url=address, nats_url=bus, port=port, clickhouse_url=f"chdb://{folder}/engine")
        app = create_app(settings)
        server_of_http = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, access_log=False))
        running = asyncio.create_task(server_of_http.serve())
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=120, trust_env=False) as client:
            await _ready(client)
            client.headers["authorization"] = f"Bearer {await give_key(app.state.database)}"
            engine: ClickHouse = app.state.parts["clickhouse"]
            print(f"{calls:,} calls invented in {await invent(engine, calls):.1f} s")
            yield client, engine
        server_of_http.should_exit = True
        await running


async def _ready(client: httpx.AsyncClient) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                if (await client.get("/readyz")).is_success:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.05)


@dataclass(frozen=True)
class Took:
    """Milliseconds by the clock and of processor time, of all threads."""

    clock: float
    processor: float


async def timed(work: Awaitable[Any]) -> Took:
    started, worked = time.perf_counter(), time.process_time()
    await work
    return Took((time.perf_counter() - started) * 1_000, (time.process_time() - worked) * 1_000)


def median(found: Iterable[Took]) -> dict[str, float]:
    each = list(found)
    return {
        "ms": round(statistics.median(one.clock for one in each), 1),
        "cpu_ms": round(statistics.median(one.processor for one in each), 1),
    }


async def beside(client: httpx.AsyncClient, engine: ClickHouse, name: str, rounds: int) -> dict[str, Any]:
    """The API and the SQL, in turn; each time a little different, lest an answer is remembered."""
    metric, asked, sql = QUESTIONS[name]
    ours, theirs = [], []
    for number in range(rounds + 1):
        end = {"to": (END - timedelta(seconds=number)).isoformat()}
        ours.append(await timed(client.get(f"/v1/metrics/{metric}", params={**MONTH, **asked, **end})))
        theirs.append(await timed(engine.query(f"{sql} /* {number} */ SETTINGS use_query_condition_cache = 0")))
    over_http, as_sql = median(ours[1:]), median(theirs[1:])
    allowed = {key: round(5 + 1.3 * value, 1) for key, value in as_sql.items()}
    return {"api": over_http, "sql": as_sql, "allowed": allowed}


async def comparison(client: httpx.AsyncClient, rounds: int) -> dict[str, Any]:
    """The whole page of comparisons, every metric over three periods: asked anew, and asked again."""
    anew, again = [], []
    for number in range(rounds):
        asked = {**MONTH, "to": (END - timedelta(minutes=number)).isoformat()}
        anew.append(await timed(client.get("/v1/comparisons", params=asked)))
        again.append(await timed(client.get("/v1/comparisons", params=asked)))
    return {"anew": median(anew), "again": median(again)}


async def measure(calls: int, rounds: int) -> dict[str, Any]:
    async with serving(calls) as (client, engine):
        found = {name: await beside(client, engine, name, rounds) for name in QUESTIONS}
        await engine.command("OPTIMIZE TABLE call FINAL")
        merged = {name: await beside(client, engine, name, rounds) for name in QUESTIONS}
        return {"calls": calls, "unmerged": found, "merged": merged, "comparisons": await comparison(client, rounds)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found = uvloop.run(measure(asked.calls, asked.rounds))
    tell(found, asked)


if __name__ == "__main__":
    main()
