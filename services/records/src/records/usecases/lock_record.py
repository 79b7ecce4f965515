"""Holding a record still while it is changed."""

from records.domain.identifiers import is_identifier
from records.domain.record import Record, RecordNotFound
from records.domain.workspace import Workspace
from records.storage import records
from shared.database import Transaction
from shared.errors import Forbidden


async def lock_record(
    transaction: Transaction, workspace: Workspace, record_id: str, *, trashed: bool = False, change: bool = True
) -> Record:
    """The record, locked until the commit; ``trashed`` says in which of the two places to look.

    Raises `RecordNotFound`, also where its project is gone, and `Forbidden` where it may only be read; what is no
    ``change`` of it (a comment) needs no more than that.
    """
    found = await records.lock(transaction.connection, [record_id]) if is_identifier(record_id) else {}
    record = found.get(record_id)
    if record is None or (record.deleted_at is not None) != trashed or not workspace.shows(record):
        raise RecordNotFound(record_id)
    if change and not workspace.may_change(record):
        raise Forbidden("Your roles do not let you change this record.")
    return record
