"""Bringing rows of a file in: each makes a record, changes the one that is like it, or is rejected with its reason."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from uuid_utils import uuid7

from records.domain.drafts import read_draft, record_from
from records.domain.edits import Edit
from records.domain.importing import Plan, Rejected, Wish, column_of, match_key, read_row, wanted_of
from records.domain.mapping import Target
from records.domain.record import Record
from records.domain.rights import owned
from records.domain.schema import Schema
from records.domain.versions import Version, first_version, next_version
from records.domain.workspace import Workspace
from records.storage import positions
from records.usecases.check_links import check_many_links
from records.usecases.find_matches import find_matches
from records.usecases.find_named import Named, find_named
from records.usecases.move_record import moved_to
from records.usecases.save_versions import save_versions
from records.usecases.update_record import updated
from shared.database import Transaction
from shared.errors import FieldError, Invalid, Problem
from shared.privacy.tombstones import is_marked

Rows = Sequence[tuple[int, Sequence[str]]]
# The record that a row means, if it is there already, and what is put into it.
_Held = tuple[Record | None, Edit]


@dataclass
class Outcome:
    """The ids of the records made and changed, how many rows changed nothing, and those that did not get in."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    skipped: int = 0
    rejected: list[Rejected] = field(default_factory=list)


async def import_rows(
    transaction: Transaction, workspace: Workspace, schema: Schema, plan: Plan, rows: Rows, known: Named
) -> Outcome:
    """``known`` are names whose records were found before; it is filled further."""
    outcome = Outcome()
    await find_named(transaction, workspace, plan, [cells for _, cells in rows], known)
    wishes = _read(rows, plan, schema, known.find, outcome)
    while wishes:
        now, wishes = _apart(wishes, plan)
        await _import(transaction, workspace, schema, plan, now, outcome)
    return outcome


def _read(rows: Rows, plan: Plan, schema: Schema, find: Callable[[Target, str], str], outcome: Outcome) -> list[Wish]:
    wishes = []
    for number, cells in rows:
        try:
            _refuse_erased(cells)
            wishes.append(read_row(number, cells, plan, schema, find))
        except Invalid as problem:
            outcome.rejected.append(Rejected(number, problem.detail))
    return wishes


def _refuse_erased(cells: Sequence[str]) -> None:
    if any(map(is_marked, cells)):
        raise Invalid("This row tells of somebody who was erased.")


def _apart(wishes: Sequence[Wish], plan: Plan) -> tuple[list[Wish], list[Wish]]:
    """Those that can be written at once, and those that mean a record which one of the first means too."""
    first, later, seen = list[Wish](), list[Wish](), set[object]()
    for wish in wishes:
        key = match_key(wish, plan.match_on) if plan.on_match != "add" else None
        folded = {wish.id, tuple(part.casefold() for part in key) if key else None} - {None}
        (later if folded & seen else first).append(wish)
        seen |= folded
    return first, later


async def _import(
    transaction: Transaction, workspace: Workspace, schema: Schema, plan: Plan, wishes: Sequence[Wish], outcome: Outcome
) -> None:
    held = await find_matches(transaction, workspace, schema, plan, wishes, outcome.rejected)
    pending: dict[int, tuple[Wish, Record | None, Edit]] = {}
    for wish in wishes:
        if wish.row not in held:
            continue
        record = held[wish.row]
        action = "replace" if wish.id is not None and plan.on_match == "add" else plan.on_match
        if record is not None and action == "skip":
            outcome.skipped += 1
            continue
        pending[wish.row] = (wish, record, wanted_of(wish, record, action) if record else wish.edit)
    await _drop_wrong_links(transaction, workspace, schema, pending, outcome)
    versions = list[tuple[int, Version]]()
    for row, (wish, record, edit) in pending.items():
        try:
            version = await _version(transaction, workspace, schema, plan, wish, (record, edit))
        except Problem as problem:
            outcome.rejected.append(Rejected(row, _reason(problem)))
            continue
        if version.changes:
            versions.append((row, version))
        else:
            outcome.skipped += 1
    await _save(transaction, schema, plan, versions, outcome)


async def _version(
    transaction: Transaction, workspace: Workspace, schema: Schema, plan: Plan, wish: Wish, held: _Held
) -> Version:
    record, edit = held
    if record is not None:
        version = updated(transaction, schema, record, edit)
        to_list = wish.placing.get("list", record.list)
        if to_list == record.list or plan.on_match == "merge_empty":
            return version
        after = await moved_to(transaction, workspace, version.after, to_list)
        return next_version("moved", record, after, transaction.now)
    if "title" not in edit.attributes:
        raise Invalid(f"{column_of('title', plan)}: a new record needs a title.")
    place = {"list": plan.list, **wish.placing}
    edit = replace(edit, attributes=dict(owned(edit.attributes, transaction.policy, schema.project)))
    draft = read_draft(place, schema, transaction.now, edit)
    return first_version(
        record_from(replace(draft, imported=not plan.run_automations), schema, str(uuid7()), transaction.now)
    )


async def _drop_wrong_links(
    transaction: Transaction, workspace: Workspace, schema: Schema, pending: dict[int, Any], outcome: Outcome
) -> None:
    try:
        await check_many_links(transaction, workspace, schema, {f"/{row}": edit for row, (*_, edit) in pending.items()})
    except Invalid as problem:
        for row, reasons in _by_row(problem.errors).items():
            pending.pop(row)
            outcome.rejected.append(Rejected(row, "; ".join(reasons)))


def _by_row(errors: Iterable[FieldError]) -> Mapping[int, list[str]]:
    found: dict[int, list[str]] = {}
    for error in errors:
        found.setdefault(int(error.pointer.split("/")[1]), []).append(error.detail)
    return found


async def _save(
    transaction: Transaction, schema: Schema, plan: Plan, versions: Sequence[tuple[int, Version]], outcome: Outcome
) -> None:
    """All at once; where that fails, one by one, so that one broken row takes no other with it."""
    try:
        async with transaction.attempt():
            await save_versions(transaction, schema, [version for _, version in versions], ground=plan.ground)
    except Problem as problem:
        if len(versions) == 1:
            outcome.rejected.append(Rejected(versions[0][0], _reason(problem)))
            return
        for each in versions:
            await _save(transaction, schema, plan, [each], outcome)
        return
    for _, version in versions:
        (outcome.updated if version.before else outcome.created).append(version.after.id)
        if version.kind == "moved":
            await positions.put_last(transaction.connection, version.after.id)


def _reason(problem: Problem) -> str:
    return "; ".join(each.detail for each in problem.errors) or problem.detail
