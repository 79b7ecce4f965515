"""Making selections, changing them, and choosing their members."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from uuid_utils.compat import uuid7

from records.domain.criteria import read_criteria
from records.domain.identifiers import is_identifier
from records.domain.pointers import pointer
from records.domain.schema import Schema
from records.domain.schema_parts import checked_name
from records.domain.selection import Selection, SelectionKind
from records.domain.workspace import StillNeeded, Workspace
from records.storage import records, selected, selections
from shared.database import Transaction
from shared.errors import Conflict, FieldError, Invalid

PARTS = {"dynamic": ("criteria",), "static": ("members",), "combined": ("of", "compare")}
FEWEST_PARTS = 2
Given = Mapping[str, Any]


async def create_selection(transaction: Transaction, workspace: Workspace, given: Given) -> Selection:
    """Raises `Invalid`."""
    schema, now = workspace.schema(given["project"]), transaction.now
    kind: SelectionKind = given.get("kind", "dynamic")
    for name in ("criteria", "members", "of", "compare"):
        if given.get(name) is not None and name not in PARTS[kind]:
            raise Invalid.at(f"/{name}", f"A {kind} selection has no '{name}'.")
    name, key = checked_name(given.get("name")), given.get("key")
    blank = Selection(str(uuid7()), schema.project.id, name, kind, now, now, key=key)
    made = await _changed(transaction, workspace, schema, blank, {**dict.fromkeys(PARTS[kind]), **given})
    await selections.add(transaction.connection, made)
    if given.get("members"):
        await change_members(transaction, workspace, made, schema, given["members"], ())
    return made


async def change_selection(
    transaction: Transaction, workspace: Workspace, selection_id: str, given: Given
) -> Selection:
    """The kind never changes. Raises `Invalid`, `SelectionCycle`."""
    before = await selected.get_seen(transaction.connection, workspace, selection_id, transaction.now)
    for name in given:
        if name not in ("name", *PARTS[before.kind]) or name == "members":
            raise Invalid.at(f"/{name}", f"'{name}' of a {before.kind} selection is not changed here.")
    after = await _changed(transaction, workspace, workspace.schema(before.project_id), before, given)
    after = replace(after, version=before.version + 1, updated_at=transaction.now)
    await selections.change(transaction.connection, after)
    return after


async def remove_selection(transaction: Transaction, selection_id: str) -> None:
    """Raises `StillNeeded` while others are made of it."""
    gone = await selections.get(transaction.connection, selection_id)
    users = await selections.made_of(transaction.connection, gone.id)
    if users:
        raise StillNeeded(f"'{users[0]}' is made of it.")
    await selections.remove(transaction.connection, gone.id)


async def change_members(
    transaction: Transaction,
    workspace: Workspace,
    chosen: Selection,
    schema: Schema,
    added: Sequence[str],
    removed: Sequence[str],
) -> None:
    """Raises `Invalid` for records that are not there, `Conflict` where members are not chosen by hand."""
    if chosen.kind != "static":
        raise Conflict(f"The members of a {chosen.kind} selection follow from what they are; make a snapshot of it.")
    found = await records.find(transaction.connection, {each for each in added if is_identifier(each)})
    projects = {each.id: each.project_id for each in workspace.shown(found).values()}
    errors = [
        FieldError(pointer("members", place), f"'{each}' is no record of '{schema.project.key}'.")
        for place, each in enumerate(added)
        if projects.get(each) != schema.project.id
    ]
    if errors:
        raise Invalid(errors[0].detail, errors)
    await selections.add_members(transaction.connection, chosen.id, added)
    await selections.remove_members(
        transaction.connection, chosen.id, [each for each in removed if is_identifier(each)]
    )


async def _changed(
    transaction: Transaction, workspace: Workspace, schema: Schema, before: Selection, given: Given
) -> Selection:
    after = replace(before, name=checked_name(given["name"])) if "name" in given else before
    if "criteria" in given:
        read_criteria(given["criteria"], schema.project.key, workspace, transaction.now)
        after = replace(after, criteria=given["criteria"] or {})
    if "of" in given or "compare" in given:
        after = await _combined(transaction, workspace, after, given)
    return after


async def _combined(transaction: Transaction, workspace: Workspace, before: Selection, given: Given) -> Selection:
    parts = list(dict.fromkeys(given.get("of") or before.parts))
    found = await selections.find(transaction.connection, [each for each in parts if is_identifier(each)])
    for place, each in enumerate(parts):
        if each not in found or found[each].project_id != before.project_id:
            raise Invalid.at(pointer("of", place), f"There is no selection '{each}' of the same project.")
    if len(parts) < FEWEST_PARTS:
        raise Invalid.at("/of", "A combined selection is made of two or more others.")
    compare = given.get("compare") or before.compare or "union"
    after = replace(before, parts=parts, compare=compare)
    await selected.load(transaction.connection, workspace, after, transaction.now)
    return after
