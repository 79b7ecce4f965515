"""Calls that are logged, and those that turned out to be parts of others: one conversation has one activity."""

from collections.abc import Collection, Sequence

from sqlalchemy import delete, exists, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from records.domain.activity import Activity
from records.storage.activities import activity_of
from records.storage.tables import activity, merged_call

_LOCK = text("""
    SELECT pg_advisory_xact_lock(hashtextextended('call/' || id, 0))
    FROM (SELECT unnest(cast(:ids AS text[])) AS id ORDER BY 1) AS named
""")


async def lock(connection: AsyncConnection, calls: Collection[str]) -> None:
    """Nobody else logs these until the commit."""
    await connection.execute(_LOCK, {"ids": list(calls)})


async def note_merged(connection: AsyncConnection, call: str, part_of: str | None) -> None:
    statement = insert(merged_call).values(call=call, part_of=part_of)
    newest = statement.on_conflict_do_update(index_elements=["call"], set_={"part_of": part_of})
    await connection.execute(newest)


async def is_merged(connection: AsyncConnection, call: str) -> bool:
    return bool((await connection.execute(select(exists().where(merged_call.c.call == call)))).scalar_one())


async def parts_of(connection: AsyncConnection, call: str) -> Sequence[str]:
    known = select(merged_call.c.call).where(merged_call.c.part_of == call).order_by(merged_call.c.call)
    return list((await connection.execute(known)).scalars())


async def of_calls(connection: AsyncConnection, activity_ids: Collection[str]) -> list[Activity]:
    """Those of these activities that are there, locked until the commit."""
    if not activity_ids:
        return []
    known = select(activity).where(activity.c.id.in_(list(activity_ids)), activity.c.deleted_at.is_(None))
    return [activity_of(row) for row in await connection.execute(known.order_by(activity.c.id).with_for_update())]


async def forget(connection: AsyncConnection, activities: Collection[Activity]) -> None:
    await connection.execute(delete(activity).where(activity.c.id.in_([each.id for each in activities])))
