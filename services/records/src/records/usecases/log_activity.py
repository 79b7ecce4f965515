"""Writing down what happened on a record, and planning what shall."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from uuid_utils.compat import uuid7

from records.domain.activity import Activity, written_activity
from records.domain.mentions import mentioned, mentions_in
from records.domain.record import Record
from records.domain.snapshots import record_snapshot
from records.domain.workspace import Workspace
from records.storage import activities, users
from records.usecases.lock_record import lock_record
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
    record = await lock_record(transaction, workspace, record_id, change=False)
    activity = written_activity(given, str(uuid7()), record.id, transaction.actor, transaction.now)
    await check_assignee(transaction, activity)
    activity = replace(activity, mentions=await users_mentioned(transaction, activity.body or ""))
    await activities.add(transaction.connection, activity)
    if activity.is_work and not is_rule(transaction):
        await activities.raise_last_activity(transaction.connection, [record.id], activity.at)
        record = replace(record, last_activity_at=max(record.last_activity_at, activity.at))
    if activity.type == "task":
        record = await with_next_activity(transaction, record)
        await activities.set_next_activity(transaction.connection, record.id, record.next_activity_at)
    publish_activity(transaction, workspace, activity, record)
    return activity


async def users_mentioned(transaction: Transaction, body: str) -> list[str]:
    """The ids of the active users that the text names with an @."""
    if "@" not in body:
        return []
    return mentioned(mentions_in(body, await users.active(transaction.connection)))


def publish_activity(
    transaction: Transaction,
    workspace: Workspace,
    activity: Activity,
    record: Record,
    replaces: Sequence[Activity] = (),
) -> None:
    snapshot = record_snapshot(record, workspace.schemas[record.project_id])
    gone = [each.snapshot for each in replaces]
    transaction.publish(ActivityLogged(activity=activity.snapshot, record=snapshot, replaces=gone))


async def with_next_activity(transaction: Transaction, record: Record) -> Record:
    """As its open tasks say; a stalled record waits for its day instead."""
    if record.outcome and record.outcome["state"] == "stalled":
        return record
    return replace(record, next_activity_at=await activities.next_due(transaction.connection, record.id))


async def check_assignee(transaction: Transaction, activity: Activity) -> None:
    if activity.assignee and not await users.existing(transaction.connection, [activity.assignee]):
        raise Invalid.at("/assignee", f"There is no user '{activity.assignee}'.")
