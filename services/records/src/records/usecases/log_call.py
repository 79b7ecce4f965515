"""Logging a call on the record that owns the number: once, whatever order its events come in."""

from collections.abc import Sequence

from records.domain.activity import Activity, call_activity, call_activity_id
from records.domain.phones import e164
from records.domain.record import Record
from records.domain.workspace import Workspace
from records.storage import activities, logged_calls, phones, records
from records.usecases.log_activity import publish_activity
from shared.contracts.calls import CallSnapshot
from shared.database import Transaction
from shared.errors import Invalid


async def log_call(transaction: Transaction, workspace: Workspace, call: CallSnapshot) -> None:
    """Every event of an ended call comes here; the first that finds a record logs it, later ones refresh it.

    The activity's id is made of the call's, so two at once are one. A call with no record leaves no trace here: calls
    keeps it, and `phone-matches` finds the record as soon as one has the number.
    """
    if call.gone:
        await _lock(transaction, call)
        await _let_go(transaction, workspace, call)
    elif not await logged_calls.refresh(transaction.connection, call):
        await _log(transaction, workspace, call)


async def _log(transaction: Transaction, workspace: Workspace, call: CallSnapshot) -> None:
    """Most callers without an activity are strangers: only where a record has the number do others have to wait."""
    owners = await _owners(transaction, workspace, call.external_number)
    if not owners:
        return
    await _lock(transaction, call)
    if await logged_calls.refresh(transaction.connection, call):
        return
    record = await _first_there(transaction, owners)
    if record:
        await _log_on(transaction, workspace, call, record)


async def _log_on(transaction: Transaction, workspace: Workspace, call: CallSnapshot, record: Record) -> None:
    activity = call_activity(call, record.id, transaction.now)
    if not await activities.add_call(transaction.connection, activity):
        return
    schema = workspace.schemas[record.project_id]
    deals = await phones.deals_of(transaction.connection, workspace, record.id, schema.project.key)
    await activities.raise_last_activity(transaction.connection, [record.id, *deals], activity.at)
    parts = await logged_calls.parts_of(transaction.connection, call.id)
    await _publish(transaction, workspace, activity, await _forget(transaction, parts))


async def _let_go(transaction: Transaction, workspace: Workspace, call: CallSnapshot) -> None:
    """It turned out to be part of another one, which may be logged already; else its activity goes when that is."""
    await logged_calls.note_merged(transaction.connection, call.id, call.merged_into)
    whole = [call_activity_id(call.merged_into)] if call.merged_into else []
    logged = await logged_calls.of_calls(transaction.connection, whole)
    if logged or not whole:
        replaced = await _forget(transaction, [call.id])
        for each in logged if replaced else ():
            await _publish(transaction, workspace, each, replaced)


async def _forget(transaction: Transaction, parts: Sequence[str]) -> list[Activity]:
    """The activities of calls that turned out to be parts of one that is logged."""
    known = await logged_calls.of_calls(transaction.connection, [call_activity_id(each) for each in parts])
    if known:
        await logged_calls.forget(transaction.connection, known)
    return known


async def _publish(
    transaction: Transaction, workspace: Workspace, activity: Activity, replaces: Sequence[Activity]
) -> None:
    fresh = await records.with_stages(transaction.connection, [activity.record_id])
    transaction.actor = activity.actor
    publish_activity(transaction, workspace, activity, fresh[activity.record_id], replaces)


async def _lock(transaction: Transaction, call: CallSnapshot) -> None:
    await logged_calls.lock(transaction.connection, [each for each in (call.id, call.merged_into) if each])


async def _owners(transaction: Transaction, workspace: Workspace, number: str | None) -> list[str]:
    try:
        return await phones.owners(transaction.connection, workspace, [e164(number)])
    except Invalid:
        return []


async def _first_there(transaction: Transaction, owners: Sequence[str]) -> Record | None:
    """The first of them that is not in the trash, locked."""
    for owner in owners:
        record = (await records.lock(transaction.connection, [owner]))[owner]
        if record.deleted_at is None:
            return record
    return None
