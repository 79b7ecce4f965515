"""The service on real engines: a database in each, of one test alone."""

import asyncio
import itertools
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from services.analytics.tests.running import Asking, Running, running_service

from analytics.main import MIGRATIONS
from analytics.storage.clickhouse import ClickHouse, open_clickhouse
from analytics.storage.migrations import migrate as migrate_clickhouse
from shared.database.migrate import migrate
from shared.engines.databases import create_database

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def database_template(postgres_url: str) -> str:
    """Migrated once; each test's database is a copy."""
    name = "analytics_template"
    address = postgres_url.replace("postgresql://", "postgresql+asyncpg://", 1).removesuffix("postgres") + name
    asyncio.run(_prepare(postgres_url, name, address))
    return name


async def _prepare(server: str, name: str, address: str) -> None:
    await create_database(server, name)
    await migrate(address, MIGRATIONS)


@pytest.fixture
def clickhouse_url(chdb_path: str) -> str:
    """A database of one test in the process's one engine."""
    return f"chdb://{chdb_path}?database=test_{next(_numbers)}"


@pytest_asyncio.fixture(scope="session")
async def clickhouse(chdb_path: str) -> AsyncIterator[ClickHouse]:
    """A database for the questions; open all along, so that the engine starts once."""
    opened = await open_clickhouse(f"chdb://{chdb_path}?database=questions")
    await migrate_clickhouse(opened, MIGRATIONS / "clickhouse")
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def asking(clickhouse: ClickHouse) -> AsyncIterator[Asking]:
    yield Asking(clickhouse)
    for table in ("call", "record", "stage_entry", "activity", "rate"):
        await clickhouse.command(f"TRUNCATE TABLE {table}")


@pytest_asyncio.fixture
async def service(database_url: str, bus_url: str, clickhouse_url: str) -> AsyncIterator[Running]:
    async with running_service(database_url, bus_url, clickhouse_url) as opened:
        yield opened
