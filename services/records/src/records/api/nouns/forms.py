"""Public forms in a configuration. Their addresses and the answers to them are not part of it."""

from collections.abc import Mapping
from typing import Any

from records.api.forms import FormIn
from records.api.nouns import read_as
from records.domain.schema import Schema
from records.storage import forms, workspaces
from records.usecases.change_forms import change_form, create_form, remove_form
from records.usecases.configure import Noun
from shared.database import Transaction


async def _read(transaction: Transaction, schema: Schema) -> list[dict[str, Any]]:
    found = await forms.of_project(transaction.connection, schema.project.id)
    return [
        {"key": each.key}
        | {name: part for name, part in each.definition.items() if part is not None}
        | ({} if each.enabled else {"enabled": False})
        for each in found
    ]


async def _put(transaction: Transaction, project: str, thing: Mapping[str, Any]) -> None:
    given = read_as(FormIn, thing).given()
    workspace = await workspaces.current(transaction.connection)
    schema = workspace.schema(project)
    known = await forms.find(transaction.connection, schema.project.id, given["key"])
    if known is None:
        await create_form(transaction, workspace, schema, given)
    else:
        cleared = dict.fromkeys(set(known.definition) - set(given))
        await change_form(transaction, workspace, schema, given["key"], {"enabled": True} | cleared | given)


async def _remove(transaction: Transaction, project: str, key: str) -> None:
    schema = (await workspaces.current(transaction.connection)).schema(project)
    await remove_form(transaction, schema, key)


NOUN = Noun("forms", 60, _read, _put, _remove)
