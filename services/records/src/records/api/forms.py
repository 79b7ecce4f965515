"""Public forms: made by an administrator. `records.api.public_forms` is where they are answered."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import Field

from records.api.wire import REFUSALS, Body
from records.dependencies import CurrentWorkspace
from records.domain.form import Form
from records.domain.hiding import seen_form
from records.domain.schema import Schema
from records.domain.submission import Submission
from records.storage import forms
from records.usecases.change_forms import change_form, create_form, get_form, remove_form
from shared.database import Tx
from shared.http.authentication import requires
from shared.http.command import CommandRouter
from shared.http.cursors import identifier, moment, place_in
from shared.http.paging import Cursor, Limit, Page, cut

router: APIRouter = CommandRouter(prefix="/v1/projects/{project}/forms", tags=["forms"], responses=REFUSALS)
MAY_READ, MAY_ADMINISTER = Depends(requires("read")), Depends(requires("admin"))

Text = Annotated[str | Mapping[str, str], Field(description="A text, or one by language", examples=[{"en": "Enquiry"}])]


class FormChange(Body):
    """What is left out stays."""

    title: Text = ""
    intro: Text | None = None
    button: Text | None = None
    thanks: Text | None = None
    fields: Annotated[
        Sequence[Any],
        Field(
            description="Asked for, in this order; `title` is the record's, `description` becomes a note on it. Of a "
            "consent field, `consents` are the wordings to agree to, by option and language",
            examples=[[{"key": "title", "required": True}, {"key": "email", "required": True}, {"key": "phone"}]],
        ),
    ] = ()
    defaults: Annotated[
        Mapping[str, Any] | None,
        Field(description="`list`, `tags`, `assignees`, and values by field", examples=[{"list": "customers"}]),
    ] = None
    redirect_url: Annotated[str | None, Field(description="Where the page goes after it was sent")] = None
    protection: Annotated[
        Mapping[str, Any] | None,
        Field(
            examples=[
                {"honeypot": True, "min_fill_seconds": 3, "rate_limit": {"per_ip": "5/60s", "per_form": "60/60s"}}
            ]
        ),
    ] = None
    on_submit: Annotated[
        Sequence[Mapping[str, Any]] | None,
        Field(
            description="`dedupe`: attach_to_existing, create or refuse; `create_record`: another record beside",
            examples=[[{"dedupe": {"match": ["email", "phone"], "action": "attach_to_existing"}}]],
        ),
    ] = None
    privacy: Mapping[str, str] | None = None
    share: Sequence[str] | None = None
    theme: Mapping[str, str] | None = None
    enabled: bool = True


class FormIn(FormChange):
    key: Annotated[str, Field(examples=["new_customer"])]


class FormOut(Body):
    key: str
    slug: str
    enabled: bool
    version: int
    definition: Mapping[str, Any]
    share: Annotated[Mapping[str, str], Field(description="`link`, `iframe` and `qr`, to be given away")]


class SubmissionOut(Body):
    id: str
    at: str
    state: str
    record: str | None
    answers: Mapping[str, Any]


@router.get("", dependencies=[MAY_READ])
async def list_forms(project: str, request: Request, transaction: Tx, workspace: CurrentWorkspace) -> Page[FormOut]:
    schema = workspace.schema(project)
    found = await forms.of_project(transaction.connection, schema.project.id)
    return Page(items=[_out(each, request, schema) for each in found])


@router.post("", status_code=201, dependencies=[MAY_ADMINISTER])
async def add_form(
    project: str, body: FormIn, request: Request, transaction: Tx, workspace: CurrentWorkspace
) -> FormOut:
    """Make a public form. 409 where the project has one of that key."""
    schema = workspace.schema(project)
    return _out(await create_form(transaction, workspace, schema, body.given()), request, schema)


@router.get("/{key}", dependencies=[MAY_READ])
async def read_one(project: str, key: str, request: Request, transaction: Tx, workspace: CurrentWorkspace) -> FormOut:
    schema = workspace.schema(project)
    return _out(await get_form(transaction, schema, key), request, schema)


@router.patch("/{key}", dependencies=[MAY_ADMINISTER])
async def change_one(
    project: str, key: str, body: FormChange, request: Request, transaction: Tx, workspace: CurrentWorkspace
) -> FormOut:
    """What is left out stays; its address never changes."""
    schema = workspace.schema(project)
    return _out(await change_form(transaction, workspace, schema, key, body.given()), request, schema)


@router.delete("/{key}", status_code=204, dependencies=[MAY_ADMINISTER])
async def remove_one(project: str, key: str, transaction: Tx, workspace: CurrentWorkspace) -> None:
    """Close it for good; what was answered stays to be read."""
    await remove_form(transaction, workspace.schema(project), key)


@router.get("/{key}/submissions", dependencies=[MAY_ADMINISTER])
async def list_submissions(
    project: str,
    key: str,
    transaction: Tx,
    workspace: CurrentWorkspace,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[SubmissionOut]:
    """What was answered and what became of it, the newest first; spam too."""
    form = await get_form(transaction, workspace.schema(project), key)
    before = place_in(cursor, moment, identifier)
    found = await forms.submissions(transaction.connection, form.id, limit + 1, before)
    page, more = cut(found, limit, lambda each: (each.at, each.id))
    return Page(items=[_submission(each) for each in page], next_cursor=more)


def _out(form: Form, request: Request, schema: Schema) -> FormOut:
    link = link_to(form, request)
    share = {"link": link, "qr": f"{link}/qr.svg", "iframe": _IFRAME.format(link=link)}
    parts = {"key": form.key, "slug": form.slug, "enabled": form.enabled, "version": form.version}
    return FormOut(**parts, definition=seen_form(form.definition, schema), share=share)


_IFRAME = '<iframe src="{link}" title="Form" style="border:0;width:100%;height:48rem" loading="lazy"></iframe>'


def _submission(kept: Submission) -> SubmissionOut:
    parts = {"id": kept.id, "at": kept.at.isoformat().replace("+00:00", "Z"), "state": kept.state}
    return SubmissionOut(**parts, record=kept.record_id, answers=kept.answers)


def link_to(form: Form, request: Request) -> str:
    """The address of its page."""
    public_url = request.app.state.settings.public_url or str(request.base_url)
    return f"{public_url.rstrip('/')}/forms/{form.slug}"
