"""Which record waits for which."""

from sqlalchemy import ColumnElement, delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from records.storage.tables.records import dependency, record

# Two who add at the same moment could close a circle that neither sees.
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('dependency', 0))")

# The ways onward from a record to what waits for it, until the wanted one is reached.
_WAY = text(
    """
    WITH RECURSIVE way(id, ids) AS (
        SELECT CAST(:start AS uuid), ARRAY[CAST(:start AS uuid)]
        UNION ALL
        SELECT blocked_id, ids || blocked_id FROM dependency JOIN way ON blocker_id = way.id
        WHERE blocked_id <> ALL(ids) AND cardinality(ids) < 1000)
    SELECT CAST(ids AS text[]) FROM way WHERE id = CAST(:goal AS uuid) ORDER BY cardinality(ids) LIMIT 1
    """
)


async def way(connection: AsyncConnection, start: str, goal: str) -> list[str] | None:
    """The ids on the shortest way from a record to one that waits for it, both included.

    Nobody else adds a dependency until the commit.
    """
    await connection.execute(_LOCK)
    found: list[str] | None = (await connection.execute(_WAY, {"start": start, "goal": goal})).scalar_one_or_none()
    return found


async def add(connection: AsyncConnection, blocker: str, blocked: str) -> bool:
    """False where it is there already."""
    new = insert(dependency).values(blocker_id=blocker, blocked_id=blocked).on_conflict_do_nothing()
    return (await connection.execute(new)).rowcount == 1


async def remove(connection: AsyncConnection, one: str, other: str) -> bool:
    """In whichever direction it is. False where there is none."""
    either = _is(one, other) | _is(other, one)
    return (await connection.execute(delete(dependency).where(either))).rowcount > 0


async def blockers_of(connection: AsyncConnection, record_id: str) -> list[str]:
    """The ids of the records it waits for, those in the trash left out."""
    found = (
        select(record.c.id)
        .join(dependency, dependency.c.blocker_id == record.c.id)
        .where(dependency.c.blocked_id == record_id, record.c.deleted_at.is_(None))
        .order_by(record.c.id)
    )
    return list((await connection.execute(found)).scalars())


async def blocked_by(connection: AsyncConnection, record_id: str) -> list[str]:
    """The ids of the records that wait for it, those in the trash left out."""
    found = (
        select(record.c.id)
        .join(dependency, dependency.c.blocked_id == record.c.id)
        .where(dependency.c.blocker_id == record_id, record.c.deleted_at.is_(None))
        .order_by(record.c.id)
    )
    return list((await connection.execute(found)).scalars())


def _is(blocker: str, blocked: str) -> ColumnElement[bool]:
    return (dependency.c.blocker_id == blocker) & (dependency.c.blocked_id == blocked)
