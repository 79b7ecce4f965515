"""Alembic at work: imported only where there is something for it to do."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

ENVIRONMENT = Path(__file__).parent / "alembic"
# Any number, the same in all replicas: whoever holds it migrates.
MIGRATION_LOCK = 7_261_955


def upgrade(connection: Connection, versions: Path) -> None:
    """Run the migrations that the database has not seen, unless another replica just did."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
    connection.execute(text("SET LOCAL lock_timeout = '5s'"))
    config = Config()
    config.set_main_option("script_location", str(ENVIRONMENT))
    config.set_main_option("version_locations", str(versions))
    config.set_main_option("path_separator", "newline")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
