"""The service on real engines: its whole life, over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import pytest_asyncio
from fastapi import FastAPI
from services.calls.tests.running import Running

from calls.main import MIGRATIONS, create_app
from calls.settings import Settings
from shared.database.migrate import migrate
from shared.engines.databases import create_database
from shared.testing.plugin import temporary_database
from shared.testing.service import client_of, empty, give_key, running


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


@dataclass(frozen=True)
class Shared:
    """A service that is started once, and as new for each test."""

    app: FastAPI
    key: str

    @asynccontextmanager
    async def as_new(self) -> AsyncIterator[Running]:
        await empty(self.app.state.database)
        async with client_of(self.app, self.key) as client:
            opened = Running(self.app, client)
            await opened.refreshed()
            yield opened


@pytest_asyncio.fixture(scope="session")
async def shared_service(postgres_url: str, database_template: str, nats_url: str) -> AsyncIterator[Shared]:
    async with _serving(postgres_url, database_template, nats_url) as opened:
        yield opened


@pytest_asyncio.fixture(scope="session")
async def shared_clocked(postgres_url: str, database_template: str, nats_url: str) -> AsyncIterator[Shared]:
    async with _serving(postgres_url, database_template, nats_url, test_clock=True) as opened:
        yield opened


@pytest_asyncio.fixture
async def service(shared_service: Shared) -> AsyncIterator[Running]:
    async with shared_service.as_new() as opened:
        yield opened


@pytest_asyncio.fixture
async def clocked(shared_clocked: Shared) -> AsyncIterator[Running]:
    """The same, on a clock that the test moves."""
    async with shared_clocked.as_new() as opened:
        yield opened


@asynccontextmanager
async def _serving(server: str, template: str, nats_url: str, **settings: Any) -> AsyncIterator[Shared]:
    async with temporary_database(server, template) as url:
        with TemporaryDirectory() as spool:
            app = create_app(Settings(database_url=url, nats_url=nats_url, spool_dir=Path(spool), **settings))
            async with running(app):
                yield Shared(app, await give_key(app.state.database))
