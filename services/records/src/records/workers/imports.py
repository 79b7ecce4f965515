"""Imports: a part of the file a step, each one commit, so that a crash neither loses a row nor brings one twice."""

import contextlib
from collections.abc import Mapping
from typing import Any

from records.domain.import_plan import read_plan
from records.domain.importing import COUNTS, Plan, unknown_options
from records.domain.schema import Schema
from records.domain.workspace import Workspace
from records.storage import matches, selections, uploads, workspaces
from records.usecases.add_options import add_options
from records.usecases.find_named import Named, referred
from records.usecases.import_rows import Outcome, import_rows
from shared.database import Transaction
from shared.expressions import Kind
from shared.jobs import RunningJob

START: Mapping[str, Any] = {"part": 0, "row": 0} | dict.fromkeys(COUNTS, 0)


class _OnlyTried(Exception):
    """Takes everything back at the end of a dry run."""


async def run_import(running: RunningJob) -> dict[str, Any]:
    """A job of kind ``import``; its result is its counts."""
    await _index(running)
    if running.input.get("dry_run"):
        return await _try(running)
    position = running.position or START
    known = Named()
    while position["row"] < (running.job.total or 0):
        following: dict[str, Any] = dict(position)
        async with running.step() as transaction:
            outcome = await _import_part(transaction, running, following, known)
            await selections.add_members(
                transaction.connection, running.input["selection"], [*outcome.created, *outcome.updated]
            )
            await running.checkpoint(transaction, following, done=following["row"])
        position = following
    return {name: position[name] for name in COUNTS} | {"selection": running.input["selection"], "dry_run": False}


async def _try(running: RunningJob) -> dict[str, Any]:
    """All of it in one transaction that is taken back, so that later rows meet what earlier ones would have done."""
    position: dict[str, Any] = dict(START)
    async with running.step() as transaction:
        await uploads.forget_rejected(transaction.connection, running.job.id)
    rejected = list[Any]()
    with contextlib.suppress(_OnlyTried):
        async with running.database.transaction(running.job.actor) as transaction:
            await running.bind(transaction)
            await _try_parts(transaction, running, position, rejected)
    async with running.step() as transaction:
        await uploads.reject(transaction.connection, running.job.id, rejected)
    return {name: position[name] for name in COUNTS} | {"selection": None, "dry_run": True}


async def _try_parts(
    transaction: Transaction, running: RunningJob, position: dict[str, Any], rejected: list[Any]
) -> None:
    known = Named()
    while position["row"] < (running.job.total or 0):
        await _import_part(transaction, running, position, known, kept=rejected)
        await _tell(running, position["row"])
    raise _OnlyTried


async def _import_part(
    transaction: Transaction,
    running: RunningJob,
    position: dict[str, Any],
    known: Named,
    kept: list[Any] | None = None,
) -> Outcome:
    """The part of the file at the position, which is moved on. What is rejected is written down, or ``kept``."""
    given = running.input
    held = await uploads.get(transaction.connection, given["upload"])
    workspace = await workspaces.seen(transaction)
    schema = workspace.schema(given["project"])
    part = await uploads.part(transaction.connection, given["upload"], position["part"])
    plan = read_plan(given, held.columns, workspace, schema)
    if plan.unknown_option == "create":
        workspace, schema, plan = await _with_options(transaction, workspace, schema, plan, part, given)
    rows = list(enumerate(part, position["row"] + 1))
    outcome = await import_rows(transaction, workspace, schema, plan, rows, known)
    await transaction.flush()
    rejected = [(each, part[each.row - position["row"] - 1]) for each in outcome.rejected]
    if kept is None:
        await uploads.reject(transaction.connection, running.job.id, rejected)
    else:
        kept += rejected
    news = {"created": len(outcome.created), "updated": len(outcome.updated), "skipped": outcome.skipped}
    for name, count in (news | {"rejected": len(rejected), "part": 1, "row": len(part)}).items():
        position[name] += count
    return outcome


async def _with_options(
    transaction: Transaction,
    workspace: Workspace,
    schema: Schema,
    plan: Plan,
    part: list[list[str]],
    given: Mapping[str, Any],
) -> tuple[Workspace, Schema, Plan]:
    unknown = unknown_options(part, plan)
    if not unknown:
        return workspace, schema, plan
    await add_options(transaction, schema, unknown)
    workspace = await workspaces.seen(transaction)
    schema = workspace.of(schema.project)
    return workspace, schema, read_plan(given, plan.columns, workspace, schema)


async def _index(running: RunningJob) -> None:
    """Whatever records are found by gets an index, in their project and in those that are referred to."""
    async with running.step() as transaction:
        workspace = await workspaces.seen(transaction)
        held = await uploads.get(transaction.connection, running.input["upload"])
    schema = workspace.schema(running.input["project"])
    plan = read_plan(running.input, held.columns, workspace, schema)
    links = [target for target in plan.targets.values() if target.field and target.field.behaviour.kind is Kind.LINK]
    numbers = [target.name for target in plan.targets.values() if target.field and target.field.type == "unique_id"]
    wanted = [(schema, name) for name in (*plan.match_on, *numbers)]
    wanted += [referred(workspace, target) for target in links]
    for project, name in wanted:
        if name != "id":
            await matches.index(running.database, project, name)


async def _tell(running: RunningJob, done: int) -> None:
    async with running.step(done=done):
        pass
