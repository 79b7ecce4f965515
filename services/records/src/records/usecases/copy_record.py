"""Making a copy of a record, in its project or in another."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from uuid_utils.compat import uuid7

from records.domain.checklist import Checklist
from records.domain.drafts import Draft, read_draft, record_from
from records.domain.fitting import Fitting, LeftBehind, fitting, without
from records.domain.record import Record
from records.domain.schema import Schema
from records.domain.versions import first_version
from records.domain.workspace import Workspace
from records.storage import activities, checklists, history
from records.usecases.check_links import check_links
from records.usecases.lock_record import lock_record
from records.usecases.save_versions import save_versions
from shared.database import Transaction
from shared.errors import Invalid

Given = Mapping[str, Any]
MOST_COMMENTS = 5_000


@dataclass(frozen=True)
class Moved:
    """The record where it went, and what of the old one could not go with it."""

    record: Record
    left_behind: Sequence[LeftBehind]


async def copy_record(
    transaction: Transaction, workspace: Workspace, record_id: str, given: Given, parts: Collection[str]
) -> Moved:
    """``given`` may name a project, a list, a title and values of the copy's own. Raises `Invalid`."""
    record = await lock_record(transaction, workspace, record_id, change=False)
    target = workspace.schema(given.get("project") or record.project_id)
    fit, draft = await fitted(transaction, workspace, record, target, given, parts)
    made = record_from(draft, target, str(uuid7()), transaction.now)
    (copy,) = (await save_versions(transaction, target, [first_version(made)])).records
    if "checklists" in parts:
        await _copy_checklists(transaction, record, copy)
    if "comments" in parts:
        await _copy_comments(transaction, record, copy)
    for each, other in ((record, copy), (copy, record)):
        word = "copied_to" if each is record else "copied_from"
        await history.note(transaction, each.id, word, {"record": {"before": None, "after": other.id}})
    return Moved(copy, fit.left_behind)


async def fitted(
    transaction: Transaction,
    workspace: Workspace,
    record: Record,
    target: Schema,
    given: Given,
    parts: Collection[str],
) -> tuple[Fitting, Draft]:
    """What can go to the project, with the caller's own values over it. Raises `Invalid` for what those lack."""
    own = given.get("values") or {}
    fit = fitting(record, workspace.schemas[record.project_id], target, parts)
    wanted = {name: given[name] for name in ("list", "title") if given.get(name) is not None}
    while True:
        values = {**fit.given.get("values", {}), **own}
        draft = read_draft({**fit.given, **wanted, "values": values}, target, transaction.now)
        try:
            await check_links(transaction, workspace, target, {"": draft.edit})
        except Invalid as problem:
            fit = without(fit, problem, own)
            continue
        return fit, draft


async def _copy_checklists(transaction: Transaction, record: Record, copy: Record) -> None:
    for each in await checklists.of_record(transaction.connection, record.id):
        new = Checklist(str(uuid7()), copy.id, each.name, each.position)
        items = [replace(item, id=str(uuid7()), checklist_id=new.id) for item in each.items]
        await checklists.add(transaction.connection, replace(new, items=items))


async def _copy_comments(transaction: Transaction, record: Record, copy: Record) -> None:
    """With their authors and times. Nobody is told of them again."""
    for each in await activities.page(transaction.connection, record.id, None, MOST_COMMENTS, only="comment"):
        await activities.add(transaction.connection, replace(each, id=str(uuid7()), record_id=copy.id))
