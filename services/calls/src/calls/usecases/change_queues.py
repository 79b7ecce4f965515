"""What is expected of queues, told to whoever measures them."""

from collections.abc import Collection
from typing import Any

from calls.storage import queues
from shared.contracts.calls import QueueChanged
from shared.database import Transaction


async def change_queues(
    transaction: Transaction, wanted: Collection[dict[str, Any]], gone: Collection[str] = ()
) -> None:
    for row in await queues.save(transaction, wanted, gone):
        transaction.publish(QueueChanged.model_validate(row))
