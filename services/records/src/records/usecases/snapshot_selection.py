"""Keeping what a selection holds at this moment."""

from uuid_utils.compat import uuid7

from records.domain.schema import Schema
from records.domain.schema_parts import checked_name
from records.domain.selection import Selection
from records.domain.workspace import Workspace
from records.storage import selected, selections
from records.storage.queries import chosen_ids
from shared.database import Transaction


async def snapshot_selection(
    transaction: Transaction, workspace: Workspace, schema: Schema, chosen: Selection, name: str
) -> Selection:
    """The static selection of the same records. Raises `Invalid` for its name."""
    now = transaction.now
    made = Selection(str(uuid7()), schema.project.id, checked_name(name), "static", now, now)
    whole = await selected.load(transaction.connection, workspace, chosen, now)
    ids = await chosen_ids(transaction, workspace, schema.project.key, whole)
    await selections.add(transaction.connection, made)
    await selections.add_members(transaction.connection, made.id, ids)
    return made
