"""Comments on a record: written, mended and taken back by who wrote them, every wording kept."""

from dataclasses import replace

from records.domain.activity import Activity, ActivityNotFound, edited
from records.domain.identifiers import is_identifier
from records.domain.workspace import Workspace
from records.storage import activities, history
from records.usecases.lock_record import lock_record
from records.usecases.log_activity import log_activity, users_mentioned
from shared.database import Transaction
from shared.errors import Forbidden, Invalid


async def add_comment(transaction: Transaction, workspace: Workspace, record_id: str, body: str) -> Activity:
    """Publishes it with the users it mentions. Raises `Invalid`."""
    return await log_activity(transaction, workspace, record_id, {"type": "comment", "body": body})


async def edit_comment(
    transaction: Transaction, workspace: Workspace, record_id: str, comment_id: str, body: str, *, any_author: bool
) -> Activity:
    """The wording before stays in the record's history. Raises `ActivityNotFound`, `Forbidden`, `Invalid`."""
    before = await _own(transaction, workspace, record_id, comment_id, any_author=any_author)
    after = edited(before, {"body": body}, transaction.now)
    if not after.body:
        raise Invalid.at("/body", "A comment has a text.")
    if after == before:
        return before
    mentions = await users_mentioned(transaction, after.body)
    after = replace(after, mentions=mentions, edited_at=transaction.now)
    await activities.change(transaction.connection, after)
    await _note(transaction, "comment_edited", before, after.body)
    return after


async def remove_comment(
    transaction: Transaction, workspace: Workspace, record_id: str, comment_id: str, *, any_author: bool
) -> None:
    """Its text stays in the record's history. Raises `ActivityNotFound`, `Forbidden`."""
    before = await _own(transaction, workspace, record_id, comment_id, any_author=any_author)
    await activities.change(transaction.connection, replace(before, deleted_at=transaction.now))
    await _note(transaction, "comment_deleted", before, None)


async def _own(
    transaction: Transaction, workspace: Workspace, record_id: str, comment_id: str, *, any_author: bool
) -> Activity:
    await lock_record(transaction, workspace, record_id, change=False)
    found = await activities.find(transaction.connection, comment_id) if is_identifier(comment_id) else None
    if found is None or found.type != "comment" or found.record_id != record_id:
        raise ActivityNotFound(f"There is no comment '{comment_id}' on this record.")
    if not any_author and found.actor != transaction.actor:
        raise Forbidden("Only who wrote a comment, or an administrator, changes it.")
    return found


async def _note(transaction: Transaction, kind: str, before: Activity, body: str | None) -> None:
    changes = {"comment": {"id": before.id, "before": before.body, "after": body}}
    await history.note(transaction, before.record_id, kind, changes)
