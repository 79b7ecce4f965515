"""How fast facts get from the bus into ClickHouse, beside the engine's own rate of inserts, in one run on one machine.

``python tests/benchmarks/analytics_ingest.py [--calls 20000] [--rounds 3] [--json]``. The calls wait on the bus when
the service starts; what is measured is fetching, understanding, inserting and acknowledging them, to the last. The
engine alone inserts the same rows in batches of the same size, once from rows ready made, once by the client library's
ordinary insert. NATS and the engine sync as in production. Then, at a steady trickle, how long a fact takes from the
bus to the API's answer.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import nats
import orjson
import uvloop
from measuring import durable_engines, tell
from nats.aio.client import Client
from uuid_utils.compat import uuid7

from analytics.domain.facts import call_columns
from analytics.main import MIGRATIONS, create_app
from analytics.settings import Settings
from analytics.storage.clickhouse import ClickHouse, open_clickhouse
from analytics.storage.migrations import migrate
from analytics.workers.ingest import CALLS, MOST_ROWS
from shared.contracts.calls import CallSnapshot, CallUpdated
from shared.engines.databases import create_database
from shared.messaging.streams import ensure_streams
from shared.testing.service import give_key, running

BEGIN = datetime(2026, 10, 1, 8, tzinfo=UTC)
ATOMIC = 500
TRICKLE = 50  # a second
TRICKLE_SECONDS = 6


def snapshot(number: int, at: datetime = BEGIN) -> CallSnapshot:
    """A call as calls tells of it, with everything a provider may know."""
    at += timedelta(seconds=number % 2_000_000)
    return CallSnapshot(
        id=str(uuid7()),
        connection="0192f0c1-7a64-7000-8000-000000000001",
        provider="aircall",
        provider_call_id=str(3_120_000_000_000 + number),
        version=4,
        first_seen_at=at,
        direction="inbound",
        status="ended",
        outcome="answered",
        started_at=at,
        answered_at=at + timedelta(seconds=29),
        ended_at=at + timedelta(seconds=233),
        ivr_s=6.0,
        queue_s=11.0,
        ring_s=12.0,
        wait_s=23.0,
        talk_s=184.0,
        hold_s=20.0,
        wrap_up_s=30.0,
        basis={"wait_s": "after_ivr", "talk_s": "without_hold"},
        queue=f"queue {number % 12}",
        agent=f"agent{number % 200}@example.com",
        agent_name="Mira Okafor",
        from_number="+12025550147",
        to_number="+12025550101",
        external_number="+12025550147",
        tags=["qualified-lead"],
        recording=True,
    )


def envelope(call: CallSnapshot) -> bytes:
    event = CallUpdated(call=call)
    trace = f"00-{uuid4().hex}-00f067aa0ba902b7-01"
    about = {"specversion": "1.0", "id": str(uuid7()), "source": "/calls", "type": event.type, "subject": call.id}
    return orjson.dumps({**about, "time": BEGIN, "traceparent": trace, "data": event.model_dump(mode="json")})


async def publish(client: Client, bodies: Iterable[bytes]) -> None:
    """In atomic batches, as the relay does."""
    waiting = list(bodies)
    for first in range(0, len(waiting), ATOMIC):
        batch, chunk = str(uuid4()), waiting[first : first + ATOMIC]
        for number, body in enumerate(chunk, 1):
            headers = {"Nats-Batch-Id": batch, "Nats-Batch-Sequence": str(number), "Trunkline-Event": str(uuid7())}
            if number < len(chunk):
                await client.publish(CallUpdated.type, body, headers=headers)
            else:
                answer = await client.request(CallUpdated.type, body, 30, headers=headers | {"Nats-Batch-Commit": "1"})
                if b"error" in answer.data:
                    raise RuntimeError(answer.data.decode())


async def engine_alone(engine: ClickHouse, rows: list[Any]) -> dict[str, float]:
    """Rows a second by ready-made rows, and by the client library's ``insert``."""
    names = sorted(set().union(*rows))
    ordered = [[row.get(name) or _empty(name) for name in names] for row in rows]
    started = time.perf_counter()
    for first in range(0, len(rows), MOST_ROWS):
        await engine.insert("call", rows[first : first + MOST_ROWS])
    ready_made = time.perf_counter() - started
    started = time.perf_counter()
    for first in range(0, len(rows), MOST_ROWS):
        batch = ordered[first : first + MOST_ROWS]
        await asyncio.to_thread(engine._writer.insert, "call", batch, column_names=names)
    return {"rows_per_s": len(rows) / ready_made, "library_rows_per_s": len(rows) / (time.perf_counter() - started)}


