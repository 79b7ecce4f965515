"""What calls tells beside its calls: what is expected of queues."""

from analytics.storage import queues
from shared.contracts.calls import QueueChanged
from shared.database import Tx
from shared.messaging import Consumers

consumers = Consumers("analytics")


@consumers.on(QueueChanged)
async def replicate_queue(event: QueueChanged, transaction: Tx) -> None:
    await queues.keep(transaction, event)
