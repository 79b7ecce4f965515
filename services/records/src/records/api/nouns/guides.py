"""Guides in a configuration. One that is taken out is put away: records that follow it go on with it."""

from collections.abc import Mapping
from typing import Any

from records.api.guides import NewGuideIn, definition_of
from records.api.nouns import read_as
from records.domain.schema import Schema
from records.storage import guides, workspaces
from records.usecases.change_guides import create_guide, edit_guide
from records.usecases.configure import Noun
from shared.database import Transaction


async def _read(transaction: Transaction, schema: Schema) -> list[dict[str, Any]]:
    found = await guides.of_project(transaction.connection, schema.project.id)
    return [_said(each.definition) for each in found if each.active]


async def _put(transaction: Transaction, project: str, thing: Mapping[str, Any]) -> None:
    body = read_as(NewGuideIn, thing)
    schema = (await workspaces.current(transaction.connection)).schema(project)
    known = await guides.of_project(transaction.connection, schema.project.id)
    definition, key = definition_of(body), str(thing["key"])
    if any(each.key == key for each in known):
        await edit_guide(transaction, project, key, definition, active=True)
    else:
        await create_guide(transaction, project, definition, active=True)


async def _remove(transaction: Transaction, project: str, key: str) -> None:
    await edit_guide(transaction, project, key, None, active=False)


def _said(definition: Mapping[str, Any]) -> dict[str, Any]:
    """As stored, which is whole, without what was left empty."""
    body = NewGuideIn.model_validate(dict(definition))
    said: dict[str, Any] = body.model_dump(mode="json", exclude_defaults=True)
    return {"key": definition["key"]} | said


NOUN = Noun("guides", 50, _read, _put, _remove)
