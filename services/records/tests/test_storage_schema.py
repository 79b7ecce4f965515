"""The migrations make what the tables in the code say."""

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from services.records.tests.running import Api
from sqlalchemy import Connection

from records.storage.tables import metadata
from records.storage.versions import _COLUMNS
from shared.database.tables import platform

EXPRESSIONS = {"user_email", "user_as_text"}  # an index on an expression is compared by name only


def differences(connection: Connection) -> list[Any]:
    ours = set(metadata.tables)

    def include(_thing: object, name: str | None, kind: str, *_: object) -> bool:
        if kind == "table":
            return name in ours
        return name not in EXPRESSIONS and not str(name).startswith("match_")  # those imports make as they need them

    options = {"include_object": include, "compare_type": True}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


async def test_the_migrations_make_the_tables(shared_api: Api) -> None:
    async with shared_api.database.begin() as connection:
        assert await connection.run_sync(differences) == []


def test_a_version_writes_every_column_but_the_position() -> None:
    assert set(_COLUMNS) == {column.name for column in metadata.tables["record"].c} - {"position"}


def test_no_table_is_called_like_one_of_the_platforms() -> None:
    assert not set(metadata.tables) & set(platform.tables)
