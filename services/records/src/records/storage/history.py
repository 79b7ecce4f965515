"""What a record went through: its versions, and what was done on it beside them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, Text, cast, insert, literal, select, tuple_, union_all
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from records.storage.tables.records import change, deed, record
from shared.database import Transaction


async def note(transaction: Transaction, record_id: str, kind: str, changes: Mapping[str, Any]) -> None:
    """Keep a deed that is no version of the record; ``changes`` are ``{"before", "after"}`` by part, as a version's."""
    row = {"id": str(uuid7()), "record_id": record_id, "at": transaction.now, "actor": transaction.actor}
    version = select(record.c.version).where(record.c.id == record_id).scalar_subquery()
    await transaction.execute(insert(deed).values(row | {"kind": kind, "changes": dict(changes), "version": version}))


async def page(
    connection: AsyncConnection, record_id: str, before: tuple[int, str] | None, limit: int
) -> list[dict[str, Any]]:
    """The newest first: each version (its ``deed`` empty), above it the deeds done while it was the newest."""
    parts = [change.c.version, change.c.at, change.c.actor, change.c.kind, change.c.changes]
    versions = select(*parts, literal("").label("deed")).where(change.c.record_id == record_id)
    parts = [deed.c.version, deed.c.at, deed.c.actor, deed.c.kind, deed.c.changes]
    deeds = select(*parts, cast(deed.c.id, Text)).where(deed.c.record_id == record_id)
    whole = union_all(versions, deeds).subquery()
    place = whole.c.version, whole.c.deed.collate("C")
    statement = select(whole).order_by(*(part.desc() for part in place)).limit(limit)
    if before:
        bound = tuple_(literal(before[0], BigInteger), literal(before[1], Text).collate("C"))
        statement = statement.where(tuple_(*place) < bound)
    rows = await connection.execute(statement)
    return [{str(name): value for name, value in row.items()} for row in rows.mappings()]
