"""Exports to CSV and XLSX files."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from records.api.wire import REFUSALS, Body, answer
from records.dependencies import CurrentWorkspace
from records.storage import exports
from records.usecases.start_export import KIND, start_export
from shared.database import Tx
from shared.errors import Conflict
from shared.http.authentication import Principal, requires
from shared.http.command import CommandRouter
from shared.jobs import Job, JobState, own_job

router: APIRouter = CommandRouter(prefix="/v1/exports", tags=["exports"], responses=REFUSALS)
Reader = Annotated[Principal, Depends(requires("read"))]
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class ExportIn(Body):
    project: Annotated[str, Field(description="Its id or key", examples=["customers"])]
    filter: Annotated[Any, Field(description="The filter language; null: all records")] = None
    selection: Annotated[str | None, Field(description="Only those of this selection")] = None
    fields: Annotated[
        Sequence[str] | None,
        Field(max_length=500, description="In this order: field keys, and parts such as `id`, `title`, `list`"),
    ] = None
    format: Literal["csv", "xlsx"] = "csv"
    safe: Annotated[bool, Field(description="Put an apostrophe before what a spreadsheet would take for a formula")] = (
        True
    )


class ExportOut(Body):
    id: str
    state: JobState
    done: Annotated[int, Field(description="Records")]
    total: int | None
    format: Literal["csv", "xlsx"]
    file: Annotated[str | None, Field(description="Where the file is, once it is done")]
    error: str | None
    created_at: datetime
    finished_at: datetime | None


@router.post("", status_code=202, response_model=ExportOut)
async def begin(body: ExportIn, transaction: Tx, workspace: CurrentWorkspace, caller: Reader) -> Response:
    """Begin an export. Imported again as it is, its file changes nothing."""
    return answer(_export(await start_export(transaction, workspace, caller, body.given())), 202)


@router.get("/{id}", response_model=ExportOut)
async def read_export(id: str, transaction: Tx, caller: Reader) -> Response:  # noqa: A002 — the path's word
    return answer(_export(await own_job(transaction, caller, id, KIND)))


@router.get("/{id}/file", response_class=Response)
async def download(id: str, transaction: Tx, caller: Reader) -> Response:  # noqa: A002 — the path's word
    """409 before it is done. Only who began it, and administrators, may have it."""
    job = await own_job(transaction, caller, id, KIND)
    if job.state != "done":
        raise Conflict(f"The export is {job.state}; its file comes when it is done.")
    kind = job.input["format"]
    headers = {"content-disposition": f'attachment; filename="export-{job.id}.{kind}"'}
    return Response(await exports.read(transaction.connection, job.id), media_type=TYPES[kind], headers=headers)


def _export(job: Job) -> dict[str, Any]:
    names = ("id", "state", "done", "total", "error", "created_at", "finished_at")
    file = f"/v1/exports/{job.id}/file" if job.state == "done" else None
    return {name: getattr(job, name) for name in names} | {"format": job.input["format"], "file": file}
