"""What was kept for long enough: every night by itself, or when somebody asks; tried first, where they want that."""

import asyncio
import logging
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from records.domain.moments import moment_text
from records.domain.retention import JOB, Retention, before, due
from records.domain.versions import next_version
from records.domain.workspace import Workspace
from records.storage import records, retentions, workspaces
from records.usecases.save_versions import save_versions
from records.workers.persons import ERASURE
from shared.database import Transaction
from shared.errors import Unavailable
from shared.http.application import Parts
from shared.jobs import RunningJob, add_job

EVERY_S = 300.0
# In the workspace's time zone: nobody works yet, and yesterday is over.
FIRST_HOUR = 2
STEP, ERASED_TOGETHER = 200, 40
MOST_NAMED = 20

log = logging.getLogger(__name__)


async def keep_retention(parts: Parts) -> None:
    """Look again and again, until cancelled."""
    while True:
        try:
            await begin_due(parts)
        except Unavailable as error:
            log.warning("retention waits for the database: %s", error)
        await asyncio.sleep(EVERY_S)


async def begin_due(parts: Parts) -> int:
    """Begin what was not begun tonight; how many jobs that are."""
    async with parts.database.transaction() as transaction:
        workspace = await workspaces.current(transaction.connection)
        local = transaction.now.astimezone(ZoneInfo(workspace.timezone))
        keys = await retentions.begin(transaction.connection, local.date()) if local.hour >= FIRST_HOUR else ()
        for key in keys:
            transaction.actor = f"retention:{key}"
            await add_job(transaction, JOB, {"retention": key, "dry_run": False})
    return len(keys)


async def run_retention(running: RunningJob) -> dict[str, Any]:
    """A job of kind ``retention``. Its result says how much was, or with ``dry_run`` would be, treated; and samples."""
    async with running.step() as transaction:
        given = await retentions.get(transaction.connection, running.input["retention"])
    told = {"retention": given.key, "what": given.what, "action": given.action, "dry_run": running.input["dry_run"]}
    treat = _rows if given.what != "records" else _records
    return told | await treat(running, given)


async def _rows(running: RunningJob, given: Retention) -> dict[str, Any]:
    count = int(running.position.get("count", 0))
    while True:
        async with running.step() as transaction:
            limit = before(given, await workspaces.current(transaction.connection), transaction.now)
            if running.input["dry_run"]:
                return {
                    "count": await retentions.count_rows(transaction.connection, given, limit),
                    "before": moment_text(limit),
                }
            done = await retentions.treat_rows(transaction.connection, given, limit, STEP)
            count += done
            await running.checkpoint(transaction, {"count": count}, done=count)
        if done < STEP:
            return {"count": count, "before": moment_text(limit)}


async def _records(running: RunningJob, given: Retention) -> dict[str, Any]:
    """A batch a step. What is erased or anonymised goes in all four services: a job each `ERASED_TOGETHER` records."""
    start = {"after": "", "count": 0, "sample": [], "erasures": []}
    position: dict[str, Any] = dict(running.position or start)
    size = STEP if given.action == "trash" else ERASED_TOGETHER
    while True:
        async with running.step() as transaction:
            workspace = await workspaces.current(transaction.connection)
            found = await _due(transaction, workspace, given, position["after"], size)
            if not found:
                return {name: position[name] for name in ("count", "sample", "erasures")}
            if not running.input["dry_run"]:
                position["erasures"] = [
                    *position["erasures"],
                    *await _treat(transaction, workspace, given, [each for each, _ in found]),
                ]
            position |= {"after": found[-1][0], "count": position["count"] + len(found)}
            position["sample"] = [*position["sample"], *map(_named, found)][:MOST_NAMED]
            await running.checkpoint(transaction, position, done=position["count"])


async def _due(
    transaction: Transaction, workspace: Workspace, given: Retention, after: str, size: int
) -> list[tuple[str, datetime]]:
    condition = due(given, workspace, transaction.now)
    project = workspace.by_key[str(given.project)].project.key
    return await retentions.due_records(
        transaction.connection, workspace, project, condition, transaction.now, after, size
    )


async def _treat(transaction: Transaction, workspace: Workspace, given: Retention, ids: list[str]) -> list[str]:
    """The ids of the jobs that go on with it."""
    transaction.actor = f"retention:{given.key}"
    if given.action == "trash":
        await _throw_away(transaction, workspace, ids)
        return []
    what = "delete" if given.action == "erase" else "anonymise"
    asked = {"ids": ids, "records": what, "dry_run": False}
    return [(await add_job(transaction, ERASURE, asked)).id]


async def _throw_away(transaction: Transaction, workspace: Workspace, ids: list[str]) -> None:
    live = [each for each in (await records.lock(transaction.connection, ids)).values() if each.deleted_at is None]
    versions = [
        next_version("deleted", each, replace(each, deleted_at=transaction.now), transaction.now) for each in live
    ]
    if versions:
        await save_versions(transaction, workspace.schemas[live[0].project_id], versions)


def _named(found: tuple[str, datetime]) -> dict[str, str]:
    """By its id alone: the receipt outlives the record."""
    return {"id": found[0], "created_at": moment_text(found[1])}
