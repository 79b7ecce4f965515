"""The numbers that fields of the type unique_id give out: one sequence a field, so that nobody waits for anybody.

Only while somebody brings numbers along do those wait who take some: both hold a lock of the field, the takers a
shared one.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from hashlib import blake2b

from sqlalchemy import select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from records.storage.tables.records import record
from shared.database.driver import execute, fetch

_TAKE = """
    SELECT nextval($1::text::regclass) AS number
    FROM (SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))) AS held, generate_series(1, $2)
    """


async def begin(connection: AsyncConnection, project_id: str, field: str, start: int) -> None:
    """It outlives the field, whose key is never given to another."""
    await connection.execute(text(f"CREATE SEQUENCE {_name(project_id, field)} MINVALUE 0 START WITH {int(start)}"))


async def take(connection: AsyncConnection, project_id: str, field: str, count: int) -> list[int]:
    """So many numbers, in order. Those of a change that fails are not given again."""
    return sorted(row["number"] for row in await fetch(connection, _TAKE, _name(project_id, field), count))


async def claim(connection: AsyncConnection, project_id: str, field: str, written: Collection[str]) -> set[str]:
    """Hold the field's numbers until the commit; those of ``written`` that records have, in the trash too."""
    await execute(connection, "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", _name(project_id, field))
    value = f"""record."values" ->> '{field}'"""
    found = (
        f"SELECT {value} AS number FROM record WHERE project_id = '{project_id}' AND lower({value}) = ANY($1::text[])"  # noqa: S608 — keys and ids
    )
    statement = f"{found} AND deleted_at IS NULL UNION ALL {found} AND deleted_at IS NOT NULL"
    return {row["number"] for row in await fetch(connection, statement, [word.lower() for word in written])}


async def go_on_behind(connection: AsyncConnection, project_id: str, field: str, number: int) -> None:
    """The next one given out is behind this one, unless it is so already."""
    name = _name(project_id, field)
    statement = f"SELECT setval($1::text::regclass, $2) FROM {name} WHERE last_value <= $2"  # noqa: S608 — letters and digits
    await execute(connection, statement, name, number)


async def without(
    connection: AsyncConnection, project_id: str, field: str, after: Sequence[str] | None, limit: int
) -> list[tuple[str, datetime]]:
    """Live records that have no number, oldest first, behind that time and id."""
    place = tuple_(record.c.created_at, record.c.id)
    bare = (record.c.project_id == project_id, record.c.deleted_at.is_(None), ~record.c["values"].has_key(field))
    found = select(record.c.id, record.c.created_at).where(*bare).order_by(record.c.created_at, record.c.id)
    if after:
        found = found.where(place > (datetime.fromisoformat(after[0]), after[1]))
    return [(row.id, row.created_at) for row in await connection.execute(found.limit(limit))]


def _name(project_id: str, field: str) -> str:
    return "number_" + blake2b(f"{project_id}/{field}".encode(), digest_size=16).hexdigest()
