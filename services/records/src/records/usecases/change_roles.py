"""Making, changing and removing the roles of a project. Each change is told whole, and holds at once."""

from collections.abc import Mapping
from typing import Any

from uuid_utils.compat import uuid7

from records.domain.identifiers import is_identifier
from records.domain.pointers import pointer
from records.domain.role import RoleNotFound, changed_role, new_role
from records.domain.schema import KeyTaken, Schema
from records.storage import roles, users, workspaces
from records.usecases.announce import announce
from shared.database import Transaction
from shared.errors import FieldError, Invalid
from shared.policy import Role


async def add_role(transaction: Transaction, reference: str, given: Mapping[str, Any]) -> Role:
    schema = await _open(transaction, reference)
    role = new_role(given, schema, str(uuid7()))
    if any(each.key == role.key for each in await roles.of_project(transaction.connection, role.project)):
        raise KeyTaken(f"The project '{schema.project.key}' has a role '{role.key}' already.")
    await _check_users(transaction, role)
    await roles.add(transaction.connection, role)
    announce(transaction, role)
    return role


async def change_role(transaction: Transaction, reference: str, key: str, given: Mapping[str, Any]) -> Role:
    schema = await _open(transaction, reference)
    before = await find_role(transaction, schema, key)
    after = changed_role(before, given, schema)
    if after == before:
        return before
    await _check_users(transaction, after)
    return await _save(transaction, after)


async def remove_role(transaction: Transaction, reference: str, key: str) -> None:
    """With the last role of a project everyone sees it again, as far as their keys reach."""
    schema = await _open(transaction, reference)
    role = await find_role(transaction, schema, key)
    await _save(transaction, role.model_copy(update={"deleted": True}))


async def find_role(transaction: Transaction, schema: Schema, key: str) -> Role:
    """By its key or its id. Raises `RoleNotFound`."""
    for role in await roles.of_project(transaction.connection, schema.project.id):
        if key in (role.key, role.id):
            return role
    raise RoleNotFound(f"The project '{schema.project.key}' has no role '{key}'.")


async def _open(transaction: Transaction, reference: str) -> Schema:
    await roles.lock(transaction.connection)
    return (await workspaces.current(transaction.connection)).schema(reference)


async def _save(transaction: Transaction, role: Role) -> Role:
    raised = role.model_copy(update={"version": role.version + 1})
    await roles.change(transaction.connection, raised)
    announce(transaction, raised)
    return raised


async def _check_users(transaction: Transaction, role: Role) -> None:
    known = await users.existing(transaction.connection, [each for each in role.users if is_identifier(each)])
    errors = [
        FieldError(pointer("users", place), f"There is no user '{each}'.")
        for place, each in enumerate(role.users)
        if each not in known
    ]
    if errors:
        raise Invalid(errors[0].detail, errors)
