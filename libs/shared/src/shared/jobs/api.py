"""``/v1/jobs/<service>``, the same in every service: how far long work is, how it ended, and how to stop it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from shared.database.transaction import Tx
from shared.http.authentication import Principal, requires
from shared.http.command import CommandRouter
from shared.http.paging import Cursor, Limit, Page, decode_cursor, encode_cursor
from shared.jobs import storage
from shared.jobs.job import Job, JobState

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


async def _list(
    transaction: Tx, _reader: Reader, kind: str | None = None, limit: Limit = 100, cursor: Cursor = None
) -> Page[JobOut]:
    last = decode_cursor(cursor, 2) if cursor else None
    before = (datetime.fromisoformat(last[0]), str(last[1])) if last else None
    found = await storage.find_jobs(transaction, kind=kind, limit=limit + 1, before=before)
    page = found[:limit]
    more = encode_cursor([page[-1].created_at.isoformat(), page[-1].id]) if len(found) > limit else None
    return Page(items=[JobOut.of(each) for each in page], next_cursor=more)


async def _read(id: UUID, transaction: Tx, _reader: Reader) -> JobOut:  # noqa: A002 — the path's word
    return JobOut.of(await storage.get_job(transaction, str(id)))


async def _cancel(id: UUID, transaction: Tx, _writer: Writer) -> JobOut:  # noqa: A002 — the path's word
    return JobOut.of(await storage.cancel_job(transaction, str(id)))
