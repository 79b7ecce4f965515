"""What is known of a person in all services, handed over or forgotten: with the person in the body, never in a URL."""

import asyncio
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Depends, Response
from pydantic import Field

from records.api.wire import REFUSALS, Body
from records.domain.identifiers import is_identifier
from records.domain.person_file import as_csv
from records.domain.phones import e164
from records.storage import exports
from shared.database import Transaction, Tx
from shared.errors import Conflict, Forbidden, Invalid, NotFound
from shared.http.authentication import Principal, requires
from shared.http.command import CommandRouter
from shared.jobs import Job, JobOut, add_job, get_job

router: APIRouter = CommandRouter(prefix="/v1/persons", tags=["persons"], responses=REFUSALS)
Administrator = Annotated[Principal, Depends(requires("admin"))]
ERASURE, EXPORT = "person_erasure", "person_export"
KEPT = timedelta(days=7)
SHORTEST_EMAIL = 6


class PersonBody(Body):
    phone: Annotated[str | None, Field(description="With its country's code", examples=["+31612345678"])] = None
    email: Annotated[str | None, Field(max_length=320, examples=["jan@example.com"])] = None


class ErasureIn(PersonBody):
    dry_run: Annotated[bool, Field(description="Only count what would go, in every store")] = False
    records: Annotated[
        Literal["delete", "blank"],
        Field(
            description="What becomes of records whose own number or address it is: deleted for ever with all that is "
            "on them, or kept without these fields"
        ),
    ] = "delete"


class ExportOut(JobOut):
    file: Annotated[str | None, Field(description="Where the file is, once it is done; for 7 days")]
    expires_at: datetime


@router.post("/erase", status_code=202)
async def erase(body: ErasureIn, transaction: Tx, caller: Administrator) -> JobOut:
    """Forget a person in all four services. The job's result is the receipt: rows by store, and when it was checked.

    A number is found in every spelling (international, national, with spaces, in URLs), an address whatever its case.
    """
    given = _who(body, caller) | {"dry_run": body.dry_run, "records": body.records}
    return JobOut.of(await add_job(transaction, ERASURE, given, key=caller.key_id))


@router.post("/export", status_code=202)
async def begin_export(body: PersonBody, transaction: Tx, caller: Administrator) -> ExportOut:
    """Everything about a person in all four services."""
    return _export(await add_job(transaction, EXPORT, _who(body, caller), key=caller.key_id))


@router.get("/exports/{id}")
async def read_export(id: str, transaction: Tx, caller: Administrator) -> ExportOut:  # noqa: A002 — the path's word
    return _export(await _job(transaction, id, caller))


@router.get("/exports/{id}/file", response_class=Response)
async def download(
    id: str,  # noqa: A002 — the path's word
    transaction: Tx,
    caller: Administrator,
    format: Literal["json", "csv"] = "json",  # noqa: A002 — the parameter's word
) -> Response:
    """By service and table, the rows; as CSV one line a value. 409 before it is done, 404 once it has expired."""
    job = await _job(transaction, id, caller)
    if job.state != "done":
        raise Conflict(f"The export is {job.state}; its file comes when it is done.")
    content = await exports.read(transaction.connection, job.id)
    if not content or transaction.now > job.created_at + KEPT:
        raise NotFound("The file has expired. Begin another export.")
    headers = {"content-disposition": f'attachment; filename="person-{job.id}.{format}"'}
    if format == "csv":
        table = await asyncio.to_thread(lambda: as_csv(orjson.loads(content)["services"]))
        return Response(table, media_type="text/csv; charset=utf-8", headers=headers)
    return Response(content, media_type="application/json", headers=headers)


def _who(body: PersonBody, caller: Principal) -> dict[str, Any]:
    if not caller.policy.may_configure():
        raise Forbidden("Only administrators may do this.")
    if not body.phone and not body.email:
        raise Invalid("Say who: phone, email or both.")
    given: dict[str, Any] = {}
    if body.phone:
        try:
            given["phone"] = e164(body.phone)
        except Invalid as problem:
            raise Invalid.at("/phone", problem.detail) from problem
    if body.email:
        given["email"] = _address(body.email)
    return given


def _address(email: str) -> str:
    name, _, host = email.strip().lower().partition("@")
    if not name or "." not in host or len(email) < SHORTEST_EMAIL or any(each.isspace() for each in email.strip()):
        raise Invalid.at("/email", "must be an e-mail address.")
    return f"{name}@{host}"


def _export(job: Job) -> ExportOut:
    file = f"/v1/persons/exports/{job.id}/file" if job.state == "done" else None
    return ExportOut(**JobOut.of(job).model_dump(), file=file, expires_at=job.created_at + KEPT)


async def _job(transaction: Transaction, job_id: str, caller: Principal) -> Job:
    job = await get_job(transaction, job_id) if is_identifier(job_id) else None
    if job is None or job.kind != EXPORT:
        raise NotFound(f"There is no export '{job_id}'.")
    if job.key != caller.key_id and not caller.policy.may_configure():
        raise Forbidden("This is somebody else's export.")
    return job
