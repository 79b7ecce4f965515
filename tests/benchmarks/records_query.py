"""A page of 100 out of 100,000 records of 25 fields, with a filter and a sort, beside hand-written SQL.

By a plain field, by a lookup and by a formula; before their indexes are made and after, the first page and one from
the middle. Each question is asked over the API and, in turn with it, as SQL that somebody wrote for it by hand over
the same tables. What other systems took for a page of such a list, on a machine of two cores, stands beside it.

    python tests/benchmarks/records_query.py [--records 100000] [--times 60] [--json]
"""

import argparse
import asyncio
import statistics
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import asyncpg
import httpx

sys.path.insert(0, str(Path(__file__).parent))
from measuring import on_engines, process, ready
from records_create import KEY, cpu_of

from shared.engines import ports
from shared.engines.databases import create_database

PAGE = 100
# Milliseconds, p50, of a page of 100 out of 100,000 with filter and sort.
PEERS = {"Directus 12.4": 79, "Baserow 1.35": 246, "Baserow 1.35, computed": 647, "NocoDB 0.301": 1265}
LISTS = [{"key": "open", "name": "Open"}, {"key": "won", "name": "Won", "category": "won"}]
CUSTOMERS: dict[str, Any] = {
    "key": "customers",
    "name": "Customers",
    "lists": LISTS[:1],
    "fields": [{"key": "city", "name": "City", "type": "text"}],
}
TEXTS = [f"text_{number}" for number in range(18)]
DEALS: dict[str, Any] = {
    "key": "deals",
    "name": "Deals",
    "lists": LISTS,
    "fields": [
        {"key": "amount", "name": "Amount", "type": "currency"},
        {"key": "cost", "name": "Cost", "type": "currency"},
        {"key": "score", "name": "Score", "type": "number"},
        {"key": "closes", "name": "Closes", "type": "date"},
        {"key": "customer", "name": "Customer", "type": "reference", "config": {"project": "customers"}},
        {"key": "city", "name": "City", "type": "lookup", "config": {"path": ["customer", "city"]}},
        {"key": "profit", "name": "Profit", "type": "formula", "config": {"expression": "{amount} - {cost}"}},
        *({"key": key, "name": key, "type": "text"} for key in TEXTS),
    ],
}
FILL = """
    WITH firm AS (
        INSERT INTO record (id, project_id, list, title, "values", tags, assignees, created_at, updated_at,
            entered_list_at, last_activity_at, version, imported)
        SELECT uuidv7(), p.id, 'open', 'Firm ' || n, jsonb_build_object('city', 'City ' || n), '{}', '{}',
            now(), now(), now(), now(), 1, true
        FROM project p, generate_series(0, 999) n WHERE p.key = 'customers' RETURNING id, title),
    deal AS (
        INSERT INTO record (id, project_id, list, title, "values", tags, assignees, created_at, updated_at,
            entered_list_at, last_activity_at, version, imported)
        SELECT uuidv7(), p.id, CASE WHEN n % 2 = 0 THEN 'open' ELSE 'won' END, 'Deal ' || n, jsonb_build_object(
                'amount', jsonb_build_object('amount', (n * 7919::bigint % 90000) || '.50', 'currency', 'EUR'),
                'cost', jsonb_build_object('amount', (n * 104729::bigint % 20000) || '.00', 'currency', 'EUR'),
                'score', (n * 31 % 100000)::text,
                'closes', to_char(date '2026-01-01' + n % 365, 'YYYY-MM-DD')) || texts,
            '{}', '{}', now(), now(), now(), now(), 1, true
        FROM project p, generate_series(1, $1::int) n, LATERAL (
            SELECT jsonb_object_agg('text_' || t, 'some text of deal ' || n) AS texts FROM generate_series(0, 17) t) t
        WHERE p.key = 'deals' RETURNING id, title)
    INSERT INTO link (record_id, field, target_id, position)
    SELECT deal.id, 'customer', firm.id, 0 FROM deal
    JOIN firm ON firm.title = 'Firm ' || (substr(deal.title, 6)::int % 1000)
"""
QUESTIONS: dict[str, dict[str, Any]] = {
    "plain": {
        "filter": {"field": "score", "op": "gte", "value": 1000},
        "sort": [{"field": "score", "descending": True}],
    },
    "lookup": {"filter": {"list": ["open"]}, "sort": [{"field": "city"}]},
    "formula": {"filter": {"field": "profit", "op": "gt", "value": "100"}, "sort": [{"field": "profit"}]},
}
OWN = """SELECT r.*, (SELECT array_agg(field || ' ' || target_id) FROM link WHERE record_id = r.id) AS links
    FROM record r {join} WHERE r.project_id = '{deals}' AND r.deleted_at IS NULL
    AND {where} ORDER BY {order} LIMIT 100"""
