"""Suggestions, and who wants to be asked."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import delete, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from records.domain.suggestion import Suggestion
from records.storage.tables.guides import suggestion
from records.storage.tables.people import preference
from records.storage.tables.records import record

_REOPENING = text(
    """
    SELECT record.id FROM record
    WHERE outcome ->> 'state' = 'stalled' AND deleted_at IS NULL AND outcome ->> 'reopen_on' <= :today
        AND NOT EXISTS (SELECT FROM suggestion WHERE suggestion.record_id = record.id AND kind = 'reopen'
                        AND cause = outcome ->> 'at')
    ORDER BY record.id LIMIT :limit FOR UPDATE OF record SKIP LOCKED
    """
)


async def add(connection: AsyncConnection, new: Suggestion) -> bool:
    """False where it was raised for this cause before."""
    return (await connection.execute(insert(suggestion).values(vars(new)).on_conflict_do_nothing())).rowcount == 1


async def find(connection: AsyncConnection, suggestion_id: str) -> Suggestion | None:
    """Locked until the commit."""
    found = select(suggestion).where(suggestion.c.id == suggestion_id).with_for_update()
    row = (await connection.execute(found)).mappings().one_or_none()
    return Suggestion(**row) if row else None


async def change(connection: AsyncConnection, changed: Suggestion) -> None:
    await connection.execute(update(suggestion).where(suggestion.c.id == changed.id).values(vars(changed)))


async def page(
    connection: AsyncConnection, record_id: str | None, state: str, after: str | None, limit: int
) -> Sequence[Suggestion]:
    """In the order in which they were raised, of one record or of all that are not in the trash."""
    found = select(suggestion).join(record, record.c.id == suggestion.c.record_id)
    found = (
        found.where(suggestion.c.state == state, record.c.deleted_at.is_(None)).order_by(suggestion.c.id).limit(limit)
    )
    if record_id:
        found = found.where(suggestion.c.record_id == record_id)
    if after:
        found = found.where(suggestion.c.id > after)
    return [Suggestion(**row) for row in (await connection.execute(found)).mappings()]


async def reopening(connection: AsyncConnection, today: date, limit: int) -> list[str]:
    """The ids of stalled records whose day has come and of which nobody was told, locked."""
    rows = await connection.execute(_REOPENING, {"today": today.isoformat(), "limit": limit})
    return [str(row.id) for row in rows]


async def preference_of(connection: AsyncConnection, owner: str, name: str) -> bool | None:
    """None where nothing was chosen."""
    found = select(preference.c.value).where(preference.c.owner == owner, preference.c.name == name)
    chosen: bool | None = (await connection.execute(found)).scalar_one_or_none()
    return chosen


async def set_preference(connection: AsyncConnection, owner: str, name: str, *, value: bool) -> None:
    new = insert(preference).values(owner=owner, name=name, value=value)
    await connection.execute(new.on_conflict_do_update(index_elements=["owner", "name"], set_={"value": value}))


async def reset_preference(connection: AsyncConnection, owner: str, name: str) -> None:
    await connection.execute(delete(preference).where(preference.c.owner == owner, preference.c.name == name))
