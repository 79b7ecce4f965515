"""Taking a record out of the trash again."""

from dataclasses import replace

from records.domain.record import Record
from records.domain.versions import next_version
from records.domain.workspace import Workspace
from records.usecases.lock_record import lock_record
from records.usecases.save_versions import save_versions
from shared.database import Transaction


async def restore_record(transaction: Transaction, workspace: Workspace, record_id: str) -> Record:
    """The record as it was when it was deleted. Raises `RecordNotFound` where it is not in the trash."""
    record = await lock_record(transaction, workspace, record_id, trashed=True)
    version = next_version("restored", record, replace(record, deleted_at=None), transaction.now)
    return (await save_versions(transaction, workspace.schemas[record.project_id], [version])).records[0]
