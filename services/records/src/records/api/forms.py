"""Public forms: made by an administrator, answered by anybody, on their page or over the API."""

import secrets
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Annotated, Any
from urllib.parse import parse_qs

import segno
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import Field

from records.api.form_page import closed_page, form_page, thanks_page
from records.api.wire import REFUSALS, Body
from records.dependencies import CurrentWorkspace, WholeWorkspace
from records.domain.form import Form, FormNotFound, Question, Terms, askable, read_form, said
from records.domain.hiding import seen_form
from records.domain.schema import Field as RecordField
from records.domain.schema import Schema
from records.domain.submission import TOKEN, TRAP, Submission, read_token, token, visitor
from records.domain.workspace import Workspace
from records.storage import forms, workspaces
from records.usecases.change_forms import change_form, create_form, get_form, open_form, remove_form
from records.usecases.submit_form import Answer, submit_form
from shared.database import Database, Transaction, Tx
from shared.errors import Invalid, Problem
from shared.http.authentication import requires
from shared.http.body import bounded_body
from shared.http.command import CommandRouter
from shared.http.cursors import identifier, moment, place_in
from shared.http.paging import Cursor, Limit, Page, cut

router: APIRouter = CommandRouter(prefix="/v1/projects/{project}/forms", tags=["forms"], responses=REFUSALS)
public: APIRouter = CommandRouter(prefix="/v1/forms", tags=["forms"], responses=REFUSALS)
pages = APIRouter(tags=["forms"])
PAGE: dict[int | str, dict[str, Any]] = {
    "4XX": {
        "description": "A page that says what is wrong; of what no page sends, a problem",
        "content": {"text/html": {}, "application/problem+json": {}},
    }
}
MOST_ANSWERS = 500
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


class Taken(Body):
    """What a stranger is told: that it arrived, not what became of it."""

    submission: str
    thanks: str
    redirect_url: str | None


class PublicQuestion(Body):
    key: str
    title: str
    help: str
    type: str
    required: bool
    options: Sequence[Mapping[str, str]]


class PublicForm(Body):
    slug: str
    title: str
    intro: str
    fields: Sequence[PublicQuestion]
    token: Annotated[str, Field(description="Send it as `_token`: a repeated submission then is one")]


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


@public.get("/{slug}")
async def describe(slug: str, transaction: Tx, workspace: WholeWorkspace, language: str = "en") -> PublicForm:
    """What the form asks for: for whoever shows it on a page of their own. No key is needed."""
    form = await open_form(transaction, slug)
    terms, schema = _terms(form, workspace)
    known = askable(schema)
    questions = [
        PublicQuestion(
            key=each.key,
            title=said(each.title, language) or (known[each.key].name if each.key in known else each.key.capitalize()),
            help=said(each.help, language),
            type=known[each.key].type if each.key in known else "text",
            required=each.required,
            options=_options(each, known.get(each.key), language),
        )
        for each in terms.questions
    ]
    shown = token(form, transaction.now, secrets.token_urlsafe(12))
    title, intro = said(terms.title, language), said(terms.intro, language)
    return PublicForm(slug=slug, title=title, intro=intro, fields=questions, token=shown)


def _options(asked: Question, field: RecordField | None, language: str) -> list[dict[str, str]]:
    """What may be chosen; of a consent field the wordings to agree to."""
    if asked.consents:
        return [{"key": key, "name": said(wording, language)} for key, wording in asked.consents.items()]
    return [{"key": each["key"], "name": each["name"]} for each in (field.config.get("options", ()) if field else ())]


@public.post("/{slug}/submissions", status_code=201)
async def submit(
    slug: str,
    body: Annotated[dict[str, Any], Field(examples=[{"title": "Bakkerij Smit", "email": "info@smit.example"}])],
    request: Request,
    transaction: Tx,
    workspace: WholeWorkspace,
    language: Annotated[str, Query(description="The one in which it was shown", max_length=10)] = "en",
) -> Taken:
    """Answer a form: values by field, beside each other or under `values`. No key is needed.

    With the `_token` of the form's description a repetition is answered like the first time; 429 where too many come.
    """
    form = await open_form(transaction, slug)
    terms, _ = _terms(form, workspace)
    given = {**body, **body["values"]} if isinstance(body.get("values"), dict) else dict(body)
    given.pop("values", None)
    trapped, shown = bool(given.pop(TRAP, None)), given.pop(TOKEN, None)
    stamp = read_token(form, shown, transaction.now, terms.protection.min_fill) if shown is not None else None
    transaction.actor = f"form:{form.key}"
    answer = Answer(given, visitor(form, _address(request)), stamp, trapped, language=language)
    taken = await submit_form(transaction, workspace, form, terms, answer)
    return Taken(submission=taken.id, thanks=said(terms.thanks, "en"), redirect_url=terms.redirect_url)


