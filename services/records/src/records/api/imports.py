"""Imports of CSV and XLSX files: sent in, looked at, tried, done; and what did not get in, to be mended."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import Field, ValidationError
from sqlalchemy import Row
from starlette.datastructures import UploadFile

from records.api.wire import REFUSALS, Body, answer
from records.dependencies import CurrentWorkspace
from records.domain.cells import guarded
from records.domain.consent import LONGEST, Source
from records.domain.extra_columns import LegalBasis
from records.domain.identifiers import is_identifier
from records.domain.import_profiles import PROFILES, proposal
from records.domain.importing import COUNTS, OnMatch, UnknownOption
from records.storage import uploads
from records.usecases.start_import import KIND, keep_upload, start_import
from shared.database import Transaction, Tx
from shared.errors import Invalid
from shared.http.authentication import Principal, requires
from shared.http.command import CommandRouter, UploadRoute
from shared.http.paging import Cursor, Limit, Page
from shared.jobs import Job, JobState, own_job, own_jobs

router: APIRouter = CommandRouter(prefix="/v1/imports", tags=["imports"], responses=REFUSALS, route_class=UploadRoute)
Reader = Annotated[Principal, Depends(requires("read"))]
Writer = Annotated[Principal, Depends(requires("write"))]
PREVIEWED = 10


class Looking(Body):
    """``upload`` is of a file sent in before; with a multipart body the file comes along as ``file``."""

    project: Annotated[str, Field(description="Its id or key", examples=["customers"])]
    upload: str | None = None
    profile: Annotated[str | None, Field(description="people, companies, products, or one saved with the project")] = (
        None
    )


class ConsentsIn(Body):
    """How the consents in a file are known. What somebody withdrew here, a file does not give again."""

    source: Source = "import"
    legal_basis: LegalBasis | None = None
    evidence: Annotated[str | None, Field(max_length=LONGEST, description="Where it can be looked up")] = None
    comment: Annotated[str | None, Field(max_length=LONGEST)] = None


class ImportIn(Looking):
    mapping: Annotated[
        dict[str, str | None] | None,
        Field(
            description="By column: `title`, `list`, `tags`, a field's key, or `reference.field`; null: not imported. "
            "Left out, the proposal of the preview holds",
            examples=[{"Naam": "title", "E-mail": "email", "Klant": "customer.email"}],
        ),
    ] = None
    match_on: Annotated[list[str] | None, Field(description="Fields by which records are alike")] = None
    on_match: Annotated[OnMatch | None, Field(description="What is done with a record that is there already")] = None
    unknown_option: Annotated[UnknownOption | None, Field(description="Of a select's option that is unknown")] = None
    defaults: Annotated[dict[str, str] | None, Field(description="Options for `default`, by field")] = None
    consents: ConsentsIn | None = None
    list: Annotated[str | None, Field(description="The list for new records; null: the first")] = None
    day_first: Annotated[bool | None, Field(description="31-1-2026 rather than 1/31/2026 (true)")] = None
    decimal: Annotated[Literal[".", ","] | None, Field(description="The decimal sign; null: where it is clear")] = None
    dry_run: Annotated[bool, Field(description="Do everything, then take it back")] = False
    run_automations: Annotated[bool, Field(description="Let rules act on the new records")] = False


class UploadOut(Body):
    upload: Annotated[str, Field(description="To be named when the import begins")]
    name: str
    format: Literal["csv", "xlsx"]
    encoding: str | None
    delimiter: str | None
    columns: Sequence[str]
    rows: int


class Preview(UploadOut):
    sample: Annotated[Sequence[Sequence[str]], Field(description=f"The first {PREVIEWED} rows")]
    mapping: Annotated[Mapping[str, str], Field(description="A proposal; columns that nothing fits are left out")]
    match_on: Sequence[str]
    on_match: OnMatch
    unknown_option: UnknownOption = "reject_row"


class ImportOut(Body):
    id: str
    state: JobState
    done: Annotated[int, Field(description="Rows")]
    total: int | None
    dry_run: bool
    created: int
    updated: int
    skipped: Annotated[int, Field(description="Rows that changed nothing")]
    rejected: int
    rejected_rows: Annotated[str | None, Field(description="Where to read those rows as CSV, each with its reason")]
    selection: Annotated[str | None, Field(description="Of the records made and changed")]
    error: str | None
    created_at: datetime
    finished_at: datetime | None


class ProfileOut(Body):
    key: str
    name: str
    match_on: Sequence[str]
    on_match: OnMatch


def _body(model: type[Body]) -> dict[str, Any]:
    """Either form of the body, for the documents: read by hand, because it may be either."""
    schema = model.model_json_schema()
    form = {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}} | schema["properties"]}
    content = {"application/json": {"schema": schema}, "multipart/form-data": {"schema": form}}
    return {"requestBody": {"required": True, "content": content}}


@router.post("/uploads", status_code=201, response_model=UploadOut)
async def upload_file(
    request: Request, transaction: Tx, _writer: Writer, name: Annotated[str, Query(max_length=200)] = "file"
) -> Response:
    """Send a file in as the body: CSV (any usual encoding and separator) or XLSX, up to 50 MB."""
    return answer(_upload(await keep_upload(transaction, name, await request.body())), 201)


@router.post("/preview", response_model=Preview, openapi_extra=_body(Looking))
async def preview(request: Request, transaction: Tx, workspace: CurrentWorkspace, _writer: Writer) -> Response:
    """The columns, the first rows, and how they would be imported."""
    asked = await _asked(request, transaction, Looking)
    held = await uploads.get(transaction.connection, asked["upload"])
    schema = workspace.schema(asked["project"])
    proposed = proposal(held.columns, schema, PROFILES.get(asked.get("profile") or ""))
    sample = (await uploads.part(transaction.connection, held.id, 0))[:PREVIEWED]
    return answer(_upload(held) | {"sample": sample, "unknown_option": "reject_row"} | proposed)


@router.get("/profiles")
async def list_profiles(_reader: Reader) -> Page[ProfileOut]:
    """Ready-made ways of importing what most files hold."""
    return Page(items=[ProfileOut.model_validate(_public(vars(each))) for each in PROFILES.values()])


@router.post("", status_code=202, response_model=ImportOut, openapi_extra=_body(ImportIn))
async def begin(request: Request, transaction: Tx, workspace: CurrentWorkspace, caller: Writer) -> Response:
    """Begin an import. It goes on by itself, over restarts too; read it for its progress."""
    asked = await _asked(request, transaction, ImportIn)
    return answer(_import(await start_import(transaction, workspace, caller, asked)), 202)


@router.get("", response_model=Page[ImportOut])
async def list_imports(transaction: Tx, reader: Reader, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """Yours, the newest first; an administrator's are all."""
    page, more = await own_jobs(transaction, reader, KIND, limit, cursor)
    return answer({"items": [_import(each) for each in page], "next_cursor": more})


