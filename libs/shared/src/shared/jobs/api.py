"""``/v1/jobs/<service>``, the same in every service: how far long work is, how it ended, and how to stop it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from shared.database.transaction import Transaction, Tx
from shared.http.authentication import Principal, requires
from shared.http.command import CommandRouter
from shared.http.cursors import identifier, moment, place_in
from shared.http.paging import Cursor, Limit, Page, cut
from shared.jobs import storage
from shared.jobs.job import Job, JobNotFound, JobState

Reader = Annotated[Principal, Depends(requires("read"))]
Writer = Annotated[Principal, Depends(requires("write"))]


class JobOut(BaseModel):
    id: str
    kind: str
    state: JobState
    done: Annotated[int, Field(description="In the job's own units: rows, records, calls")]
    total: Annotated[int | None, Field(description="Null until it is known")]
    result: Annotated[Mapping[str, Any] | None, Field(description="The receipt of a job that is done")]
    error: Annotated[str | None, Field(description="Why it failed")]
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def of(cls, job: Job) -> "JobOut":
        return cls.model_validate(job, from_attributes=True)


def jobs_router(service: str) -> APIRouter:
    routes = CommandRouter(prefix=f"/v1/jobs/{service}", tags=["jobs"])
    routes.get("", summary="Long work, the newest first")(_list)
    routes.get("/{id}", summary="How far a job is")(_read)
    routes.post("/{id}/cancel", summary="Stop a job; what it has done stays")(_cancel)
    return routes


async def own_jobs(
    transaction: Transaction, caller: Principal, kind: str | None, limit: int, cursor: str | None
) -> tuple[Sequence[Job], str | None]:
    """A page of what the caller asked for (an administrator sees all), and the cursor of the next."""
    actor = None if caller.policy.may_configure() else caller.actor
    before = place_in(cursor, moment, identifier)
    found = await storage.find_jobs(transaction, actor=actor, kind=kind, limit=limit + 1, before=before)
    return cut(found, limit, lambda job: (job.created_at, job.id))


async def own_job(transaction: Transaction, caller: Principal, job_id: str, kind: str | None = None) -> Job:
    """The job, for who asked for it and for administrators. Raises `JobNotFound`, for all others as well."""
    try:
        found = await storage.get_job(transaction, str(UUID(job_id)))
    except ValueError:
        found = None
    is_theirs = found is not None and (caller.policy.may_configure() or found.actor == caller.actor)
    if found is None or not is_theirs or kind not in (None, found.kind):
        raise JobNotFound(f"There is no job '{job_id}'.")
    return found


async def _list(
    transaction: Tx, reader: Reader, kind: str | None = None, limit: Limit = 100, cursor: Cursor = None
) -> Page[JobOut]:
    page, more = await own_jobs(transaction, reader, kind, limit, cursor)
    return Page(items=[JobOut.of(each) for each in page], next_cursor=more)


async def _read(id: UUID, transaction: Tx, reader: Reader) -> JobOut:  # noqa: A002 — the path's word
    return JobOut.of(await own_job(transaction, reader, str(id)))


async def _cancel(id: UUID, transaction: Tx, writer: Writer) -> JobOut:  # noqa: A002 — the path's word
    await own_job(transaction, writer, str(id))
    return JobOut.of(await storage.cancel_job(transaction, str(id)))
