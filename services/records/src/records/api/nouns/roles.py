"""Roles in a configuration. Who holds them is a matter of people: teams stand in it, single users do not."""

from collections.abc import Mapping
from typing import Any

from records.api.nouns import read_as, unusual
from records.api.roles import RoleIn
from records.domain.schema import Schema
from records.storage import roles, workspaces
from records.usecases.change_roles import add_role, change_role, remove_role
from records.usecases.configure import Noun
from shared.database import Transaction
from shared.errors import Invalid


async def _read(transaction: Transaction, schema: Schema) -> list[dict[str, Any]]:
    found = await roles.of_project(transaction.connection, schema.project.id)
    return [unusual(RoleIn, each.model_dump(mode="json", exclude={"users"})) for each in found]


async def _put(transaction: Transaction, project: str, thing: Mapping[str, Any]) -> None:
    if "users" in thing:
        raise Invalid.at("/users", "Who has a role is not part of a configuration; name teams, or use the role's page.")
    given = read_as(RoleIn, thing).model_dump(exclude={"users"})
    given = {name: list(part) if isinstance(part, tuple) else part for name, part in given.items()}
    schema = (await workspaces.current(transaction.connection)).schema(project)
    known = await roles.of_project(transaction.connection, schema.project.id)
    if any(each.key == given["key"] for each in known):
        changed = {name: part for name, part in given.items() if name != "key"}
        await change_role(transaction, project, given["key"], changed)
    else:
        await add_role(transaction, project, given)


NOUN = Noun("roles", 30, _read, _put, remove_role)
