"""Tags in a configuration."""

from collections.abc import Mapping
from typing import Any

from records.api.nouns import read_as, sorter, unusual
from records.api.tags import TagIn
from records.domain.schema import Schema
from records.storage import touched, workspaces
from records.usecases.change_schema import add_tag, change_tag, remove_tag
from records.usecases.configure import Noun
from shared.database import Transaction


async def _read(_: Transaction, schema: Schema) -> list[dict[str, Any]]:
    return [unusual(TagIn, vars(each)) for each in schema.tags]


async def _put(transaction: Transaction, project: str, thing: Mapping[str, Any]) -> None:
    given = read_as(TagIn, thing).model_dump()
    schema = (await workspaces.current(transaction.connection)).schema(project)
    if any(each.key == given["key"] for each in schema.tags):
        await change_tag(transaction, project, given["key"], given)
    else:
        await add_tag(transaction, project, given)


async def _records(transaction: Transaction, schema: Schema, key: str) -> int:
    return await touched.by_tag(transaction.connection, schema.project.id, key)


NOUN = Noun("tags", 20, _read, _put, remove_tag, _records, sorter("tags"))
