"""Bringing a service's database to its newest shape at start, safely with several replicas starting at once."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

ENVIRONMENT = Path(__file__).parent / "alembic"
# Any number, the same in all replicas: whoever holds it migrates.
MIGRATION_LOCK = 7_261_955


async def migrate(url: str, versions: Path) -> None:
    """Run the numbered migrations in ``versions`` that the database has not seen. Idempotent."""
    engine = create_async_engine(url, connect_args={"timeout": 10})
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_upgrade, versions)
    finally:
        await engine.dispose()


def _upgrade(connection: Connection, versions: Path) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
    connection.execute(text("SET LOCAL lock_timeout = '5s'"))
    config = Config()
    config.set_main_option("script_location", str(ENVIRONMENT))
    config.set_main_option("version_locations", str(versions))
    config.set_main_option("path_separator", "newline")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
