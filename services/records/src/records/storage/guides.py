"""Guides in all their versions, and the records that go through them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from records.domain.guide import Guide, guide_from
from records.domain.guide_progress import Step
from records.storage.tables.guides import guide, guide_run, guide_step, guide_version
from shared.database import Transaction


@dataclass(frozen=True)
class StoredGuide:
    """A guide of a project with its newest definition, as stored."""

    id: str
    project_id: str
    key: str
    active: bool
    version: int
    created_at: datetime
    updated_at: datetime
    definition: Mapping[str, Any]


@dataclass(frozen=True)
class Run:
    """A record in a version of a guide; ``stage`` is where it stands among stages of the guide's own."""

    record_id: str
    guide_id: str
    version: int
    stage: str | None
    guide: Guide


_NEWEST = (guide_version.c.guide_id == guide.c.id) & (guide_version.c.version == guide.c.version)


async def of_project(connection: AsyncConnection, project_id: str) -> list[StoredGuide]:
    found = (
        select(guide, guide_version.c.definition).join(guide_version, _NEWEST).where(guide.c.project_id == project_id)
    )
    rows = await connection.execute(found.order_by(guide.c.created_at, guide.c.id))
    return [StoredGuide(**row) for row in rows.mappings()]


async def add(transaction: Transaction, new: StoredGuide) -> bool:
    """False where the project has a guide of that key."""
    row = {name: value for name, value in vars(new).items() if name != "definition"}
    added = await transaction.execute(insert(guide).values(row).on_conflict_do_nothing())
    if added.rowcount == 1:
        await _add_version(transaction, new)
        return True
    return False


async def change(transaction: Transaction, changed: StoredGuide) -> None:
    """Its version is written if it is new; versions before stay as they are."""
    values = {"active": changed.active, "version": changed.version, "updated_at": changed.updated_at}
    await transaction.execute(update(guide).where(guide.c.id == changed.id).values(values))
    await _add_version(transaction, changed)


async def versions(connection: AsyncConnection, guide_id: str) -> list[dict[str, Any]]:
    """The newest first."""
    found = select(guide_version).where(guide_version.c.guide_id == guide_id).order_by(guide_version.c.version.desc())
    return [{str(name): value for name, value in row.items()} for row in (await connection.execute(found)).mappings()]


async def run_of(connection: AsyncConnection, record_id: str, guide_id: str | None = None) -> Run | None:
    """The record's current run, or its run of a guide whether current or not."""
    this = guide_run.c.guide_id == guide_id if guide_id else guide_run.c.detached_at.is_(None)
    version = (guide_version.c.guide_id == guide_run.c.guide_id) & (guide_version.c.version == guide_run.c.version)
    names = (guide_run.c.record_id, guide_run.c.guide_id, guide_run.c.version, guide_run.c.stage)
    found = select(*names, guide_version.c.definition).join(guide_version, version)
    row = (await connection.execute(found.where(guide_run.c.record_id == record_id, this))).mappings().one_or_none()
    return (
        Run(**{name: row[name] for name in row if name != "definition"}, guide=guide_from(row["definition"]))
        if row
        else None
    )


async def attach(transaction: Transaction, records: Collection[tuple[str, str | None]], of: StoredGuide) -> None:
    """Let records follow the guide; one that did before goes on with its version. ``records`` are ids with stages."""
    rows = [
        {"record_id": each, "guide_id": of.id, "version": of.version, "stage": stage, "attached_at": transaction.now}
        for each, stage in records
    ]
    again = insert(guide_run).on_conflict_do_update(
        index_elements=["record_id", "guide_id"], set_={"detached_at": None}
    )
    await transaction.execute(again, rows)


async def detach(transaction: Transaction, record_id: str) -> None:
    """What was made of the guide stays, and is found again when it is attached again."""
    current = guide_run.c.detached_at.is_(None)
    values = {"detached_at": func.app_now()}
    await transaction.execute(update(guide_run).where(guide_run.c.record_id == record_id, current).values(values))


async def set_stage(transaction: Transaction, run: Run, stage: str) -> None:
    this = (guide_run.c.record_id == run.record_id) & (guide_run.c.guide_id == run.guide_id)
    await transaction.execute(update(guide_run).where(this).values(stage=stage))


async def steps_of(connection: AsyncConnection, run: Run) -> list[Step]:
    this = (guide_step.c.record_id == run.record_id) & (guide_step.c.guide_id == run.guide_id)
    rows = await connection.execute(select(guide_step).where(this).order_by(guide_step.c.at, guide_step.c.id))
    return [Step(**row) for row in rows.mappings()]


async def step_of_activity(connection: AsyncConnection, activity_id: str) -> Step | None:
    found = await connection.execute(select(guide_step).where(guide_step.c.activity_id == activity_id))
    row = found.mappings().one_or_none()
    return Step(**row) if row else None


async def keep_step(transaction: Transaction, step: Step) -> None:
    new = insert(guide_step).values(vars(step))
    await transaction.execute(new.on_conflict_do_update(index_elements=["id"], set_=vars(step)))


async def _add_version(transaction: Transaction, of: StoredGuide) -> None:
    row = {"guide_id": of.id, "version": of.version, "definition": dict(of.definition), "at": transaction.now}
    await transaction.execute(insert(guide_version).values(row | {"actor": transaction.actor}).on_conflict_do_nothing())
