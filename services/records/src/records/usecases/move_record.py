"""Moving a record to another list, or to another place in its own."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from records.domain.identifiers import is_identifier
from records.domain.outcome import with_probability
from records.domain.record import Record
from records.domain.versions import next_version
from records.domain.workspace import Workspace
from records.storage import activities, positions, records
from records.usecases.lock_record import lock_record
from records.usecases.save_versions import save_versions
from records.usecases.set_outcome import ended, entered
from records.usecases.update_record import is_rule
from shared.database import Transaction
from shared.errors import Invalid
from shared.http.etag import require_match


async def move_record(
    transaction: Transaction,
    workspace: Workspace,
    record_id: str,
    to_list: str,
    *,
    before: str | None = None,
    if_match: str | None = None,
    outcome: Mapping[str, Any] | None = None,
) -> Record:
    """The record where it stands now. Only a change of list is a new version; a change of place is not.

    A list of what is won or lost takes the ``outcome`` with its reason, where the record's guide wants one.
    Raises `Invalid` for an unknown list, for what is missing, or a ``before`` that does not stand there.
    """
    record = await lock_record(transaction, workspace, record_id)
    require_match(if_match, record.version)
    schema = workspace.schemas[record.project_id]
    if to_list not in schema.lists_by_key:
        offer = ", ".join(schema.lists_by_key)
        raise Invalid.at("/list", f"The project '{schema.project.key}' has no list '{to_list}'; there is {offer}.")
    if to_list != record.list:
        after = await moved_to(transaction, workspace, record, to_list, outcome)
        version = next_version("moved", record, after, transaction.now)
        record = (await save_versions(transaction, schema, [version])).records[0]
    elif before is None:
        return record
    await _place(transaction, workspace, record, before)
    return record


async def moved_to(
    transaction: Transaction,
    workspace: Workspace,
    record: Record,
    to_list: str,
    outcome: Mapping[str, Any] | None = None,
) -> Record:
    """The record in that list. What was won, lost or stalled no longer is when it is moved to an open one."""
    schema, now = workspace.schemas[record.project_id], transaction.now
    category = schema.list(to_list).category
    if category in ("won", "lost"):
        said = {"outcome": category, **(outcome or {})}
        after = await _ended(transaction, workspace, record, to_list, said)
    else:
        after = with_probability(entered(record, to_list, now), schema)
        after = replace(after, outcome=None)
    if record.outcome and record.outcome["state"] == "stalled":
        after = replace(after, next_activity_at=await activities.next_due(transaction.connection, record.id))
    active = record.last_activity_at if is_rule(transaction) else max(record.last_activity_at, now)
    return replace(after, last_activity_at=active)


async def _ended(
    transaction: Transaction, workspace: Workspace, record: Record, to_list: str, said: Mapping[str, Any]
) -> Record:
    """As `ended`; its mistakes are the move's."""
    try:
        return await ended(transaction, workspace, record, to_list, said)
    except Invalid as problem:
        errors = [
            each if each.pointer.startswith("/values") else replace(each, pointer=f"/outcome{each.pointer}")
            for each in problem.errors
        ]
        raise Invalid(problem.detail, errors) from problem


async def _place(transaction: Transaction, workspace: Workspace, record: Record, before: str | None) -> None:
    if before is None:
        await positions.put_last(transaction.connection, record.id)
        return
    known = await records.find(transaction.connection, [before]) if is_identifier(before) else {}
    if (
        before == record.id
        or not workspace.shown(known)
        or not await positions.put_before(transaction.connection, record, before)
    ):
        raise Invalid.at("/before", f"There is no other record '{before}' in the list '{record.list}'.")
