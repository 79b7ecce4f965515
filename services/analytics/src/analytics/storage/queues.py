"""The replica of what is expected of queues."""

from sqlalchemy import select

from analytics.domain.metric import Limits
from analytics.storage.tables import queue
from shared.contracts.calls import QueueChanged
from shared.database import Transaction
from shared.database.replicas import keep_newest


async def keep(transaction: Transaction, event: QueueChanged) -> None:
    """Keep the newest version of a queue."""
    await keep_newest(transaction, queue, event.model_dump(), key=["name"])


async def limits(transaction: Transaction, threshold_s: float, short_abandon_s: float) -> Limits:
    """Those of the workspace, with what single queues have of their own."""
    known = await transaction.execute(select(queue).where(~queue.c.deleted).order_by(queue.c.name))
    own: dict[str, dict[str, float]] = {"threshold_s": {}, "short_abandon_s": {}}
    for row in known.mappings():
        for name, of_queues in own.items():
            if row[name] is not None:
                of_queues[row["name"]] = row[name]
    return Limits(threshold_s, short_abandon_s, own)
