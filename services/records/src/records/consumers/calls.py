"""What calls tells: each call is logged on the record that owns its number."""

from records.dependencies import CurrentWorkspace
from records.usecases.log_call import log_call
from shared.contracts.calls import CallEnded, CallUpdated
from shared.database import Tx
from shared.messaging import Consumers

consumers = Consumers("records")


def is_over(event: CallEnded | CallUpdated) -> bool:
    return event.call.status == "ended"


@consumers.on(CallEnded, CallUpdated, heeding=is_over)
async def log_call_on_record(event: CallEnded | CallUpdated, transaction: Tx, workspace: CurrentWorkspace) -> None:
    await log_call(transaction, workspace, event.call)
