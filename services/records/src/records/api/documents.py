"""Document templates, and the documents made of them for a record."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from records.api.activities import MAY_READ, MAY_WRITE
from records.api.present import present
from records.api.records import get_record
from records.api.wire import REFUSALS, Body, answer
from records.dependencies import CurrentWorkspace
from records.domain.hiding import shows_document
from records.domain.identifiers import is_identifier
from records.domain.moments import moment_text
from records.domain.record import Record
from records.domain.rendering import DocumentKind, check_body
from records.domain.schema_parts import checked_key, checked_name
from records.domain.workspace import Workspace
from records.storage import documents, users
from records.storage.documents import Row
from records.usecases.make_document import DocumentNotFound, make_document
from shared.database import Transaction, Tx
from shared.errors import Invalid
from shared.http.authentication import Principal, requires
from shared.http.command import CommandRouter
from shared.http.paging import Page

router: APIRouter = CommandRouter(tags=["documents"], responses=REFUSALS)
MAY_ADMINISTER = Depends(requires("admin"))
EXAMPLE = {"en": {"subject": "Quote {{ record.title }}", "body": "<p>{{ record.amount | money }}</p>"}}


class BodyIn(Body):
    subject: str = ""
    body: Annotated[str, Field(description="HTML with variables; of a DOCX the file in base64")]


class TemplateIn(Body):
    name: str
    kind: DocumentKind
    bodies: Annotated[dict[str, BodyIn], Field(min_length=1, max_length=30, examples=[EXAMPLE])]


class TemplateOut(TemplateIn):
    key: str
    version: int
    updated_at: datetime


class DocumentIn(Body):
    """A template, or an item of the record's guide."""

    template: str | None = None
    item: str | None = None
    language: str | None = None


class DocumentOut(Body):
    id: str
    record: str
    template: str
    language: str
    name: str
    type: str
    subject: str | None
    our_ref: str | None
    size: int
    at: datetime
    actor: str | None


@router.get("/v1/document-templates", response_model=Page[TemplateOut], dependencies=[MAY_READ])
async def list_templates(transaction: Tx) -> Response:
    found = await documents.templates(transaction.connection)
    return answer({"items": [_template(each) for each in found], "next_cursor": None})


@router.put("/v1/document-templates/{key}", response_model=TemplateOut, dependencies=[MAY_ADMINISTER])
async def keep_template(key: str, body: TemplateIn, transaction: Tx) -> Response:
    """Make it, or replace it. Variables are `record`, `project`, `user` and `today`; filters `money number date`."""
    return answer(_template(await keep(transaction, key, body)))


async def keep(transaction: Transaction, key: str, body: TemplateIn) -> Row:
    """Raises `Invalid`."""
    before = await documents.template(transaction.connection, checked_key(key))
    bodies = {language: each.model_dump() for language, each in body.bodies.items()}
    for each in bodies.values():
        check_body(body.kind, each)
    row: dict[str, Any] = {"key": key, "name": checked_name(body.name), "kind": body.kind, "bodies": bodies}
    row |= {"version": before["version"] + 1 if before else 1, "updated_at": transaction.now}
    await documents.keep_template(transaction.connection, row)
    return row


@router.delete("/v1/document-templates/{key}", status_code=204, dependencies=[MAY_ADMINISTER])
async def remove_template(key: str, transaction: Tx) -> None:
    """Documents made of it stay."""
    if not await documents.remove_template(transaction.connection, key):
        raise DocumentNotFound(f"There is no document template '{key}'.")


@router.post("/v1/records/{id}/documents", status_code=201, response_model=DocumentOut)
async def make(
    id: str,  # noqa: A002 — the path's word
    body: DocumentIn,
    transaction: Tx,
    workspace: CurrentWorkspace,
    caller: Annotated[Principal, MAY_WRITE],
) -> Response:
    """Fill a template in with what you may see of the record; 422 names a variable that is not there."""
    if (body.template is None) == (body.item is None):
        raise Invalid.at("/template", "Name a template, or an item of the record's guide.")
    record = await get_record(transaction, workspace, id)
    variables = await _variables(transaction, workspace, record, caller)
    made = await make_document(transaction, workspace, record, variables, body.given())
    return answer(_presented(made), 201)


@router.get("/v1/records/{id}/documents", response_model=Page[DocumentOut], dependencies=[MAY_READ])
async def list_documents(id: str, transaction: Tx, workspace: CurrentWorkspace) -> Response:  # noqa: A002 — as above
    """The newest first, but those that speak of fields you may not see."""
    record = await get_record(transaction, workspace, id)
    found = await documents.of_record(transaction.connection, record.id)
    shown = [each for each in found if shows_document(workspace, record, each, transaction.actor)]
    return answer({"items": [_presented(each) for each in shown], "next_cursor": None})


@router.get("/v1/documents/{id}", dependencies=[MAY_READ])
async def download(id: str, transaction: Tx, workspace: CurrentWorkspace) -> Response:  # noqa: A002 — as above
    """Its bytes, to be saved; never shown as a page of this address."""
    found = await documents.find(transaction.connection, id) if is_identifier(id) else None
    if found is None:
        raise DocumentNotFound(f"There is no document '{id}'.")
    record = await get_record(transaction, workspace, found["record_id"])
    if not shows_document(workspace, record, found, transaction.actor):
        raise DocumentNotFound(f"There is no document '{id}'.")
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(found['name'], safe='')}",
        "content-security-policy": "sandbox; default-src 'none'",
        "x-content-type-options": "nosniff",
    }
    return Response(found["content"], media_type=found["type"], headers=headers)


async def _variables(
    transaction: Transaction, workspace: Workspace, record: Record, caller: Principal
) -> dict[str, Any]:
    """What a template may say: empty fields are empty texts, fields the caller may not see are not there."""
    schema = workspace.schemas[record.project_id]
    visible = caller.policy.visible_fields(schema.project, workspace.expressions)
    (shown,) = await present(transaction, workspace, [record], fields=visible)
    user = await users.find(transaction.connection, caller.user) if caller.user else None
    parts = ("title", "created_at", "due_at", "probability")
    values = {key: shown["values"].get(key, "") for key in visible}
    own = {name: shown[name] or "" for name in parts} | {"list": schema.list(record.list).name}
    return {
        "record": values | own,
        "project": {"key": schema.project.key, "name": schema.project.name},
        "user": {"name": user.name if user else "", "email": user.email if user else ""},
        "today": transaction.now.date().isoformat(),
    }


def _template(row: Row) -> dict[str, Any]:
    return {**row, "updated_at": moment_text(row["updated_at"])}


def _presented(row: Row) -> dict[str, Any]:
    parts = {name: value for name, value in row.items() if name not in ("content", "record_id", "fields")}
    return parts | {"record": row["record_id"], "at": moment_text(row["at"])}
