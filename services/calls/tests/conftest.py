"""The service on real engines: its whole life, over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from services.calls.tests.running import Running

from calls.main import MIGRATIONS, create_app
from calls.settings import Settings
from shared.database.migrate import migrate
from shared.engines.databases import create_database
from shared.testing.service import give_key, running


@pytest.fixture(scope="session")
def database_template(postgres_url: str) -> str:
    """Migrated once; each test's database is a copy."""
    name = "calls_template"
    address = postgres_url.replace("postgresql://", "postgresql+asyncpg://", 1).removesuffix("postgres") + name
    asyncio.run(_prepare(postgres_url, name, address))
    return name


async def _prepare(server: str, name: str, address: str) -> None:
    await create_database(server, name)
    await migrate(address, MIGRATIONS)


@pytest_asyncio.fixture
async def service(database_url: str, nats_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    async for each in _serving(Settings(database_url=database_url, nats_url=nats_url, spool_dir=tmp_path / "spool")):
        yield each


@pytest_asyncio.fixture
async def clocked(database_url: str, nats_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    """The same, on a clock that the test moves."""
    spool = tmp_path / "spool"
    moved = Settings(database_url=database_url, nats_url=nats_url, spool_dir=spool, test_clock=True)
    async for each in _serving(moved):
        yield each


async def _serving(settings: Settings) -> AsyncIterator[Running]:
    app = create_app(settings)
    async with running(app) as client:
        client.headers["authorization"] = f"Bearer {await give_key(app.state.database)}"
        yield Running(app, client)
