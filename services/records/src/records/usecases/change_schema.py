"""Adding, changing and removing the lists, fields and tags of a project.

Every change locks the schema of the whole workspace, is held against all that is made of it, and tells the project
whole.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, TypeVar

from records.domain.entry import ListLocked
from records.domain.pointers import pointer
from records.domain.schema import Field, KeyTaken, List, Schema, Tag
from records.domain.schema_parts import changed_field, changed_list, changed_tag, new_field, new_list, new_tag
from records.domain.workspace import StillNeeded, Workspace, check, check_all, check_lists
from records.storage import schemas, touched, unique_values, workspaces
from records.usecases.change_project import save_schema
from shared.database import Transaction
from shared.errors import FieldError, Invalid
from shared.jobs import add_job

NUMBERING = "numbering"

Part = TypeVar("Part", List, Field, Tag)
Given = Mapping[str, Any]
SortedParts = Literal["lists", "fields", "tags"]


async def add_list(transaction: Transaction, reference: str, given: Given) -> List:
    _, schema = await _open(transaction, reference)
    added = new_list(given, _next(schema.lists))
    _free(schema, added, schema.lists)
    _check_entry(schema, added)
    return await _added(transaction, schema, added, lists=(*schema.lists, added))


async def add_field(transaction: Transaction, reference: str, given: Given) -> Field:
    workspace, schema = await _open(transaction, reference)
    added = new_field(given, _next(schema.fields), workspace.value_lists)
    _free(schema, added, schema.fields)
    if await schemas.is_buried(transaction.connection, schema.project.id, added.key):
        raise KeyTaken(f"'{added.key}' was the key of a field that was deleted; its values are kept. Choose another.")
    whole = workspace.with_schemas(replace(schema, fields=(*schema.fields, added)))
    _check_field(whole, schema.project.key, added.key)
    if added.type == "unique_id":
        await _number_later(transaction, schema, added)
    return await _added(transaction, schema, added, fields=(*schema.fields, added))


async def add_tag(transaction: Transaction, reference: str, given: Given) -> Tag:
    _, schema = await _open(transaction, reference)
    added = new_tag(given, _next(schema.tags))
    _free(schema, added, schema.tags)
    _free_name(schema, added)
    return await _added(transaction, schema, added, tags=(*schema.tags, added))


async def change_list(transaction: Transaction, reference: str, key: str, given: Given) -> List:
    _, schema = await _open(transaction, reference)
    before = schema.list(key)
    if before.locked and given.get("locked") is not False:
        raise ListLocked(before)
    after = changed_list(before, given)
    _check_entry(schema, after)
    return await _changed(transaction, schema, before, after, lists=_swapped(schema.lists, after))


async def sort_parts(transaction: Transaction, reference: str, what: SortedParts, keys: Sequence[str]) -> Schema:
    """The lists, fields or tags in the order of their keys, each named once. Raises `Invalid`."""
    _, schema = await _open(transaction, reference)
    parts = {each.key: each for each in getattr(schema, what)}
    if sorted(keys) != sorted(parts):
        raise Invalid.at("/keys", f"'keys' names each of the {what} once: {', '.join(parts)}.")
    ordered = tuple(replace(parts[key], position=position) for position, key in enumerate(keys))
    for each in ordered:
        if each != parts[each.key]:
            await schemas.change_part(transaction.connection, schema.project.id, each)
    parts_of: dict[str, Any] = {what: ordered}
    after = replace(schema, **parts_of)
    return schema if after == schema else await save_schema(transaction, after)


async def change_field(transaction: Transaction, reference: str, key: str, given: Given) -> Field:
    workspace, schema = await _open(transaction, reference)
    before = schema.field(key)
    after = changed_field(before, given, workspace.value_lists)
    fields = _swapped(schema.fields, after)
    whole = workspace.with_schemas(replace(schema, fields=fields))
    _check_field(whole, schema.project.key, key)
    check_all(whole)
    if after.unique != before.unique:
        await _tell_apart(transaction, schema, after)
    return await _changed(transaction, schema, before, after, fields=fields)


async def change_tag(transaction: Transaction, reference: str, key: str, given: Given) -> Tag:
    _, schema = await _open(transaction, reference)
    before = schema.tag(key)
    after = changed_tag(before, given)
    _free_name(schema, after)
    return await _changed(transaction, schema, before, after, tags=_swapped(schema.tags, after))


async def remove_list(transaction: Transaction, reference: str, key: str) -> None:
    """Raises `StillNeeded` while records stand in it, or a filter names it."""
    workspace, schema = await _open(transaction, reference)
    gone = schema.list(key)
    if gone.locked:
        raise ListLocked(gone)
    after = replace(schema, lists=tuple(each for each in schema.lists if each != gone))
    check_all(workspace.with_schemas(after))
    await schemas.remove_list(transaction.connection, schema.project.id, key)
    await save_schema(transaction, after)


async def remove_field(transaction: Transaction, reference: str, key: str) -> None:
    """Raises `StillNeeded` while a lookup, formula or filter is made of it. Its key stays taken."""
    workspace, schema = await _open(transaction, reference)
    gone = schema.field(key)
    for each in schema.lists:
        if key in each.require_on_entry:
            raise StillNeeded(f"The list '{each.name}' is entered only with '{gone.name}'.")
    after = replace(schema, fields=tuple(each for each in schema.fields if each != gone))
    check_all(workspace.with_schemas(after))
    await schemas.bury_field(transaction.connection, schema.project.id, key)
    await save_schema(transaction, after)


async def remove_tag(transaction: Transaction, reference: str, key: str) -> None:
    """Raises `StillNeeded` while records carry it."""
    _, schema = await _open(transaction, reference)
    gone = schema.tag(key)
    if await schemas.records_with_tag(transaction.connection, schema.project.id, key):
        raise StillNeeded(f"Records carry the tag '{key}', perhaps in the trash; take it off them first.")
    await schemas.remove_tag(transaction.connection, schema.project.id, key)
    await save_schema(transaction, replace(schema, tags=tuple(each for each in schema.tags if each != gone)))


async def with_a_list(transaction: Transaction, workspace: Workspace, schema: Schema) -> tuple[Workspace, Schema]:
    """A record always stands in a list: a project without any gets its first with its first record."""
    if schema.lists:
        return workspace, schema
    if not (await _open(transaction, schema.project.id))[1].lists:
        await add_list(transaction, schema.project.id, {"key": "open", "name": "Open", "category": "open"})
    workspace = await workspaces.seen(transaction)
    return workspace, workspace.of(schema.project)


async def _open(transaction: Transaction, reference: str) -> tuple[Workspace, Schema]:
    workspace = await workspaces.for_change(transaction.connection)
    return workspace, workspace.schema(reference)


async def _added(transaction: Transaction, schema: Schema, part: Part, **parts: Any) -> Part:
    await schemas.add_part(transaction.connection, schema.project.id, part)
    await save_schema(transaction, replace(schema, **parts))
    return part


async def _changed(transaction: Transaction, schema: Schema, before: Part, after: Part, **parts: Any) -> Part:
    if after != before:
        await schemas.change_part(transaction.connection, schema.project.id, after)
        await save_schema(transaction, replace(schema, **parts))
    return after


def _check_field(workspace: Workspace, project: str, key: str) -> None:
    """The mistakes of this one field, with pointers into its own object."""
    check_lists(workspace.by_key[project], key)
    try:
        check(workspace, project)
    except Invalid as problem:
        place = pointer("fields", key)
        errors = [
            FieldError(each.pointer.removeprefix(place) or "/config", each.detail)
            for each in problem.errors
            if f"{each.pointer}/".startswith(f"{place}/")
        ]
        raise Invalid(errors[0].detail if len(errors) == 1 else problem.detail, errors) from problem


async def _number_later(transaction: Transaction, schema: Schema, field: Field) -> None:
    """The records that are there already get their numbers by a job; one that is written meanwhile has its own."""
    total = await touched.by_project(transaction.connection, schema.project.id)
    if total:
        await add_job(transaction, NUMBERING, {"project": schema.project.id, "field": field.key}, total=total)


async def _tell_apart(transaction: Transaction, schema: Schema, field: Field) -> None:
    """Begin to notice records with the same value, or cease to. Raises `StillNeeded` where there are some already."""
    await unique_values.forget_field(transaction.connection, schema.project.id, field.key)
    if field.unique and not await unique_values.learn_field(
        transaction.connection, schema.project.id, field.key, exclusive=field.unique == "refuse"
    ):
        raise StillNeeded(f"Several records have the same '{field.name}' already; 'warn' would show which.")


def _check_entry(schema: Schema, each: List) -> None:
    for number, key in enumerate(each.require_on_entry):
        if key not in {field.key for field in schema.stored_fields}:
            raise Invalid.at(f"/require_on_entry/{number}", f"The project has no field '{key}' to be filled in.")


def _free(schema: Schema, part: List | Field | Tag, taken: tuple[List | Field | Tag, ...]) -> None:
    if part.key in {each.key for each in taken}:
        raise KeyTaken(f"The project '{schema.project.key}' has '{part.key}' already.")


def _free_name(schema: Schema, tag: Tag) -> None:
    if any(each.key != tag.key and each.name.casefold() == tag.name.casefold() for each in schema.tags):
        raise KeyTaken(f"The project '{schema.project.key}' has a tag called '{tag.name}' already.")


def _next(parts: tuple[List | Field | Tag, ...]) -> int:
    return max((part.position for part in parts), default=-1) + 1


def _swapped(parts: tuple[Part, ...], part: Part) -> tuple[Part, ...]:
    return tuple(part if each.key == part.key else each for each in parts)
