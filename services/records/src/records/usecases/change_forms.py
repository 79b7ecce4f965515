"""Forms are made, changed and taken away; what they say is held against the project's schema."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from uuid_utils.compat import uuid7

from records.domain.form import Form, FormKeyTaken, FormNotFound, form_key, read_form
from records.domain.schema import Schema
from records.domain.workspace import Workspace
from records.storage import forms
from shared.database import Transaction


async def create_form(transaction: Transaction, workspace: Workspace, schema: Schema, given: Mapping[str, Any]) -> Form:
    """Raises `Invalid`, `FormKeyTaken`."""
    key = form_key(given.get("key"))
    read_form(given, schema, workspace)
    if await forms.find(transaction.connection, schema.project.id, key):
        raise FormKeyTaken(f"The project '{schema.project.key}' has a form '{key}' already.")
    new = Form(
        id=str(uuid7()),
        project_id=schema.project.id,
        key=key,
        slug=await _slug(transaction, key),
        definition=_definition(given),
        secret=secrets.token_urlsafe(32),
        enabled=given.get("enabled", True),
        version=1,
        created_at=transaction.now,
        updated_at=transaction.now,
    )
    await forms.add(transaction.connection, new)
    return new


async def change_form(
    transaction: Transaction, workspace: Workspace, schema: Schema, key: str, given: Mapping[str, Any]
) -> Form:
    """What is left out stays. Raises `FormNotFound`, `Invalid`."""
    current = await get_form(transaction, schema, key)
    definition = dict(current.definition) | _definition(given)
    read_form(definition, schema, workspace)
    enabled = given.get("enabled", current.enabled)
    changed = replace(current, definition=definition, enabled=enabled)
    if changed == current:
        return current
    changed = replace(changed, version=current.version + 1, updated_at=transaction.now)
    await forms.change(transaction.connection, changed)
    return changed


async def remove_form(transaction: Transaction, schema: Schema, key: str) -> None:
    """Its answers stay to be read. Raises `FormNotFound`."""
    current = await get_form(transaction, schema, key)
    await forms.change(transaction.connection, replace(current, deleted_at=transaction.now, enabled=False))


async def get_form(transaction: Transaction, schema: Schema, key: str) -> Form:
    found = await forms.find(transaction.connection, schema.project.id, key)
    if found is None:
        raise FormNotFound(f"The project '{schema.project.key}' has no form '{key}'.")
    return found


async def open_form(transaction: Transaction, slug: str) -> Form:
    """The form at a public address. Raises `FormNotFound`, also where it is switched off."""
    found = await forms.by_slug(transaction.connection, slug)
    if found is None or not found.enabled:
        raise FormNotFound("There is no such form, or it is closed.")
    return found


def _definition(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name not in ("key", "enabled")}


async def _slug(transaction: Transaction, key: str) -> str:
    """The key, as it stands in an address; where another form has that, with something behind it."""
    plain = key.replace("_", "-")
    taken = await forms.slug_is_taken(transaction.connection, plain)
    return f"{plain}-{secrets.token_hex(4)}" if taken else plain
