"""The migrations and the tables that the code speaks of are one and the same."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from calls.domain.call import Call, Identity
from calls.domain.connection import Connection as ProviderConnection
from calls.domain.delivery import Delivery
from calls.storage import tables
from calls.storage.tables import calls, deliveries
from shared.database import Database


async def test_the_migrated_schema_is_the_tables_of_the_code(database_url: str) -> None:
    database = Database(database_url)
    async with database.begin() as connection:
        differences = await connection.run_sync(_differences)
    await database.dispose()
    assert differences == []


def _differences(connection: Connection) -> list[object]:
    ours = tables.metadata.tables.keys()
    context = MigrationContext.configure(
        connection, opts={"include_name": lambda name, kind, _parents: kind != "table" or name in ours}
    )
    return list(compare_metadata(context, tables.metadata))


def test_what_is_loaded_has_the_columns_of_its_table() -> None:
    call_columns = {column.name for column in calls.call.c} - {"version", "end_told", "merged_into"}
    assert call_columns == set(Call.__dataclass_fields__)
    assert set(Identity.__dataclass_fields__) < call_columns
    assert set(Delivery.__dataclass_fields__) < {column.name for column in deliveries.delivery.c}
    assert set(ProviderConnection.__dataclass_fields__) < {column.name for column in deliveries.connection.c}
