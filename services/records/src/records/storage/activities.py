"""What happened on records."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, DateTime, Executable, Row, func, literal, literal_column, select, tuple_, update
from sqlalchemy.dialects.postgresql import UUID, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from records.domain.activity import Activity, ActivityType
from records.storage.tables.activities import activity
from records.storage.tables.records import record
from shared.contracts.calls import CallSnapshot


async def add(connection: AsyncConnection, new: Activity) -> None:
    await connection.execute(insert(activity).values(_row(new)))


async def add_call(connection: AsyncConnection, new: Activity) -> bool:
    """Log a call, or refresh the one that is logged if this version of the call is newer. True where it is new."""
    statement = insert(activity).values(_row(new))
    refreshed: Executable = statement.on_conflict_do_update(
        index_elements=["id"],
        set_={"call": statement.excluded.call, "call_version": statement.excluded.call_version},
        where=activity.c.call_version < statement.excluded.call_version,
    ).returning(literal_column("xmax = 0"))
    return bool((await connection.execute(refreshed)).scalar_one_or_none())


async def change(connection: AsyncConnection, changed: Activity) -> None:
    names = ("at", "body", "assignee", "due_at", "done_at", "mentions", "edited_at", "deleted_at")
    values = {name: getattr(changed, name) for name in names}
    await connection.execute(update(activity).where(activity.c.id == changed.id).values(values))


async def find(connection: AsyncConnection, activity_id: str) -> Activity | None:
    """The activity, locked until the commit."""
    live = activity.c.deleted_at.is_(None)
    statement = select(activity).where(activity.c.id == activity_id, live).with_for_update()
    row = (await connection.execute(statement)).one_or_none()
    return activity_of(row) if row else None


async def page(
    connection: AsyncConnection,
    record_id: str,
    after: tuple[datetime, str] | None,
    limit: int,
    only: ActivityType | None = None,
) -> Sequence[Activity]:
    """The newest first, of all types or of one."""
    statement = (
        select(activity)
        .where(activity.c.record_id == record_id, activity.c.deleted_at.is_(None))
        .order_by(activity.c.at.desc(), activity.c.id.desc())
        .limit(limit)
    )
    if after:
        statement = statement.where(tuple_(activity.c.at, activity.c.id) < _place(*after))
    if only:
        statement = statement.where(activity.c.type == only)
    return [activity_of(row) for row in await connection.execute(statement)]


async def next_due(connection: AsyncConnection, record_id: str) -> datetime | None:
    """When the first open task of the record is due."""
    statement = select(func.min(activity.c.due_at)).where(
        activity.c.record_id == record_id,
        activity.c.type == "task",
        activity.c.done_at.is_(None),
        activity.c.deleted_at.is_(None),
    )
    due: datetime | None = (await connection.execute(statement)).scalar_one()
    return due


async def raise_last_activity(connection: AsyncConnection, record_ids: Sequence[str], at: datetime) -> None:
    """Let the records be active at least since then. No version: nothing they hold has changed."""
    newest = func.greatest(record.c.last_activity_at, at)
    await connection.execute(update(record).where(record.c.id.in_(record_ids)).values(last_activity_at=newest))


async def set_next_activity(connection: AsyncConnection, record_id: str, at: datetime | None) -> None:
    await connection.execute(update(record).where(record.c.id == record_id).values(next_activity_at=at))


def _place(at: datetime, last: str) -> ColumnElement[Any]:
    return tuple_(literal(at, DateTime(timezone=True)), literal(last, UUID(as_uuid=False)))


def _row(of: Activity) -> dict[str, Any]:
    call = of.call
    return vars(of) | {
        "call": call.model_dump(mode="json") if call else None,
        "call_version": call.version if call else None,
    }


def activity_of(row: Row[Any]) -> Activity:
    parts = {name: value for name, value in row._mapping.items() if name != "call_version"}  # noqa: SLF001 — public
    return Activity(**parts | {"call": CallSnapshot.model_validate(parts["call"]) if parts["call"] else None})