@pages.get("/forms/{slug}", response_class=HTMLResponse, responses=PAGE)
async def show_page(slug: str, request: Request) -> Response:
    """The form as a page, also for a frame."""
    try:
        async with _database(request).transaction() as transaction:
            form, terms, schema = await _opened(transaction, slug)
            shown = token(form, transaction.now, secrets.token_urlsafe(12))
    except FormNotFound:
        return closed_page(_language(request))
    return form_page(form, terms, schema, token=shown, language=_language(request))


@pages.post("/forms/{slug}", response_class=HTMLResponse, responses=PAGE)
async def send_page(slug: str, request: Request) -> Response:
    """The page sent back. Mistakes are shown beside what was written."""
    body = await bounded_body(request)
    given = _written(body)
    shown = (given.pop(TOKEN, None) or [""])[0]
    trapped = any(given.pop(TRAP, ()))
    try:
        async with _database(request).transaction(actor=f"form:{slug}") as transaction:
            form, terms, _ = await _opened(transaction, slug)
            stamp = read_token(form, shown, transaction.now, terms.protection.min_fill)
            answers = {key: texts[0] if len(texts) == 1 else texts for key, texts in given.items()}
            answer = Answer(
                answers, visitor(form, _address(request)), stamp, trapped, written=True, language=_language(request)
            )
            workspace = await workspaces.current(transaction.connection)
            await submit_form(transaction, workspace, form, terms, answer)
    except FormNotFound:
        return closed_page(_language(request))
    except Problem as problem:
        return await _shown_again(request, slug, given, problem)
    if terms.redirect_url:
        return RedirectResponse(terms.redirect_url, 303)
    return thanks_page(form, terms, _language(request))


@pages.get("/forms/{slug}/qr.svg", response_class=Response)
async def show_code(slug: str, request: Request) -> Response:
    """The address of the page as a QR code."""
    async with _database(request).transaction() as transaction:
        form = await open_form(transaction, slug)
    drawn = BytesIO()
    segno.make_qr(_link(form, request)).save(drawn, kind="svg", scale=8, border=4)
    return Response(drawn.getvalue(), media_type="image/svg+xml")


def _written(body: bytes) -> dict[str, list[str]]:
    """Raises `Invalid`."""
    try:
        return parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_ANSWERS)
    except ValueError:
        raise Invalid(f"A form has no more than {MOST_ANSWERS} answers.") from None


async def _shown_again(request: Request, slug: str, given: Mapping[str, Sequence[str]], problem: Problem) -> Response:
    async with _database(request).transaction() as transaction:
        form, terms, schema = await _opened(transaction, slug)
        shown = token(form, transaction.now, secrets.token_urlsafe(12))
    errors = problem.errors or Invalid.at("", problem.detail).errors
    return form_page(
        form, terms, schema, token=shown, language=_language(request), given=given, errors=errors, status=problem.status
    )


async def _opened(transaction: Transaction, slug: str) -> tuple[Form, Terms, Schema]:
    form = await open_form(transaction, slug)
    return form, *_terms(form, await workspaces.current(transaction.connection))


def _terms(form: Form, workspace: Workspace) -> tuple[Terms, Schema]:
    """What the form says, as the schema is now: of a field that is gone it asks no more."""
    schema = workspace.schemas[form.project_id]
    known = {"title", "description", *askable(schema)}
    asked = [each for each in form.definition["fields"] if each["key"] in known]
    return read_form({**form.definition, "fields": asked}, schema, workspace), schema


def _out(form: Form, request: Request, schema: Schema) -> FormOut:
    link = _link(form, request)
    share = {"link": link, "qr": f"{link}/qr.svg", "iframe": _IFRAME.format(link=link)}
    parts = {"key": form.key, "slug": form.slug, "enabled": form.enabled, "version": form.version}
    return FormOut(**parts, definition=seen_form(form.definition, schema), share=share)


_IFRAME = '<iframe src="{link}" title="Form" style="border:0;width:100%;height:48rem" loading="lazy"></iframe>'


def _submission(kept: Submission) -> SubmissionOut:
    parts = {"id": kept.id, "at": kept.at.isoformat().replace("+00:00", "Z"), "state": kept.state}
    return SubmissionOut(**parts, record=kept.record_id, answers=kept.answers)


def _link(form: Form, request: Request) -> str:
    public_url = request.app.state.settings.public_url or str(request.base_url)
    return f"{public_url.rstrip('/')}/forms/{form.slug}"


def _address(request: Request) -> str | None:
    return request.client.host if request.client else None


def _language(request: Request) -> str:
    wanted = request.query_params.get("language") or request.headers.get("accept-language", "")
    return wanted[:2].lower() if wanted[:2].isalpha() else "en"


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database
