"""Files: sent in first, then named by a record's field."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import StreamingResponse
from pydantic import Field

from records.api.wire import REFUSALS, Body
from records.dependencies import CurrentWorkspace
from records.domain.file import File, FileNotFound
from records.domain.identifiers import is_identifier
from records.domain.workspace import Workspace
from records.gateways.blobs import Blobs
from records.storage import files, records
from records.usecases.keep_file import keep_file
from shared.database import Transaction, Tx
from shared.errors import Unavailable
from shared.http.authentication import Principal, requires
from shared.http.command import CommandRouter, FileRoute, received

router: APIRouter = CommandRouter(prefix="/v1/files", tags=["files"], responses=REFUSALS, route_class=FileRoute)
Reader = Annotated[Principal, Depends(requires("read"))]
_BYTES = {"requestBody": {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}}


class FileOut(Body):
    id: str
    name: Annotated[str, Field(examples=["contract.pdf"])]
    size: Annotated[int, Field(description="In bytes")]
    type: Annotated[str, Field(description="Its media type, by its first bytes", examples=["application/pdf"])]


def blobs(request: Request) -> Blobs:
    found: Blobs | None = request.app.state.parts.get("blobs")
    if found is None:
        raise Unavailable("No place for files is configured here: set RECORDS_FILES.")
    return found


Store = Annotated[Blobs, Depends(blobs)]


@router.post("", status_code=201, dependencies=[Depends(requires("write"))], openapi_extra=_BYTES)
async def upload(request: Request, name: str, transaction: Tx, store: Store) -> FileOut:
    """The body is the file's bytes. It is forgotten after a day unless a record holds it. 413 where it is too large."""
    kept = await keep_file(transaction, store, name, received(request))
    return FileOut.model_validate(kept.value)


@router.get("/{id}", response_class=StreamingResponse, dependencies=[Depends(requires("read"))])
async def download(
    id: str,  # noqa: A002 — the path's word
    transaction: Tx,
    workspace: CurrentWorkspace,
    store: Store,
) -> StreamingResponse:
    """The bytes, for whoever may see a field that holds it, and for who sent it in. Never shown inside a page."""
    if not is_identifier(id):
        raise FileNotFound(id)
    found = await files.get(transaction.connection, id)
    if not await _may_read(transaction, workspace, found):
        raise FileNotFound(id)
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(found.name)}",
        "content-length": str(found.size),
        "x-content-type-options": "nosniff",
        "content-security-policy": "sandbox",
        "etag": f'"{found.sha256}"',
    }
    return StreamingResponse(store.chunks(found.sha256), media_type=found.type, headers=headers)


async def _may_read(transaction: Transaction, workspace: Workspace, file: File) -> bool:
    uses = await files.uses(transaction.connection, file.id)
    if file.uploaded_by is not None and file.uploaded_by == transaction.actor:
        return True
    held = await records.find(transaction.connection, {record_id for record_id, _ in uses}) if uses else {}
    for record_id, field in uses:
        record = held.get(record_id)
        if record and workspace.shows(record) and field in workspace.schemas[record.project_id].fields_by_key:
            return True
    return False
