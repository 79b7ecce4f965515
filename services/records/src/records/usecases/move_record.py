"""Moving a record to another list, or to another place in its own."""

from dataclasses import replace

from records.domain.record import Record, StageEntry
from records.domain.versions import next_version
from records.domain.workspace import Workspace
from records.storage import positions
from records.usecases.lock_record import lock_record
from records.usecases.save_versions import save_versions
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
) -> Record:
    """The record where it stands now. Only a change of list is a new version; a change of place is not.

    Raises `Invalid` for an unknown list, or a ``before`` that does not stand there.
    """
    record = await lock_record(transaction, workspace, record_id)
    require_match(if_match, record.version)
    schema = workspace.schemas[record.project_id]
    if to_list not in schema.lists_by_key:
        offer = ", ".join(schema.lists_by_key)
        raise Invalid.at("/list", f"The project '{schema.project.key}' has no list '{to_list}'; there is {offer}.")
    if to_list != record.list:
        version = next_version("moved", record, _moved(record, to_list, transaction), transaction.now)
        await save_versions(transaction, schema, [version])
        record = version.after
    elif before is None:
        return record
    await _place(transaction, record, before)
    return record


def _moved(record: Record, to_list: str, transaction: Transaction) -> Record:
    now = transaction.now
    *earlier, last = record.stages
    stages = (*earlier, replace(last, left_at=now), StageEntry(to_list, now))
    active = record.last_activity_at if is_rule(transaction) else max(record.last_activity_at, now)
    return replace(record, list=to_list, entered_list_at=now, last_activity_at=active, stages=stages)


async def _place(transaction: Transaction, record: Record, before: str | None) -> None:
    if before is None:
        await positions.put_last(transaction.connection, record.id)
    elif before == record.id or not await positions.put_before(transaction.connection, record, before):
        raise Invalid.at("/before", f"There is no other record '{before}' in the list '{record.list}'.")
