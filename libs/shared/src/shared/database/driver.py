"""The driver below SQLAlchemy, for the few statements that every request makes: they cost a third of the CPU there.

They run in the transaction that is open on the connection. Parameters are ``$1``, ``$2`` …
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.errors import Unavailable


async def fetch_value(connection: AsyncConnection, statement: str, *parameters: object) -> Any:
    """The one value of the one row. Raises `Unavailable` when the database is lost meanwhile."""
    with _told_as_unavailable():
        return await (await _driver(connection)).fetchval(statement, *parameters)


async def fetch(connection: AsyncConnection, statement: str, *parameters: object) -> list[asyncpg.Record]:
    """All rows. Raises `Unavailable` when the database is lost meanwhile."""
    with _told_as_unavailable():
        rows: list[asyncpg.Record] = await (await _driver(connection)).fetch(statement, *parameters)
        return rows


async def execute(connection: AsyncConnection, statement: str, *parameters: object) -> None:
    """Raises `Unavailable` when the database is lost meanwhile."""
    with _told_as_unavailable():
        await (await _driver(connection)).execute(statement, *parameters)


async def _driver(connection: AsyncConnection) -> asyncpg.Connection:
    return (await connection.get_raw_connection()).driver_connection


@contextmanager
def _told_as_unavailable() -> Iterator[None]:
    try:
        yield
    except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError) as error:
        raise entangled() from error
    except (asyncpg.PostgresConnectionError, asyncpg.InterfaceError, OSError) as error:
        raise Unavailable("The database was lost just now; nothing was changed. Try again.") from error


def entangled() -> Unavailable:
    """Two changes waited for each other, and this one gave way."""
    problem = Unavailable("Another change got in the way; nothing was changed. Try again.")
    problem.retry_after = 1
    return problem
