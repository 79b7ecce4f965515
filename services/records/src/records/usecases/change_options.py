"""The options of one field, each by itself. Those of a value list are administered there."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from records.domain.options import MOST_OPTIONS, Option, find_option, key_from, option_of, refuse_doubles
from records.domain.schema import Field, FieldNotFound, KeyTaken, Schema
from records.domain.workspace import StillNeeded
from records.storage import carriers, schemas, workspaces
from records.usecases.change_project import save_schema
from shared.database import Transaction
from shared.errors import Conflict, Invalid
from shared.http.authentication import Principal
from shared.jobs import Job, add_job

Given = Mapping[str, Any]
MERGE = "merge"


class Administered(Conflict):
    """The options are a value list's."""


async def add_option(transaction: Transaction, project: str, field: str, given: Given) -> Option:
    """Behind the others. Raises `Invalid`, `KeyTaken`."""
    schema, before, options = await _open(transaction, project, field)
    added = option_of({**given, "key": given.get("key") or key_from(str(given.get("name", "")))}, "")
    if any(each["key"] == added["key"] for each in options):
        raise KeyTaken(f"The field has an option '{added['key']}' already, maybe an archived one.")
    await _save(transaction, schema, before, [*options, added])
    return added


async def change_option(transaction: Transaction, project: str, field: str, key: str, given: Given) -> Option:
    """Its name, its color, whether it is archived; null clears the color. The key never changes."""
    schema, before, options = await _open(transaction, project, field)
    after = option_of({**find_option(options, key), **given, "key": key}, "")
    await _save(transaction, schema, before, [after if each["key"] == key else each for each in options])
    return after


async def sort_options(transaction: Transaction, project: str, field: str, keys: Sequence[str]) -> list[Option]:
    schema, before, options = await _open(transaction, project, field)
    known = {each["key"]: each for each in options}
    if sorted(keys) != sorted(known):
        raise Invalid.at("/keys", f"'keys' names each of the options once: {', '.join(known)}.")
    ordered = [known[key] for key in keys]
    await _save(transaction, schema, before, ordered)
    return ordered


async def remove_option(transaction: Transaction, project: str, field: str, key: str) -> None:
    """Raises `StillNeeded` with how many records have it; then it is archived, or merged into another."""
    schema, before, options = await _open(transaction, project, field)
    gone = find_option(options, key)
    used = await carriers.count(transaction.connection, schema.project.id, field, key)
    if used:
        raise StillNeeded(f"{used:,} records have '{gone['name']}', perhaps in the trash; archive or merge it.")
    if key in _keys(before.default) or len(options) == 1:
        raise StillNeeded(f"'{gone['name']}' is the default of '{before.name}', or its only option.")
    await _save(transaction, schema, before, [each for each in options if each != gone])


async def merge_options(
    transaction: Transaction, caller: Principal, project: str, field: str, key: str, into: str
) -> Job:
    """One option is archived at once, and a job writes the other into all records that have it."""
    schema, before, options = await _open(transaction, project, field)
    find_option(options, key)
    if find_option(options, into).get("archived") or into == key:
        raise Invalid.at("/into", "It is another option, and not archived.")
    default = _merged_default(before.default, key, into)
    archived = [{**each, "archived": True} if each["key"] == key else each for each in options]
    await _save(transaction, schema, replace(before, default=default), archived)
    wanted = {"project": schema.project.id, "field": field, "from": key, "into": into}
    return await add_job(transaction, MERGE, wanted, key=caller.key_id)


async def merge_tags(transaction: Transaction, caller: Principal, project: str, key: str, into: str) -> Job:
    """A job writes the other tag onto all records that carry it; then it goes."""
    schema = (await workspaces.for_change(transaction.connection)).schema(project)
    if schema.tag(into) == schema.tag(key):
        raise Invalid.at("/into", "It is another tag.")
    wanted = {"project": schema.project.id, "field": None, "from": key, "into": into}
    return await add_job(transaction, MERGE, wanted, key=caller.key_id)


async def _open(transaction: Transaction, project: str, key: str) -> tuple[Schema, Field, list[Option]]:
    schema = (await workspaces.for_change(transaction.connection)).schema(project)
    field = schema.field(key)
    if "options" not in field.config:
        raise FieldNotFound(f"The field '{key}' has no options.")
    if "value_list" in field.config:
        raise Administered(
            f"Its options are those of the value list '{field.config['value_list']}': change them there."
        )
    return schema, field, list(field.config["options"])


async def _save(transaction: Transaction, schema: Schema, before: Field, options: Sequence[Option]) -> None:
    if len(options) > MOST_OPTIONS:
        raise Invalid.at("", f"A field has at most {MOST_OPTIONS:,} options.")
    try:
        refuse_doubles(options)
    except Invalid as problem:
        raise Invalid.at("/name", problem.detail) from problem
    after = replace(before, config={**before.config, "options": list(options)})
    if after == schema.field(before.key):
        return
    await schemas.change_part(transaction.connection, schema.project.id, after)
    fields = tuple(after if each.key == after.key else each for each in schema.fields)
    await save_schema(transaction, replace(schema, fields=fields))


def _keys(value: str | list[str] | None) -> list[str]:
    return [value] if isinstance(value, str) else value or []


def _merged_default(default: Any, key: str, into: str) -> Any:
    if isinstance(default, list):
        return list(dict.fromkeys(into if each == key else each for each in default))
    return into if default == key else default
