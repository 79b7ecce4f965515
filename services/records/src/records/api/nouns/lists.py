"""Lists in a configuration."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from records.api.lists import ListIn
from records.api.nouns import read_as, sorter, unusual
from records.domain.schema import Schema
from records.domain.schema_parts import changed_list
from records.storage import touched, workspaces
from records.usecases.change_schema import add_list, change_list, remove_list
from records.usecases.configure import Noun
from shared.database import Transaction


async def _read(_: Transaction, schema: Schema) -> list[dict[str, Any]]:
    found = [unusual(ListIn, asdict(each)) for each in schema.lists]
    return [
        {**each, "require_on_entry": list(each["require_on_entry"])} if "require_on_entry" in each else each
        for each in found
    ]


async def _put(transaction: Transaction, project: str, thing: Mapping[str, Any]) -> None:
    given = read_as(ListIn, thing).model_dump()
    schema = (await workspaces.current(transaction.connection)).schema(project)
    before = schema.lists_by_key.get(given["key"])
    if before is None:
        await add_list(transaction, project, given)
    elif changed_list(before, given) != before:
        await change_list(transaction, project, given["key"], given)


async def _records(transaction: Transaction, schema: Schema, key: str) -> int:
    return await touched.by_list(transaction.connection, schema.project.id, key)


NOUN = Noun("lists", 0, _read, _put, remove_list, _records, sorter("lists"))
