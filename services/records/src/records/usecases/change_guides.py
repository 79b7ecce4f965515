"""Guides of a project: made, edited into their next version, put away."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from uuid_utils.compat import uuid7

from records.domain.guide import GuideNotFound, check_guide, guide_from
from records.domain.schema import KeyTaken, Schema
from records.domain.schema_parts import checked_key
from records.storage import guides, workspaces
from records.storage.guides import StoredGuide
from shared.database import Transaction


async def create_guide(
    transaction: Transaction, reference: str, definition: Mapping[str, Any], *, active: bool
) -> StoredGuide:
    """Raises `KeyTaken`, and `Invalid` with every mistake of the definition."""
    schema = (await workspaces.for_change(transaction.connection)).schema(reference)
    key = checked_key(definition["key"])
    _check(schema, definition)
    now = transaction.now
    made = StoredGuide(str(uuid7()), schema.project.id, key, active, 1, now, now, definition)
    if not await guides.add(transaction, made):
        raise KeyTaken(f"The project '{schema.project.key}' has a guide '{key}' already.")
    return made


async def edit_guide(
    transaction: Transaction, reference: str, key: str, definition: Mapping[str, Any] | None, *, active: bool | None
) -> StoredGuide:
    """Another definition is the next version: records that follow the guide go on with theirs. Raises `Invalid`."""
    schema = (await workspaces.for_change(transaction.connection)).schema(reference)
    before = await get_guide(transaction, schema, key)
    after = before if active is None else replace(before, active=active)
    if definition is not None and definition != before.definition:
        _check(schema, definition)
        after = replace(after, definition=definition, version=before.version + 1)
    if after != before:
        after = replace(after, updated_at=transaction.now)
        await guides.change(transaction, after)
    return after


async def get_guide(transaction: Transaction, schema: Schema, key: str) -> StoredGuide:
    """Raises `GuideNotFound`."""
    for each in await guides.of_project(transaction.connection, schema.project.id):
        if each.key == key:
            return each
    raise GuideNotFound(f"The project '{schema.project.key}' has no guide '{key}'.")


def _check(schema: Schema, definition: Mapping[str, Any]) -> None:
    check_guide(guide_from(definition), list(schema.lists_by_key), list(schema.fields_by_key))