@router.get("/{id}", response_model=ImportOut)
async def read_import(id: str, transaction: Tx, reader: Reader) -> Response:  # noqa: A002 — the path's word
    return answer(_import(await own_job(transaction, reader, id, KIND)))


@router.get("/{id}/rejected", response_class=Response)
async def read_rejected(
    id: str,  # noqa: A002 — the path's word
    transaction: Tx,
    reader: Reader,
) -> Response:
    """The rows that did not get in, as CSV with a further column `reason`. Mended, the file can be imported again."""
    job = await own_job(transaction, reader, id, KIND)
    held = await uploads.get(transaction.connection, job.input["upload"])
    lines = [_line([*held.columns, "reason"])]
    async for cells, reason in uploads.rejected(transaction.connection, job.id):
        lines.append(_line([guarded(cell) for cell in (*cells, reason)]))
    headers = {"content-disposition": f'attachment; filename="rejected-{job.id}.csv"'}
    return Response("".join(lines), media_type="text/csv; charset=utf-8", headers=headers)


def _line(cells: Sequence[str]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue()


async def _asked(request: Request, transaction: Transaction, model: type[Looking]) -> dict[str, Any]:
    """The body, JSON or a form, its file kept. Raises `Invalid`."""
    given = await _form(request, transaction) if _is_form(request) else await _json(request)
    try:
        asked = model.model_validate(given).given()
    except ValidationError as error:
        raise RequestValidationError([{**each, "loc": ("body", *each["loc"])} for each in error.errors()]) from error
    if not is_identifier(asked.get("upload") or ""):
        raise Invalid.at("/upload", "Name the upload, or send the file along in a form's part 'file'.")
    return asked


def _is_form(request: Request) -> bool:
    return request.headers.get("content-type", "").startswith("multipart/form-data")


async def _json(request: Request) -> Any:
    try:
        return orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise Invalid(f"The body is no JSON: {error}.") from error


async def _form(request: Request, transaction: Transaction) -> dict[str, Any]:
    """Parts that read as JSON are taken as such, others as texts."""
    given: dict[str, Any] = {}
    async with request.form() as form:
        for name, part in form.items():
            if isinstance(part, UploadFile):
                given["upload"] = (await keep_upload(transaction, part.filename or "file", await part.read())).id
            else:
                given[name] = _plain(part)
    return given


def _plain(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def _upload(held: Row[Any]) -> dict[str, Any]:
    names = ("name", "format", "encoding", "delimiter", "columns", "rows")
    return {"upload": held.id} | {name: getattr(held, name) for name in names}


def _public(parts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: parts[name] for name in ("key", "name", "match_on", "on_match")}


def _import(job: Job) -> dict[str, Any]:
    counts = job.result if job.state == "done" and job.result else (job.position or {})
    rejected = counts.get("rejected", 0)
    names = ("id", "state", "done", "total", "error", "created_at", "finished_at")
    return {
        **{name: getattr(job, name) for name in names},
        **{name: counts.get(name, 0) for name in COUNTS},
        "dry_run": bool(job.input.get("dry_run")),
        "rejected_rows": f"/v1/imports/{job.id}/rejected" if rejected else None,
        "selection": job.input.get("selection"),
    }
