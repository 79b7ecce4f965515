"""Administering value lists. What a list offers, all fields that take their options from it offer with the commit."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from records.domain.schema import Field, KeyTaken
from records.domain.value_list import Item, Predefined, ValueList
from records.domain.value_list_parts import changed_item, changed_value_list, new_item, new_value_list, with_items
from records.domain.workspace import StillNeeded, Workspace
from records.storage import value_lists, workspaces
from records.usecases.change_project import save_schema
from shared.database import Transaction
from shared.errors import Invalid

Given = Mapping[str, Any]


async def add_value_list(transaction: Transaction, given: Given) -> ValueList:
    """With its items. Raises `Invalid`, `KeyTaken`."""
    workspace = await workspaces.for_change(transaction.connection)
    added = new_value_list(given)
    if added.key in workspace.value_lists:
        raise KeyTaken(f"There is a value list '{added.key}' already.")
    await value_lists.add(transaction.connection, added)
    return added


async def change_value_list(transaction: Transaction, key: str, given: Given) -> ValueList:
    before = (await workspaces.for_change(transaction.connection)).value_list(key)
    after = changed_value_list(before, given)
    await value_lists.change(transaction.connection, after)
    return after


async def remove_value_list(transaction: Transaction, key: str) -> None:
    """Raises `Predefined`, and `StillNeeded` while a field takes its options from it."""
    gone = (await workspaces.for_change(transaction.connection)).value_list(key)
    if gone.predefined:
        raise Predefined(f"The value list '{key}' is predefined; delete the items you don't use.")
    if used := await value_lists.users_of(transaction.connection, key):
        told = ", ".join(f"'{field}' of '{project}'" for project, field in used)
        raise StillNeeded(f"It has the options of {told} (perhaps in the trash).")
    await value_lists.remove(transaction.connection, key)


async def add_items(transaction: Transaction, key: str, given: Sequence[Given | str]) -> tuple[Item, ...]:
    """New items behind the others. Raises `Invalid`."""
    workspace = await workspaces.for_change(transaction.connection)
    before = workspace.value_list(key)
    first = max((item.position for item in before.items), default=-1) + 1
    added = tuple(new_item(each, first + place) for place, each in enumerate(given))
    for item in added:
        if item.key in {each.key for each in before.items}:
            raise KeyTaken(f"The value list has an item '{item.key}' already, maybe a deleted one.")
    after = with_items(before, *added)
    await value_lists.add_items(transaction.connection, key, added)
    await _tell(transaction, workspace, before, after)
    return added


async def change_item(transaction: Transaction, key: str, item: str, given: Given) -> Item:
    workspace, before = await _open(transaction, key)
    return await _changed(transaction, workspace, before, changed_item(before.item(item), given))


async def delete_item(transaction: Transaction, key: str, item: str) -> Item:
    """It is chosen no more; where it was chosen it stays. Raises `Predefined`."""
    workspace, before = await _open(transaction, key)
    gone = before.item(item)
    if gone.predefined:
        raise Predefined(f"The item '{item}' is predefined.")
    return await _changed(transaction, workspace, before, replace(gone, deleted_at=gone.deleted_at or transaction.now))


async def restore_item(transaction: Transaction, key: str, item: str) -> Item:
    """Raises `Invalid` where it does not fit any more, as an amount class that another overlaps by now."""
    workspace, before = await _open(transaction, key)
    return await _changed(transaction, workspace, before, replace(before.item(item), deleted_at=None))


async def sort_items(transaction: Transaction, key: str, keys: Sequence[str]) -> ValueList:
    """The items in the order of their keys; deleted ones need not be named and come last. Raises `Invalid`."""
    workspace, before = await _open(transaction, key)
    known = {item.key: item for item in before.items}
    unnamed = [item.key for item in before.items if item.key not in keys]
    if len({*keys}) != len(keys) or {*keys} - known.keys() or any(not known[each].deleted_at for each in unnamed):
        raise Invalid.at("/keys", f"'keys' names each of the items once: {', '.join(known)}.")
    ordered = tuple(replace(known[each], position=place) for place, each in enumerate([*keys, *unnamed]))
    for item in ordered:
        if item != known[item.key]:
            await value_lists.change_item(transaction.connection, key, item)
    after = replace(before, items=ordered)
    await _tell(transaction, workspace, before, after)
    return after


async def _open(transaction: Transaction, key: str) -> tuple[Workspace, ValueList]:
    workspace = await workspaces.for_change(transaction.connection)
    return workspace, workspace.value_list(key)


async def _changed(transaction: Transaction, workspace: Workspace, before: ValueList, item: Item) -> Item:
    after = with_items(before, item)
    if after != before:
        await value_lists.change_item(transaction.connection, before.key, item)
        await _tell(transaction, workspace, before, after)
    return item


async def _tell(transaction: Transaction, workspace: Workspace, before: ValueList, after: ValueList) -> None:
    """Every project that offers the list's items is told anew."""
    if before.options == after.options:
        return
    for schema in workspace.schemas.values():
        fields = tuple(_offering(field, after) for field in schema.fields)
        if fields != schema.fields:
            await save_schema(transaction, replace(schema, fields=fields))


def _offering(field: Field, offer: ValueList) -> Field:
    if field.config.get("value_list") != offer.key:
        return field
    return replace(field, config={**field.config, "options": offer.options})
