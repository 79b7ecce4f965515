"""What a record went through: its versions, and what was done on it beside them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, String, Text, cast, func, insert, literal, null, select, tuple_, union_all
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from records.storage.tables import change, deed
from shared.database import Transaction

# A version's place among those of the same moment, as a text that sorts after any id's.
_WIDTH = 20


async def note(transaction: Transaction, record_id: str, kind: str, changes: Mapping[str, Any]) -> None:
    """Keep a deed that is no version of the record; ``changes`` are ``{"before", "after"}`` by part, as a version's."""
    row = {"id": str(uuid7()), "record_id": record_id, "at": transaction.now, "actor": transaction.actor}
    await transaction.execute(insert(deed).values(row | {"kind": kind, "changes": dict(changes)}))


async def page(
    connection: AsyncConnection, record_id: str, before: tuple[datetime, str] | None, limit: int
) -> list[dict[str, Any]]:
    """The newest first, from before a moment and the ``place`` in it."""
    versions = select(
        change.c.version,
        change.c.at,
        change.c.actor,
        change.c.kind,
        change.c.changes,
        (literal("v") + func.lpad(cast(change.c.version, Text), _WIDTH, "0")).label("place"),
    ).where(change.c.record_id == record_id)
    deeds = select(
        null().label("version"), deed.c.at, deed.c.actor, deed.c.kind, deed.c.changes, cast(deed.c.id, Text)
    ).where(deed.c.record_id == record_id)
    all_ = union_all(versions, deeds).subquery()
    place = all_.c.place.collate("C")
    statement = select(all_).order_by(all_.c.at.desc(), place.desc()).limit(limit)
    if before:
        bound = tuple_(literal(before[0], DateTime(timezone=True)), literal(before[1], String).collate("C"))
        statement = statement.where(tuple_(all_.c.at, place) < bound)
    rows = await connection.execute(statement)
    return [{str(name): value for name, value in row.items()} for row in rows.mappings()]
