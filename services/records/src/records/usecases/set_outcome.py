"""Saying what became of a record: won, lost, or stalled until a day."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from records.domain.edits import applied, read_edit, refused_changes
from records.domain.guide import Guide
from records.domain.outcome import Outcome, missing_values, read_outcome, reopens_at, stage_probability, state_of
from records.domain.record import Record, StageEntry
from records.domain.schema import Schema
from records.domain.versions import ChangeKind, next_version
from records.domain.workspace import Workspace
from records.storage import activities, guides
from records.usecases.check_links import check_links
from records.usecases.lock_record import lock_record
from records.usecases.raise_suggestion import today_in
from records.usecases.save_versions import save_versions
from shared.database import Transaction
from shared.errors import Invalid

Given = Mapping[str, Any]


async def set_outcome(transaction: Transaction, workspace: Workspace, record_id: str, given: Given) -> Record:
    """One version: won and lost move the record into a list of that category. Raises `Invalid` with every mistake."""
    record = await lock_record(transaction, workspace, record_id)
    schema = workspace.schemas[record.project_id]
    edit = read_edit({"values": given.get("values") or {}}, schema)
    await check_links(transaction, workspace, schema, {"": edit})
    refused = refused_changes(edit, record, schema)
    if refused:
        raise Invalid("; ".join(each.detail for each in refused), refused)
    changed = applied(edit, record, transaction.now)
    target = _target(schema, record, given)
    after = await ended(transaction, workspace, changed, target, given)
    kind: ChangeKind = "moved" if after.list != record.list else "updated"
    version = next_version(kind, record, after, transaction.now)
    return (await save_versions(transaction, schema, [version])).records[0]


async def clear_outcome(transaction: Transaction, workspace: Workspace, record_id: str) -> Record:
    """It is open again, where it stands; its next activity is the next task again."""
    record = await lock_record(transaction, workspace, record_id)
    if record.outcome is None:
        return record
    due = await activities.next_due(transaction.connection, record.id)
    after = replace(record, outcome=None, next_activity_at=due, last_activity_at=transaction.now)
    version = next_version("updated", record, after, transaction.now)
    return (await save_versions(transaction, workspace.schemas[record.project_id], [version])).records[0]


async def ended(transaction: Transaction, workspace: Workspace, record: Record, to_list: str, given: Given) -> Record:
    """The record with its outcome, in the list. Raises `Invalid` where the guide wants more to be said."""
    schema, now = workspace.schemas[record.project_id], transaction.now
    guide = await _guide(transaction, record)
    outcome: Outcome = read_outcome(given, guide, now, today_in(workspace, now).date())
    missing = missing_values(guide, outcome.state, record)
    if missing:
        raise Invalid("; ".join(each.detail for each in missing), missing)
    after = replace(entered(record, to_list, now), outcome=outcome.stored, last_activity_at=now)
    back = reopens_at(outcome.stored, workspace.timezone)
    after = replace(after, next_activity_at=back) if back else after
    return replace(after, probability=stage_probability(schema, after)) if outcome.state != "stalled" else after


def entered(record: Record, to_list: str, now: Any) -> Record:
    """The record standing in the list, its stay before ended; the same where it stands there already."""
    if to_list == record.list:
        return record
    *earlier, last = record.stages
    stages = (*earlier, replace(last, left_at=now), StageEntry(to_list, now))
    return replace(record, list=to_list, entered_list_at=now, stages=stages, probability=None, probability_source=None)


async def _guide(transaction: Transaction, record: Record) -> Guide | None:
    run = await guides.run_of(transaction.connection, record.id)
    return run.guide if run else None


def _target(schema: Schema, record: Record, given: Given) -> str:
    """The list it shall stand in. Raises `Invalid` where no list is of the outcome's category."""
    state = state_of(given.get("outcome"))
    wanted = given.get("list")
    if state == "stalled" or (wanted is None and schema.list(record.list).category == state):
        return record.list
    suitable = [each.key for each in schema.lists if each.category == state]
    if wanted is not None and wanted not in suitable:
        raise Invalid.at(
            "/list", f"'{wanted}' is no list for what is {state}; there is {', '.join(suitable) or 'none'}."
        )
    if not suitable:
        raise Invalid.at("/outcome", f"The project '{schema.project.key}' has no list for what is {state}.")
    return str(wanted or suitable[0])