PROFIT = "((r.values -> 'amount' ->> 'amount')::numeric - (r.values -> 'cost' ->> 'amount')::numeric)"
CITY = """(casefold((c.values ->> 'city') COLLATE "pg_unicode_fast") COLLATE "C")"""
BY_HAND = {
    "plain": {
        "join": "",
        "where": "(r.values ->> 'score')::numeric >= 1000",
        "order": "(r.values ->> 'score')::numeric DESC, r.id",
    },
    "lookup": {
        "join": """JOIN link l ON l.record_id = r.id AND l.field = 'customer'
            JOIN record c ON c.id = l.target_id AND c.project_id = '{customers}' AND c.deleted_at IS NULL""",
        "where": "r.list = 'open'",
        "order": f"{CITY}, r.id",
    },
    "formula": {"join": "", "where": f"{PROFIT} > 100", "order": f"{PROFIT}, r.id"},
}
LIVING = "WHERE project_id = '{project}' AND deleted_at IS NULL"
HAND_INDEXES = {
    "deals": [
        f"CREATE INDEX hand_plain ON record (((values ->> 'score')::numeric) DESC, id) {LIVING}",
        f"CREATE INDEX hand_formula ON record (({PROFIT.replace('r.values', 'values')}), id) {LIVING}",
    ],
    "customers": [f"CREATE INDEX hand_lookup ON record (({CITY.replace('c.values', 'values')})) {LIVING}"],
}
Projects = dict[str, str]


def written(question: str, projects: Projects) -> str:
    """Formatted twice: the parts name projects, too."""
    return OWN.format(**BY_HAND[question], **projects).format(**projects)


async def asked(client: httpx.AsyncClient, **question: Any) -> tuple[float, dict[str, Any]]:
    """Milliseconds, and the page."""
    started = time.perf_counter()
    answer = await client.post("/v1/projects/deals/records/query", json={"limit": PAGE, **question})
    taken = (time.perf_counter() - started) * 1000
    page: dict[str, Any] = answer.raise_for_status().json()
    return taken, page


async def middle(client: httpx.AsyncClient, question: dict[str, Any]) -> str:
    """A cursor some pages further on."""
    cursor = None
    for _ in range(20):
        _, page = await asked(client, **question | {"limit": 500, "fields": []}, cursor=cursor)
        cursor = page["next_cursor"]
    return str(cursor)


async def compared(
    client: httpx.AsyncClient, connection: asyncpg.Connection, sql: str, question: dict[str, Any], times: int
) -> dict[str, float]:
    """In turns, so that both see the same machine."""
    ours, theirs = list[float](), list[float]()
    for _ in range(times):
        ours.append((await asked(client, **question))[0])
        started = time.perf_counter()
        await connection.fetch(sql)
        theirs.append((time.perf_counter() - started) * 1000)
    api, by_hand = statistics.median(ours), statistics.median(theirs)
    return {
        "api_p50_ms": round(api, 1),
        "sql_p50_ms": round(by_hand, 1),
        "over_budget_ms": round(api - 1.5 * by_hand - 5, 1),
    }


async def indexed(connection: asyncpg.Connection, client: httpx.AsyncClient) -> float:
    """Seconds until all that was asked for is there."""
    started = time.perf_counter()
    async with asyncio.timeout(120):
        while await connection.fetchval("SELECT count(*) FROM field_index WHERE state = 'wanted'"):
            await asyncio.sleep(0.2)
    return round(time.perf_counter() - started, 1)


async def measure(engines: tuple[str, str], wanted: argparse.Namespace, stack: ExitStack) -> dict[str, Any]:
    await create_database(engines[0], "records")
    dsn = engines[0].removesuffix("postgres") + "records"
    (port,) = ports.free_ports(1)
    settings = {
        "RECORDS_DATABASE_URL": dsn.replace("postgresql://", "postgresql+asyncpg://", 1),
        "RECORDS_NATS_URL": engines[1],
        "RECORDS_PORT": str(port),
        "RECORDS_ADMIN_KEY": KEY,
        "RECORDS_LOG_LEVEL": "ERROR",
    }
    url = f"http://127.0.0.1:{port}"
    service = stack.enter_context(process("-m", "records", **settings))
    await ready(f"{url}/readyz")
    connection = await asyncpg.connect(dsn, server_settings={"jit": "off", "random_page_cost": "1.1"})
    headers = {"authorization": f"Bearer {KEY}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=60) as client:
        for project in (CUSTOMERS, DEALS):
            (await client.post("/v1/projects", json=project)).raise_for_status()
        projects = {row["key"]: str(row["id"]) for row in await connection.fetch("SELECT key, id FROM project")}
        await connection.fetch(FILL, wanted.records)
        await connection.execute("VACUUM ANALYZE record, link")
        found: dict[str, Any] = {"records": wanted.records, "peers_p50_ms": PEERS}
        found["without_index"] = {
            name: await compared(client, connection, written(name, projects), question, 5)
            for name, question in QUESTIONS.items()
        }
        found["indexed_after_s"] = await indexed(connection, client)
        for key, indexes in HAND_INDEXES.items():
            for index in indexes:
                await connection.execute(index.format(project=projects[key]))
        await connection.execute("VACUUM ANALYZE record, link")
        data = str(Path(await connection.fetchval("SHOW data_directory")))
        busy = cpu_of(service, data)
        for name, question in QUESTIONS.items():
            first = await compared(client, connection, written(name, projects), question, wanted.times)
            deep = question | {"cursor": await middle(client, question)}
            before = busy()
            later = statistics.median([(await asked(client, **deep))[0] for _ in range(wanted.times)])
            cpu = (busy() - before) * 1000 / wanted.times
            found[name] = first | {"page_101_p50_ms": round(later, 1), "cpu_ms": round(cpu, 1)}
        _, page = await asked(client, **QUESTIONS["plain"])
        found["items"] = len(page["items"])
    await connection.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=60)
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    on_engines(measure, wanted)


if __name__ == "__main__":
    main()
