"""The tables in the code are the tables of the migrations."""

from typing import Any

from automations.storage.tables import metadata


async def test_every_table_and_column_is_there(world: Any) -> None:
    rows = await world.rows(
        "SELECT table_name, column_name, is_nullable FROM information_schema.columns WHERE table_schema = 'public'"
    )
    found = {(each.table_name, each.column_name): each.is_nullable == "YES" for each in rows}
    expected = {
        (table.name, column.name): bool(column.nullable)
        for table in metadata.tables.values()
        for column in table.columns
    }
    tables = {table for table, _ in expected}
    assert {key: null for key, null in found.items() if key[0] in tables} == expected
