"""Fields in a configuration."""

from collections.abc import Mapping
from typing import Any

from records.api.fields import FieldIn
from records.api.nouns import read_as, sorter, unusual
from records.domain.options import without_options
from records.domain.schema import Field, Schema
from records.storage import touched, workspaces
from records.usecases.change_schema import add_field, change_field, remove_field
from records.usecases.configure import Noun
from shared.database import Transaction
from shared.errors import Invalid


async def _read(_: Transaction, schema: Schema) -> list[dict[str, Any]]:
    return [unusual(FieldIn, vars(each) | _said(each)) for each in schema.fields]


def _said(field: Field) -> dict[str, Any]:
    default = None if field.default is None else field.behaviour.present(field.default, field.config)
    return {"default": default, "config": dict(without_options(field.config))}


async def _put(transaction: Transaction, project: str, thing: Mapping[str, Any]) -> None:
    given = read_as(FieldIn, thing).model_dump()
    schema = (await workspaces.current(transaction.connection)).schema(project)
    before = schema.fields_by_key.get(given["key"])
    if before is None:
        await add_field(transaction, project, given)
        return
    if before.type != given["type"]:
        raise Invalid.at("/type", f"'{before.name}' is of the type '{before.type}', and stays so; make another field.")
    await change_field(transaction, project, given["key"], given)


async def _records(transaction: Transaction, schema: Schema, key: str) -> int:
    return await touched.by_field(transaction.connection, schema.project.id, key)


NOUN = Noun("fields", 10, _read, _put, remove_field, _records, sorter("fields"))
