"""The log of events this service saw: it outlives the streams."""

from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import delete, select

from automations.domain.happening import Happening, RecordFact, happening_of
from automations.storage.tables import event
from shared.contracts import event_types
from shared.database import Transaction

_types = event_types()


async def get(transaction: Transaction, event_id: str) -> Happening | None:
    """What happened, as it was told."""
    row = (await transaction.execute(select(event).where(event.c.id == event_id))).one_or_none()
    if row is None:
        return None
    fact = cast("RecordFact", _types[row.type].model_validate(row.data))
    return happening_of(fact, row.id, actor=row.actor, depth=row.depth, origin=tuple(row.origin))


async def forget(transaction: Transaction, kept: timedelta) -> int:
    """Delete what was seen longer ago; how many."""
    before: datetime = transaction.now - kept
    return (await transaction.execute(delete(event).where(event.c.seen_at < before))).rowcount
