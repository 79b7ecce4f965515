"""Writing down what happened on a record, and changing what was planned there."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from uuid_utils.compat import uuid7

from records.domain.activity import Activity, ActivityNotFound, changes_of, edited, written_activity
from records.domain.identifiers import is_identifier
from records.domain.mentions import mentioned, mentions_in
from records.domain.record import Record
from records.domain.snapshots import record_snapshot
from records.domain.versions import next_version
from records.domain.workspace import Workspace
from records.storage import activities, history, users
from records.usecases.lock_record import lock_record
from records.usecases.save_versions import save_versions
from records.usecases.update_record import is_rule
from shared.contracts.records import ActivityLogged
from shared.database import Transaction
from shared.errors import Invalid


async def log_activity(
    transaction: Transaction, workspace: Workspace, record_id: str, given: Mapping[str, Any]
) -> Activity:
    """A comment, note, task or e-mail. Publishes it with the record as it stands after; the record has no new version.

    Work of a person lets the record be active since; what a rule writes does not. Raises `Invalid`.
    """
    record = await lock_record(transaction, workspace, record_id)
    activity = written_activity(given, str(uuid7()), record.id, transaction.actor, transaction.now)
    await _check_assignee(transaction, activity)
    activity = replace(activity, mentions=await users_mentioned(transaction, activity.body or ""))
    await activities.add(transaction.connection, activity)
    if activity.is_work and not is_rule(transaction):
        await activities.raise_last_activity(transaction.connection, [record.id], activity.at)
        record = replace(record, last_activity_at=max(record.last_activity_at, activity.at))
    if activity.type == "task":
        record = await _with_next_activity(transaction, record)
        await activities.set_next_activity(transaction.connection, record.id, record.next_activity_at)
    publish_activity(transaction, workspace, activity, record)
    return activity


async def update_activity(
    transaction: Transaction, workspace: Workspace, activity_id: str, given: Mapping[str, Any]
) -> Activity:
    """The activity after it. Where the record's next activity moves by it, that is a new version of the record.

    Raises `ActivityNotFound`, `Invalid`.
    """
    activity = await _changeable(transaction, activity_id)
    record = await lock_record(transaction, workspace, activity.record_id)
    changed = edited(activity, given, transaction.now)
    if changed == activity:
        return activity
    await _check_assignee(transaction, changed)
    if changed.body != activity.body:
        mentions = await users_mentioned(transaction, changed.body or "")
        changed = replace(changed, mentions=mentions, edited_at=transaction.now)
    await activities.change(transaction.connection, changed)
    await history.note(transaction, record.id, f"{activity.type}_changed", changes_of(activity, changed))
    await _renew_next_activity(transaction, workspace, record)
    return changed


async def remove_activity(transaction: Transaction, workspace: Workspace, activity_id: str) -> None:
    """A call is what happened and stays; all else stays in the record's history."""
    activity = await _changeable(transaction, activity_id)
    record = await lock_record(transaction, workspace, activity.record_id)
    gone = replace(activity, deleted_at=transaction.now)
    await activities.change(transaction.connection, gone)
    await history.note(transaction, record.id, f"{activity.type}_deleted", changes_of(activity, None))
    await _renew_next_activity(transaction, workspace, record)


async def users_mentioned(transaction: Transaction, body: str) -> list[str]:
    """The ids of the active users that the text names with an @."""
    if "@" not in body:
        return []
    return mentioned(mentions_in(body, await users.active(transaction.connection)))


def publish_activity(transaction: Transaction, workspace: Workspace, activity: Activity, record: Record) -> None:
    snapshot = record_snapshot(record, workspace.schemas[record.project_id])
    transaction.publish(ActivityLogged(activity=activity.snapshot, record=snapshot))


async def _changeable(transaction: Transaction, activity_id: str) -> Activity:
    found = await activities.find(transaction.connection, activity_id) if is_identifier(activity_id) else None
    if found is None:
        raise ActivityNotFound(f"There is no activity '{activity_id}'.")
    if found.type == "call":
        raise Invalid("A call is as the telephony provider told it; what agents add belongs to /v1/calls.")
    return found


async def _renew_next_activity(transaction: Transaction, workspace: Workspace, record: Record) -> None:
    after = await _with_next_activity(transaction, record)
    if after != record:
        version = next_version("updated", record, after, transaction.now)
        await save_versions(transaction, workspace.schemas[record.project_id], [version])


async def _with_next_activity(transaction: Transaction, record: Record) -> Record:
    return replace(record, next_activity_at=await activities.next_due(transaction.connection, record.id))


async def _check_assignee(transaction: Transaction, activity: Activity) -> None:
    if activity.assignee and not await users.existing(transaction.connection, [activity.assignee]):
        raise Invalid.at("/assignee", f"There is no user '{activity.assignee}'.")
