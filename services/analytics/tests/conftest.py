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
from shared.testing.plugin import temporary_database
from shared.testing.service import client_of, empty

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
    for table in ("call", "record", "stage_entry", "activity", "rate", "spend"):
        await clickhouse.command(f"TRUNCATE TABLE {table}")


@pytest_asyncio.fixture(scope="module")
async def shared_service(
    postgres_url: str, database_template: str, module_bus_url: str, chdb_path: str
) -> AsyncIterator[Running]:
    clickhouse = f"chdb://{chdb_path}?database=shared_{next(_numbers)}"
    async with (
        temporary_database(postgres_url, database_template) as database,
        running_service(database, module_bus_url, clickhouse) as opened,
    ):
        yield opened


@pytest_asyncio.fixture
async def service(shared_service: Running) -> AsyncIterator[Running]:
    """Started once for a module, and as new for each test."""
    await empty(shared_service.database)
    await shared_service.forget()
    async with client_of(shared_service.app, shared_service.key) as client:
        yield Running(shared_service.app, client, shared_service.key)


@pytest_asyncio.fixture
async def fresh_service(database_url: str, bus_url: str, clickhouse_url: str) -> AsyncIterator[Running]:
    """One of this test alone, with its own bus."""
    async with running_service(database_url, bus_url, clickhouse_url) as opened:
        yield opened
