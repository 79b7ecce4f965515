"""Putting a record into the trash."""

from dataclasses import replace

from records.domain.versions import next_version
from records.domain.workspace import Workspace
from records.usecases.lock_record import lock_record
from records.usecases.save_versions import save_versions
from shared.database import Transaction
from shared.http.etag import require_match


async def delete_record(
    transaction: Transaction, workspace: Workspace, record_id: str, if_match: str | None = None
) -> None:
    """Nothing is lost: links to it stay, and read as empty until it is restored. Raises `RecordNotFound`."""
    record = await lock_record(transaction, workspace, record_id)
    require_match(if_match, record.version)
    after = replace(record, deleted_at=transaction.now)
    schema = workspace.schemas[record.project_id]
    await save_versions(transaction, schema, [next_version("deleted", record, after, transaction.now)])
