"""Rows that say what another service told last: events come twice and out of order, and the newest version counts."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert

from shared.database.transaction import Transaction


async def keep_newest(
    transaction: Transaction, table: Table, row: Mapping[str, Any], *, key: Sequence[str] = ("id",)
) -> None:
    """Add the row, or put it in the place of one with a lower ``version``. ``row`` names the whole of it."""
    statement = insert(table).values(row)
    newer = table.c.version < statement.excluded.version
    await transaction.execute(statement.on_conflict_do_update(index_elements=[*key], set_=row, where=newer))
