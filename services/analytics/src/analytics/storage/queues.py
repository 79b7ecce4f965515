"""The replica of what is expected of queues."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from analytics.domain.metric import Limits
from analytics.storage.tables import queue
from shared.contracts.calls import QueueChanged
from shared.database import Transaction


async def keep(transaction: Transaction, event: QueueChanged) -> None:
    """Keep the newest version of a queue."""
    values = event.model_dump()
    statement = insert(queue).values(values)
    newer = queue.c.version < statement.excluded.version
    await transaction.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values, where=newer))


async def limits(transaction: Transaction, threshold_s: float, short_abandon_s: float) -> Limits:
    """Those of the workspace, with what single queues have of their own."""
    known = await transaction.execute(select(queue).where(~queue.c.deleted).order_by(queue.c.name))
    own: dict[str, dict[str, float]] = {"threshold_s": {}, "short_abandon_s": {}}
    for row in known.mappings():
        for name, of_queues in own.items():
            if row[name] is not None:
                of_queues[row["name"]] = row[name]
    return Limits(threshold_s, short_abandon_s, own)
