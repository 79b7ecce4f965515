"""Jobs in the database: added with the change that asks for them, claimed by one worker at a time."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, case, func, insert, select, tuple_, update
from uuid_utils.compat import uuid7

from shared import telemetry
from shared.database.transaction import Transaction
from shared.jobs.job import Job, JobNotFound
from shared.jobs.tables import job

LEASE = timedelta(seconds=30)
# A job whose worker died so often has killed it: it fails, with that as its reason.
MOST_ATTEMPTS = 5

_COLUMNS = [job.c[each.name] for each in fields(Job)]
_OPEN = job.c.state.in_(["waiting", "running"])


async def add_job(
    transaction: Transaction, kind: str, given: Mapping[str, Any], *, key: str | None = None, total: int | None = None
) -> Job:
    """A job that begins once this transaction is committed. ``given`` is JSON; ``key`` the caller's API key's id."""
    values = {"id": str(uuid7()), "kind": kind, "input": given, "total": total, "key": key, "actor": transaction.actor}
    values["traceparent"] = telemetry.traceparent()
    return _job((await transaction.execute(insert(job).values(values).returning(*_COLUMNS))).mappings().one())


async def get_job(transaction: Transaction, job_id: str) -> Job:
    """Raises `JobNotFound`."""
    row = (await transaction.execute(select(*_COLUMNS).where(job.c.id == job_id))).mappings().one_or_none()
    if row is None:
        raise JobNotFound(f"There is no job '{job_id}'.")
    return _job(row)


async def find_jobs(
    transaction: Transaction,
    *,
    actor: str | None = None,
    kind: str | None = None,
    limit: int = 100,
    before: tuple[Any, str] | None = None,
) -> Sequence[Job]:
    """Newest first, all or one actor's; ``before`` is the ``created_at`` and id of the last one seen."""
    statement = select(*_COLUMNS).order_by(job.c.created_at.desc(), job.c.id.desc()).limit(limit)
    if actor is not None:
        statement = statement.where(job.c.actor == actor)
    if kind is not None:
        statement = statement.where(job.c.kind == kind)
    if before is not None:
        statement = statement.where(tuple_(job.c.created_at, job.c.id) < before)
    return [_job(row) for row in (await transaction.execute(statement)).mappings()]


async def cancel_job(transaction: Transaction, job_id: str) -> Job:
    """One that waits is cancelled at once, one that runs before its next step. Raises `JobNotFound`."""
    waiting = job.c.state == "waiting"
    asked = {
        "cancelling": True,
        "state": case((waiting, "cancelled"), else_=job.c.state),
        "finished_at": case((waiting, func.app_now()), else_=job.c.finished_at),
    }
    await transaction.execute(update(job).where(job.c.id == job_id, _OPEN).values(asked))
    return await get_job(transaction, job_id)


async def claim(transaction: Transaction, kinds: Collection[str]) -> Job | None:
    """The oldest job that nobody works on, with a lease on it."""
    free = (
        select(job.c.id)
        .where(_OPEN, job.c.kind.in_(kinds), job.c.lease_until <= func.clock_timestamp())
        .order_by(job.c.created_at, job.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    taken = {
        "state": "running",
        "attempt": job.c.attempt + 1,
        "lease_until": func.clock_timestamp() + LEASE,
        "started_at": func.coalesce(job.c.started_at, func.app_now()),
    }
    statement = update(job).where(job.c.id == free.scalar_subquery()).values(taken).returning(*_COLUMNS)
    row = (await transaction.execute(statement)).mappings().one_or_none()
    return _job(row) if row else None


async def keep(transaction: Transaction, mine: Job, **news: Any) -> bool | None:
    """Renew the lease and write the news. Whether it shall be cancelled; None where the job is no longer mine."""
    values = {"lease_until": func.clock_timestamp() + LEASE, **news}
    statement = update(job).where(*_mine(mine)).values(values).returning(job.c.cancelling)
    return (await transaction.execute(statement)).scalar_one_or_none()


async def finish(transaction: Transaction, mine: Job, **news: Any) -> bool:
    """Write how it ended; False where the job is no longer mine."""
    values = {"finished_at": func.app_now(), **news}
    statement = update(job).where(*_mine(mine)).values(values).returning(job.c.id)
    return (await transaction.execute(statement)).scalar_one_or_none() is not None


def _mine(mine: Job) -> list[ColumnElement[bool]]:
    return [job.c.id == mine.id, job.c.attempt == mine.attempt, job.c.state == "running"]


def _job(row: RowMapping) -> Job:
    return Job(**row)
