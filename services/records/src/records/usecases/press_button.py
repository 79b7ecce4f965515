"""Pressing a button of a record."""

from collections.abc import Mapping
from typing import Any

from records.domain.fields.button import Button
from records.domain.record import Record
from records.domain.schema import FieldNotFound
from records.domain.snapshots import record_snapshot
from records.domain.workspace import Workspace
from records.usecases.lock_record import lock_record
from shared.contracts.records import ButtonPressed
from shared.database import Transaction


async def press_button(
    transaction: Transaction, workspace: Workspace, record_id: str, key: str, given: Mapping[str, Any]
) -> Record:
    """Tell whoever waits for it. The record has no new version. Raises `Invalid` where it is not confirmed."""
    record = await lock_record(transaction, workspace, record_id)
    schema = workspace.schemas[record.project_id]
    field = schema.field(key)
    if not isinstance(field.behaviour, Button):
        raise FieldNotFound(f"'{key}' is no button.")
    field.behaviour.check_press(given, field.config)
    snapshot = record_snapshot(record, schema)
    transaction.publish(ButtonPressed(field=key, record=snapshot, actor=transaction.actor))
    return record
