"""How fast a file is imported, and what memory it takes.

``python tests/benchmarks/records_import.py [--rows 100000] [--json]``. Each row has a title, an
amount, a date, an option, a telephone number and a mail address, all checked, and two references: to a customer by
its mail address, to a product by its name. One row in a thousand is wrong and rejected. The service runs as its users
run it, its relay publishing meanwhile; PostgreSQL and NATS sync as in production. Beside it stands what the engine
takes of the same lines as they are. Memory is the most that the
service's process ever held.
"""

import argparse
import asyncio
import csv
import io
import time
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import orjson
from measuring import on_engines, process, ready
from records_create import KEY, cpu_of, raw_rows_per_s

from shared.engines import ports
from shared.engines.databases import create_database

CUSTOMERS, PRODUCTS = 1_000, 200
COLUMNS = ("Deal", "Amount", "Close on", "Source", "Phone", "Mail", "Customer", "Product")
MAPPING = {
    "Deal": "title",
    "Amount": "amount",
    "Close on": "close_on",
    "Source": "source",
    "Phone": "phone",
    "Mail": "mail",
    "Customer": "customer.email",
    "Product": "product.title",
}
PROJECTS: list[dict[str, Any]] = [
    {
        "key": "customers",
        "name": "Customers",
        "lists": [{"key": "all", "name": "All"}],
        "fields": [{"key": "email", "name": "E-mail", "type": "email"}],
    },
    {"key": "products", "name": "Products", "lists": [{"key": "all", "name": "All"}], "fields": []},
    {
        "key": "deals",
        "name": "Deals",
        "lists": [{"key": "open", "name": "Open"}],
        "fields": [
            {"key": "amount", "name": "Amount", "type": "currency"},
            {"key": "close_on", "name": "Close on", "type": "date"},
            {"key": "source", "name": "Source", "type": "select", "config": {"options": ["Referral", "Website"]}},
            {"key": "phone", "name": "Phone", "type": "phone", "config": {"default_region": "NL"}},
            {"key": "mail", "name": "Mail", "type": "email"},
            {"key": "customer", "name": "Customer", "type": "reference", "config": {"project": "customers"}},
            {"key": "product", "name": "Product", "type": "reference", "config": {"project": "products"}},
            {"key": "customer_mail", "name": "Its mail", "type": "lookup", "config": {"path": ["customer", "email"]}},
        ],
    },
]


def table(rows: int) -> bytes:
    written = io.StringIO()
    lines = csv.writer(written)
    lines.writerow(COLUMNS)
    for number in range(rows):
        lines.writerow(
            (
                f"Deal {number}",
                "much" if number % 1_000 == 0 else f"{number % 90_000}.50",
                "2026-05-31",
                "Website",
                f"+3120{number % 10_000_000:07d}",
                f"deal{number}@example.com",
                f"c{number % CUSTOMERS}@example.com",
                f"Product {number % PRODUCTS}",
            )
        )
    return written.getvalue().encode()


def lines(content: bytes) -> list[str]:
    return content.decode().splitlines()[1:]


async def _set_up(client: httpx.AsyncClient) -> None:
    for project in PROJECTS:
        (await client.post("/v1/projects", json=project)).raise_for_status()
    customers = [{"title": f"C{n}", "values": {"email": f"c{n}@example.com"}} for n in range(CUSTOMERS)]
    products = [{"title": f"Product {n}"} for n in range(PRODUCTS)]
    for project, items in (("customers", customers), ("products", products)):
        (await client.post(f"/v1/projects/{project}/records/bulk", json={"items": items})).raise_for_status()


async def _imported(client: httpx.AsyncClient, content: bytes) -> dict[str, Any]:
    """The import when it is done."""
    asked = {"project": "deals", "mapping": orjson.dumps(MAPPING).decode()}
    answer = await client.post("/v1/imports", files={"file": ("deals.csv", content)}, data=asked)
    job: dict[str, Any] = answer.raise_for_status().json()
    while job["state"] in ("waiting", "running", "queued"):
        await asyncio.sleep(0.2)
        job = (await client.get(f"/v1/imports/{job['id']}")).raise_for_status().json()
    return job


async def measure(engines: tuple[str, str], asked: argparse.Namespace, stack: ExitStack) -> dict[str, Any]:
    await create_database(engines[0], "records")
    dsn = engines[0].removesuffix("postgres") + "records"
    connection = await asyncpg.connect(dsn)
    data = str(Path(await connection.fetchval("SHOW data_directory")))
    await connection.close()
    (port,) = ports.free_ports(1)
    settings = {
        "RECORDS_DATABASE_URL": dsn.replace("postgresql://", "postgresql+asyncpg://", 1),
        "RECORDS_NATS_URL": engines[1],
        "RECORDS_PORT": str(port),
        "RECORDS_ADMIN_KEY": KEY,
        "RECORDS_LOG_LEVEL": "ERROR",
    }
    service = stack.enter_context(process("-m", "records", **settings))
    url, headers = f"http://127.0.0.1:{port}", {"authorization": f"Bearer {KEY}"}
    await ready(f"{url}/readyz")
    async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=120) as client:
        await _set_up(client)
        content, spent = table(asked.rows), cpu_of(service, data)
        resting, cpu, started = _most_memory(service), spent(), time.perf_counter()
        job = await _imported(client, content)
        taken = time.perf_counter() - started
    raw = await raw_rows_per_s(dsn, 2, ({"title": each, "values": {"line": each}} for each in cycle(lines(content))))
    return {
        **{name: job[name] for name in ("state", "error", "created", "rejected")},
        "seconds": round(taken, 2),
        "rows_per_s": round(asked.rows / taken),
        "raw_rows_per_s": round(raw),
        "share_of_raw": round(asked.rows / taken / raw, 3),
        "cpu_ms_per_row": round((spent() - cpu) * 1000 / asked.rows, 2),
        "memory_mb": _most_memory(service),
        "memory_before_mb": resting,
    }


def _most_memory(process_id: int) -> int:
    status = Path(f"/proc/{process_id}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    on_engines(measure, asked)


if __name__ == "__main__":
    main()
