"""The log of events this service saw: it outlives the streams."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from automations.domain.happening import Happening, RecordFact, happening_of
from automations.storage.tables import event
from shared.contracts import event_types
from shared.database import Transaction

_types = event_types()


async def keep(transaction: Transaction, fact: RecordFact, happening: Happening) -> None:
    statement = insert(event).values(
        id=happening.event_id,
        type=happening.type,
        record_id=happening.record.id,
        project=happening.record.project_key,
        at=happening.at,
        seen_at=transaction.now,
        actor=happening.actor,
        depth=happening.depth,
        origin=list(happening.origin),
        data=fact.model_dump(mode="json"),
    )
    await transaction.execute(statement.on_conflict_do_nothing())


async def get(transaction: Transaction, event_id: str) -> Happening | None:
    """What happened, as it was told."""
    row = (await transaction.execute(select(event).where(event.c.id == event_id))).one_or_none()
    if row is None:
        return None
    fact = _types[row.type].model_validate(row.data)
    return happening_of(fact, row.id, actor=row.actor, depth=row.depth, origin=tuple(row.origin))  # type: ignore[arg-type]


async def forget(transaction: Transaction, kept: timedelta) -> int:
    """Delete what was seen longer ago; how many."""
    before: datetime = transaction.now - kept
    return (await transaction.execute(delete(event).where(event.c.seen_at < before))).rowcount
