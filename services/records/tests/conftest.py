"""The service on the real engines, started once and emptied for each test."""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest_asyncio
from services.records.tests.running import Api, address, running, settings
from sqlalchemy import text

from records.main import MIGRATIONS
from shared.database.migrate import migrate
from shared.engines.databases import create_database, drop_database
from shared.testing.service import empty

# As after a change of the schema: what was remembered of it holds no longer.
RENEWED = text("UPDATE workspace SET token = gen_random_uuid()::text")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def database_template(postgres_url: str) -> AsyncIterator[str]:
    name = f"records_template_{os.getpid()}"
    await create_database(postgres_url, name)
    await migrate(address(postgres_url, name), MIGRATIONS)
    yield name
    await drop_database(postgres_url, name)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared_api(postgres_url: str, database_template: str) -> AsyncIterator[Api]:
    """One service for all tests; whoever uses it as it is works in projects of its own."""
    name = f"records_shared_{os.getpid()}"
    await create_database(postgres_url, name, template=database_template)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(drop_database, postgres_url, name)
        yield await stack.enter_async_context(running(settings(address(postgres_url, name))))


@pytest_asyncio.fixture(loop_scope="session")
async def api(shared_api: Api) -> Api:
    """The service, emptied."""
    await empty(shared_api.database, key="Administrator", but=["workspace"])
    async with shared_api.database.begin() as connection:
        await connection.execute(RENEWED)
    shared_api.app.state.parts.clear()
    return shared_api
