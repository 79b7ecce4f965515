"""Logging a call on the record that owns the number: once, whatever order its events come in."""

from records.domain.activity import call_activity
from records.domain.phones import e164
from records.domain.record import Record
from records.domain.workspace import Workspace
from records.storage import activities, phones, records
from records.usecases.log_activity import publish_activity
from shared.contracts.calls import CallSnapshot
from shared.database import Transaction
from shared.errors import Invalid


async def log_call(transaction: Transaction, workspace: Workspace, call: CallSnapshot) -> None:
    """Every event of an ended call may come here; the first that finds a record logs it, later ones refresh it.

    The activity's id is made of the call's, so two at once are one. A call with no record leaves no trace here: calls
    keeps it, and `phone-matches` finds the record as soon as one has the number.
    """
    if call.status != "ended" or await activities.refresh_call(
        transaction.connection, call_activity(call, "", transaction.now)
    ):
        return
    record = await _owner(transaction, workspace, call.external_number)
    if record is None:
        return
    activity = call_activity(call, record.id, transaction.now)
    if not await activities.add_call(transaction.connection, activity):
        return
    schema = workspace.schemas[record.project_id]
    deals = await phones.deals_of(transaction.connection, workspace, record.id, schema.project.key)
    await activities.raise_last_activity(transaction.connection, [record.id, *deals], activity.at)
    fresh = await records.with_stages(transaction.connection, [record.id])
    transaction.actor = activity.actor
    publish_activity(transaction, workspace, activity, fresh[record.id])


async def _owner(transaction: Transaction, workspace: Workspace, number: str | None) -> Record | None:
    """The record the call belongs to, locked."""
    try:
        wanted = e164(number)
    except Invalid:
        return None
    for owner in await phones.owners(transaction.connection, workspace, [wanted]):
        record = (await records.lock(transaction.connection, [owner]))[owner]
        if record.deleted_at is None:
            return record
    return None
