"""A service's own database: a pool of connections and the transactions on it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from shared.database.driver import entangled, fetch_value
from shared.database.transaction import Transaction
from shared.errors import Invalid, Unavailable

# PostgreSQL's codes of a deadlock and of a serialization failure.
ENTANGLED = ("40P01", "40001")
# And of a text with a NUL in it, in a column and in JSON.
UNWRITABLE = ("22021", "22P05")
# What is read is mostly in memory or on a disk without heads: following an index costs little more than reading on.
SETTINGS = {"jit": "off", "timezone": "UTC", "random_page_cost": "1.1"}
_NOW = text("SELECT app_now()")


class Database:
    """Opens lazily; `dispose` when done. ``url`` is ``postgresql+asyncpg://…``."""

    def __init__(self, url: str, pool_size: int = 12) -> None:
        self.url = url
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=5,
            pool_pre_ping=False,
            json_deserializer=orjson.loads,
            connect_args={"timeout": 5, "server_settings": SETTINGS},
        )

    @asynccontextmanager
    async def transaction(self, actor: str | None = None) -> AsyncIterator[Transaction]:
        """One transaction: committed with its events when the block ends, rolled back when it raises."""
        async with self.begin() as connection:
            now: datetime = (await connection.execute(_NOW)).scalar_one()
            transaction = Transaction(connection, now, actor=actor)
            yield transaction
            await transaction.flush()

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """A bare connection in a transaction.

        Raises `Invalid` where a text cannot be written as it is, `Unavailable` while the database cannot be reached
        or all connections stay busy. Lost in the middle of a commit, it cannot say whether the change stands: repeat
        it under the same key.
        """
        try:
            connection = await self.engine.connect()
        except (OSError, DBAPIError, PoolTimeout, TimeoutError) as error:
            raise _unreachable() from error
        try:
            async with connection.begin():
                yield connection
        except ConnectionError as error:
            raise _unreachable() from error
        except DBAPIError as error:
            if error.connection_invalidated:
                raise _unreachable() from error
            state = getattr(error.orig, "sqlstate", None)
            if state in ENTANGLED:
                raise entangled() from error
            if state in UNWRITABLE:
                raise Invalid("A text holds the character NUL, which cannot be kept.") from error
            raise
        finally:
            await connection.close()

    async def glance(self, statement: str) -> Any:
        """The one value that the statement reads, in one round trip: for who asks often and mostly in vain.

        Raises `Unavailable`.
        """
        try:
            async with self.engine.connect() as connection:
                return await fetch_value(connection, statement)
        except (OSError, DBAPIError, PoolTimeout, TimeoutError) as error:
            raise _unreachable() from error

    async def dispose(self) -> None:
        await self.engine.dispose()


def _unreachable() -> Unavailable:
    problem = Unavailable("The database cannot be reached just now; nothing was changed. Try again.")
    problem.retry_after = 1
    return problem
