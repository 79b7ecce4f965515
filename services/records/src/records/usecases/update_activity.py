"""Changing what was planned on a record: done, put off, taken back. A follow-up of a guide leads to the next."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from records.domain.activity import Activity, ActivityNotFound, changes_of, edited
from records.domain.identifiers import is_identifier
from records.domain.record import Record, RecordNotFound
from records.domain.versions import next_version
from records.domain.workspace import Workspace
from records.storage import activities, history
from records.usecases.lock_record import lock_record
from records.usecases.log_activity import check_assignee, users_mentioned, with_next_activity
from records.usecases.save_versions import save_versions
from records.usecases.take_guide_step import activity_changed
from shared.database import Transaction
from shared.errors import Invalid


async def update_activity(
    transaction: Transaction, workspace: Workspace, activity_id: str, given: Mapping[str, Any]
) -> Activity:
    """The activity after it. Where the record's next activity moves by it, that is a new version of the record.

    Raises `ActivityNotFound`, `Invalid`.
    """
    activity, record = await _changeable(transaction, workspace, activity_id)
    changed = edited(activity, given, transaction.now)
    if changed == activity:
        return activity
    await check_assignee(transaction, changed)
    if changed.body != activity.body:
        mentions = await users_mentioned(transaction, changed.body or "")
        changed = replace(changed, mentions=mentions, edited_at=transaction.now)
    await activities.change(transaction.connection, changed)
    await history.note(transaction, record.id, f"{activity.type}_changed", changes_of(activity, changed))
    record = await _renew_next_activity(transaction, workspace, record)
    if changed.done_at != activity.done_at or changed.due_at != activity.due_at:
        await activity_changed(transaction, workspace, record, changed)
    return changed


async def remove_activity(transaction: Transaction, workspace: Workspace, activity_id: str) -> None:
    """A call is what happened and stays; all else stays in the record's history."""
    activity, record = await _changeable(transaction, workspace, activity_id)
    gone = replace(activity, deleted_at=transaction.now)
    await activities.change(transaction.connection, gone)
    await history.note(transaction, record.id, f"{activity.type}_deleted", changes_of(activity, None))
    record = await _renew_next_activity(transaction, workspace, record)
    await activity_changed(transaction, workspace, record, gone)


async def _changeable(transaction: Transaction, workspace: Workspace, activity_id: str) -> tuple[Activity, Record]:
    """An activity of a record that is not there, for the caller, is not there either."""
    found = await activities.find(transaction.connection, activity_id) if is_identifier(activity_id) else None
    if found is None:
        raise ActivityNotFound(f"There is no activity '{activity_id}'.")
    try:
        record = await lock_record(transaction, workspace, found.record_id, change=False)
    except RecordNotFound as gone:
        raise ActivityNotFound(f"There is no activity '{activity_id}'.") from gone
    if found.type == "call":
        raise Invalid("A call is as the telephony provider told it; what agents add belongs to /v1/calls.")
    return found, record


async def _renew_next_activity(transaction: Transaction, workspace: Workspace, record: Record) -> Record:
    after = await with_next_activity(transaction, record)
    if after == record:
        return record
    version = next_version("updated", record, after, transaction.now)
    await save_versions(transaction, workspace.schemas[record.project_id], [version])
    return version.after
