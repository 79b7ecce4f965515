"""Bringing a service's database to its newest shape at start, safely with several replicas starting at once."""

import logging
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.database import Database
from shared.errors import Unavailable

LOCK_NOT_AVAILABLE = "55P03"

log = logging.getLogger(__name__)


async def migrate(url: str, versions: Path) -> None:
    """Run the numbered migrations in ``versions`` that the database has not seen. Idempotent.

    Raises `Unavailable` while the database cannot be reached, or a table is in use for long.
    """
    database = Database(url, pool_size=1)
    try:
        async with database.begin() as connection:
            found, newest = await _version(connection), _newest(versions)
            if found != newest:
                from shared.database.upgrade import upgrade

                log.info("the database goes from %s to %s", found or "nothing", newest)
                await connection.run_sync(upgrade, versions)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == LOCK_NOT_AVAILABLE:
            raise Unavailable("A table that is to change is in use.") from error
        raise
    finally:
        await database.dispose()


async def _version(connection: AsyncConnection) -> str | None:
    if (await connection.execute(text("SELECT to_regclass('alembic_version')"))).scalar() is None:
        return None
    found: str | None = (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar()
    return found


def _newest(versions: Path) -> str:
    return max(each.name.partition("_")[0] for each in versions.glob("[0-9]*.py"))
