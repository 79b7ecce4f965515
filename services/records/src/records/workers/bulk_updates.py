"""Bulk updates: the records of a selection in the order of their making, some hundred a step, each by itself."""

import contextlib
from collections.abc import Mapping
from typing import Any

from records.domain.bulk_change import wanted_of
from records.domain.record import Record
from records.domain.workspace import Workspace
from records.storage import records, selected, selections, workspaces
from records.storage.queries import chosen_ids
from records.usecases.move_record import move_record
from records.usecases.update_record import update_record
from shared.database import Transaction
from shared.errors import Problem
from shared.jobs import RunningJob

STEP = 200
MOST_NAMED = 100


class _OnlyTried(Exception):
    """Takes everything back at the end of a dry run."""


async def run_bulk_update(running: RunningJob) -> dict[str, Any]:
    """A job of kind ``bulk_update``; its result is its counts, and the selection of what it changed."""
    start = {"after": "", "row": 0, "changed": 0, "unchanged": 0, "failed": 0, "failures": []}
    position: dict[str, Any] = dict(running.position or start)
    async with running.step() as transaction:
        ids = await _chosen(transaction, running.input)
    while pending := [each for each in ids if each > position["after"]][:STEP]:
        following = position | {"after": pending[-1], "row": position["row"] + len(pending)}
        async with running.step(total=len(ids)) as transaction:
            await _change(transaction, running.input, pending, following)
            await running.checkpoint(transaction, following, done=following["row"])
        position = following
    told = {name: position[name] for name in ("changed", "unchanged", "failed", "failures")}
    return told | {"selection": running.input["changed"], "dry_run": running.input["dry_run"]}


async def _chosen(transaction: Transaction, given: Mapping[str, Any]) -> list[str]:
    workspace = await workspaces.seen(transaction)
    chosen = await selections.get(transaction.connection, given["selection"])
    whole = await selected.load(transaction.connection, workspace, chosen, transaction.now)
    return await chosen_ids(transaction, workspace, workspace.schema(given["project"]).project.key, whole)


async def _change(transaction: Transaction, given: Mapping[str, Any], ids: list[str], position: dict[str, Any]) -> None:
    """A dry run changes, looks what came of it, and takes it back."""
    workspace = await workspaces.seen(transaction)
    changed = list[str]()
    with contextlib.suppress(_OnlyTried):
        async with transaction.attempt():
            for record in (await records.find(transaction.connection, ids)).values():
                is_new = await _try_one(transaction, workspace, record, given, position)
                changed += [record.id] if is_new else []
            if given["dry_run"]:
                raise _OnlyTried
    if not given["dry_run"]:
        await selections.add_members(transaction.connection, given["changed"], changed)


async def _try_one(
    transaction: Transaction, workspace: Workspace, record: Record, given: Mapping[str, Any], position: dict[str, Any]
) -> bool:
    try:
        async with transaction.attempt():
            is_new = await _change_one(transaction, workspace, record, given)
    except Problem as problem:
        _note(position, record.id, problem.detail)
        return False
    position["changed" if is_new else "unchanged"] += 1
    return is_new


async def _change_one(transaction: Transaction, workspace: Workspace, record: Record, given: Mapping[str, Any]) -> bool:
    wanted = wanted_of(record, given["changes"], workspace.schemas[record.project_id])
    after = record
    if wanted.item:
        after = (await update_record(transaction, workspace, record.id, wanted.item, None)).records[0]
    if wanted.list is not None:
        after = await move_record(transaction, workspace, record.id, wanted.list)
    return after.version != record.version


def _note(position: dict[str, Any], record_id: str, reason: str) -> None:
    """Counted; the first of them are named."""
    position["failed"] += 1
    if len(position["failures"]) < MOST_NAMED:
        position["failures"] = [*position["failures"], {"id": record_id, "reason": reason}]
