"""Checklists of a record: made, ticked off, put in another order. Each step stands in the record's history."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from uuid_utils.compat import uuid7

from records.domain.checklist import (
    MOST_CHECKLISTS,
    MOST_ITEMS,
    Checklist,
    ChecklistFull,
    ChecklistNotFound,
    Item,
    edited_checklist,
    edited_item,
)
from records.domain.identifiers import is_identifier
from records.domain.moments import moment_text
from records.domain.pointers import pointer
from records.domain.workspace import Workspace
from records.storage import checklists, history, users
from records.usecases.lock_record import lock_record
from shared.database import Transaction
from shared.errors import Invalid

Given = Mapping[str, Any]


async def add_checklist(transaction: Transaction, workspace: Workspace, record_id: str, given: Given) -> Checklist:
    """Raises `Invalid` with the place of the item."""
    record = await lock_record(transaction, workspace, record_id)
    known = await checklists.of_record(transaction.connection, record.id)
    if len(known) >= MOST_CHECKLISTS:
        raise ChecklistFull(f"A record has at most {MOST_CHECKLISTS} checklists.")
    new = edited_checklist(Checklist(str(uuid7()), record.id, "", _next(known)), given)
    items = [
        edited_item(Item(str(uuid7()), new.id, "", position=number), each, transaction.now, pointer("items", number))
        for number, each in enumerate(given.get("items") or ())
    ]
    await _check_assignees(transaction, {pointer("items", number): item for number, item in enumerate(items)})
    new = replace(new, items=items)
    await checklists.add(transaction.connection, new)
    await _note(transaction, record.id, "checklist_added", new, {"name": {"before": None, "after": new.name}})
    return new


async def rename_checklist(
    transaction: Transaction, workspace: Workspace, checklist_id: str, given: Given
) -> Checklist:
    before = await _open(transaction, workspace, checklist_id)
    after = edited_checklist(before, given)
    if after != before:
        await checklists.rename(transaction.connection, after)
        changes = {"name": {"before": before.name, "after": after.name}}
        await _note(transaction, before.record_id, "checklist_changed", before, changes)
    return after


async def remove_checklist(transaction: Transaction, workspace: Workspace, checklist_id: str) -> None:
    """Its items stay in the record's history."""
    gone = await _open(transaction, workspace, checklist_id)
    await checklists.remove(transaction.connection, gone.id)
    items = [_told(item) for item in gone.items]
    changes = {"name": {"before": gone.name, "after": None}, "items": {"before": items, "after": None}}
    await _note(transaction, gone.record_id, "checklist_deleted", gone, changes)


async def add_item(transaction: Transaction, workspace: Workspace, checklist_id: str, given: Given) -> Item:
    """Before another (``before``, its id), or last. Raises `Invalid`."""
    owner = await _open(transaction, workspace, checklist_id)
    if len(owner.items) >= MOST_ITEMS:
        raise ChecklistFull(f"A checklist has at most {MOST_ITEMS} items.")
    new = edited_item(Item(str(uuid7()), owner.id, "", position=_next(owner.items)), given, transaction.now)
    await _check_assignees(transaction, {"": new})
    await checklists.add_item(transaction.connection, new)
    await _place(transaction, owner, new, given.get("before"))
    await _note(
        transaction, owner.record_id, "checklist_changed", owner, {new.id: {"before": None, "after": _told(new)}}
    )
    return new


async def change_item(transaction: Transaction, workspace: Workspace, item_id: str, given: Given) -> Item:
    """What is left out stays. Raises `ChecklistNotFound`, `Invalid`."""
    owner, before = await _item(transaction, workspace, item_id)
    after = edited_item(before, given, transaction.now)
    if after != before:
        await _check_assignees(transaction, {"": after})
        await checklists.change_item(transaction.connection, after)
        changes = {before.id: {"before": _told(before), "after": _told(after)}}
        await _note(transaction, owner.record_id, "checklist_changed", owner, changes)
    await _place(transaction, owner, after, given.get("before"))
    return after


async def remove_item(transaction: Transaction, workspace: Workspace, item_id: str) -> None:
    owner, gone = await _item(transaction, workspace, item_id)
    await checklists.remove_item(transaction.connection, gone.id)
    changes = {gone.id: {"before": _told(gone), "after": None}}
    await _note(transaction, owner.record_id, "checklist_changed", owner, changes)


async def _open(transaction: Transaction, workspace: Workspace, checklist_id: str) -> Checklist:
    """The checklist, its record locked."""
    found = await checklists.find(transaction.connection, checklist_id) if is_identifier(checklist_id) else None
    if found is None:
        raise ChecklistNotFound(f"There is no checklist '{checklist_id}'.")
    await lock_record(transaction, workspace, found.record_id)
    return found


async def _item(transaction: Transaction, workspace: Workspace, item_id: str) -> tuple[Checklist, Item]:
    found = await checklists.find_item(transaction.connection, item_id) if is_identifier(item_id) else None
    if found is None:
        raise ChecklistNotFound(f"There is no checklist item '{item_id}'.")
    return await _open(transaction, workspace, found.checklist_id), found


async def _place(transaction: Transaction, owner: Checklist, item: Item, before: str | None) -> None:
    if before is None:
        return
    others = [each for each in owner.items if each.id != item.id]
    place = next((number for number, each in enumerate(others) if each.id == before), None)
    if place is None:
        raise Invalid.at("/before", f"There is no other item '{before}' in this checklist.")
    await checklists.put_in_order(transaction.connection, [*others[:place], item, *others[place:]])


async def _check_assignees(transaction: Transaction, items: Mapping[str, Item]) -> None:
    wanted = {item.assignee for item in items.values() if item.assignee}
    known = await users.existing(transaction.connection, wanted) if wanted else frozenset()
    for place, item in items.items():
        if item.assignee and item.assignee not in known:
            raise Invalid.at(f"{place}/assignee", f"There is no user '{item.assignee}'.")


async def _note(transaction: Transaction, record_id: str, kind: str, of: Checklist, changes: Given) -> None:
    whose = {"checklist": {"id": of.id, "before": of.name, "after": of.name}}
    await history.note(transaction, record_id, kind, whose | dict(changes))


def _told(item: Item) -> dict[str, Any]:
    moments = {name: getattr(item, name) for name in ("due_at", "done_at")}
    told = {name: moment_text(at) for name, at in moments.items() if at}
    return {"text": item.text, "assignee": item.assignee} | told


def _next(parts: Iterable[Checklist | Item]) -> int:
    return max((part.position for part in parts), default=-1) + 1
