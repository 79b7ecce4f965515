"""Calls that are logged, and those that turned out to be parts of others: one conversation has one activity."""

from collections.abc import Collection, Sequence

import orjson
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from records.domain.activity import Activity, call_activity_id
from records.storage.activities import activity_of
from records.storage.tables.activities import activity, merged_call
from shared.contracts.calls import CallSnapshot
from shared.database import driver

_LOCK = """
SELECT pg_advisory_xact_lock(hashtextextended('call/' || id, 0))
FROM (SELECT unnest($1::text[]) AS id ORDER BY 1) AS named
"""
_REFRESH = """
WITH known AS (SELECT EXISTS (SELECT FROM merged_call WHERE call = $1) AS merged),
newer AS (
    UPDATE activity SET call = $3::text::jsonb, call_version = $4 FROM known
    WHERE id = $2::uuid AND call_version < $4 AND NOT merged
)
SELECT merged OR EXISTS (SELECT FROM activity WHERE id = $2::uuid) FROM known
"""


async def lock(connection: AsyncConnection, calls: Collection[str]) -> None:
    """Nobody else logs these until the commit."""
    await driver.execute(connection, _LOCK, list(calls))


async def note_merged(connection: AsyncConnection, call: str, part_of: str | None) -> None:
    statement = insert(merged_call).values(call=call, part_of=part_of)
    newest = statement.on_conflict_do_update(index_elements=["call"], set_={"part_of": part_of})
    await connection.execute(newest)


async def refresh(connection: AsyncConnection, call: CallSnapshot) -> bool:
    """Keep the newest version of a call that is logged. False where it is not, nor part of one that is to be."""
    told = orjson.dumps(call.model_dump(mode="json")).decode()
    known = (call.id, call_activity_id(call.id), told, call.version)
    return bool(await driver.fetch_value(connection, _REFRESH, *known))


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