def _empty(name: str) -> Any:
    return False if name in {"voicemail", "transferred", "ended_at_estimated"} else None if name.endswith("_s") else ""


async def through_the_service(settings: Settings, calls: list[CallSnapshot]) -> float:
    """Calls a second from the bus to the last acknowledgement; the service starts with all of them waiting."""
    client = await nats.connect(settings.nats_url)
    await ensure_streams(client.jetstream(), settings)
    await publish(client, map(envelope, calls))
    app = create_app(settings)
    started = time.perf_counter()
    async with app.router.lifespan_context(app):
        began = None
        while True:
            engine: ClickHouse | None = app.state.parts.get("clickhouse")
            found = await _settled(client)
            if found and began is None:
                began, first = time.perf_counter(), found
            if engine and found >= len(calls):
                break
            if time.perf_counter() - started > 120:
                raise TimeoutError(found)
            await asyncio.sleep(0.005)
        taken = time.perf_counter() - (began or started)
    await client.close()
    return (len(calls) - first) / taken if began and len(calls) > first else len(calls) / taken


async def _settled(client: Client) -> int:
    """How many messages the consumer has acknowledged, all from the first on."""
    try:
        info = await client.jetstream().consumer_info("CALLS", CALLS)
    except nats.js.errors.NotFoundError:
        return 0
    return int(info.ack_floor.stream_seq) if info.ack_floor else 0


async def freshness(settings: Settings) -> dict[str, float]:
    """Milliseconds from the bus to the API's answer, at a trickle."""
    client = await nats.connect(settings.nats_url)
    app = create_app(settings)
    latencies: list[float] = []
    now = datetime.now(UTC)
    async with running(app) as http:
        http.headers["authorization"] = f"Bearer {await give_key(app.state.database)}"
        stop = asyncio.Event()
        trickle = asyncio.create_task(_trickle(client, now, stop))
        for number in range(TRICKLE_SECONDS * 2):
            await asyncio.sleep(0.5)
            marked = snapshot(number, now - timedelta(hours=1)).model_copy(update={"queue": f"marked {number}"})
            began = time.perf_counter()
            await publish(client, [envelope(marked)])
            await _until_counted(http, f"marked {number}", now)
            latencies.append((time.perf_counter() - began) * 1_000)
        stop.set()
        await trickle
    await client.close()
    return {"p50_ms": statistics.median(latencies), "worst_ms": max(latencies)}


async def _trickle(client: Client, now: datetime, stop: asyncio.Event) -> None:
    number = 1_000_000
    while not stop.is_set():
        await publish(client, [envelope(snapshot(number, now - timedelta(days=30)))])
        number += 1
        await asyncio.sleep(1 / TRICKLE)


async def _until_counted(http: httpx.AsyncClient, queue: str, now: datetime) -> None:
    tree = json.dumps({"queue": queue})
    asked = {"filter": tree, "from": (now - timedelta(days=2)).isoformat(), "to": (now + timedelta(days=1)).isoformat()}
    while True:
        answer = await http.get("/v1/metrics/call_volume", params=asked)
        if answer.raise_for_status().json()["points"][0]["value"]:
            return
        await asyncio.sleep(0.01)


async def measure(calls: int, rounds: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        engine = await open_clickhouse(f"chdb://{folder}/engine?database=alone")
        await migrate(engine, MIGRATIONS / "clickhouse")
        told = [snapshot(number) for number in range(calls)]
        found = []
        for number in range(rounds):
            with durable_engines() as (server, bus):
                alone = await engine_alone(engine, [call_columns(each) for each in told])
                await create_database(server, "analytics")
                address = server.replace("postgresql://", "postgresql+asyncpg://", 1).removesuffix("postgres")
                url = f"chdb://{folder}/engine?database=service_{number}"
                settings = Settings(database_url=f"{address}analytics", nats_url=bus, clickhouse_url=url)
                rate = await through_the_service(settings, told)
                fresh = await freshness(settings) if number == rounds - 1 else {}
            found.append({**alone, "calls_per_s": rate, "share_of_engine": rate / alone["rows_per_s"], **fresh})
        await engine.close()
    names = found[-1]
    return {name: round(statistics.median(each[name] for each in found if name in each), 2) for name in names}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found = uvloop.run(measure(asked.calls, asked.rounds))
    tell(found, asked)


if __name__ == "__main__":
    main()
