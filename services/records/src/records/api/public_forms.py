"""Public forms, answered by anybody, on their page or over the API."""

import secrets
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Annotated, Any, ClassVar
from urllib.parse import parse_qs

import segno
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import Field

from records.api.form_page import closed_page, form_page, thanks_page
from records.api.forms import link_to
from records.api.wire import REFUSALS, Body
from records.dependencies import WholeWorkspace
from records.domain.form import Form, FormNotFound, Question, Terms, askable, read_form, said
from records.domain.schema import Field as RecordField
from records.domain.schema import Schema
from records.domain.submission import TOKEN, TRAP, read_token, token, visitor
from records.domain.workspace import Workspace
from records.storage import workspaces
from records.usecases.change_forms import open_form
from records.usecases.submit_form import Answer, submit_form
from shared.database import Database, Transaction, Tx
from shared.errors import Invalid, Problem
from shared.http import strangers
from shared.http.body import bounded_body
from shared.http.command import CommandRoute, CommandRouter

# Far more than a form's answers are.
LARGEST_ANSWER = 256 << 10


class FormRoute(CommandRoute):
    """What a stranger says here is short."""

    largest_body: ClassVar[int] = LARGEST_ANSWER


public: APIRouter = CommandRouter(prefix="/v1/forms", tags=["forms"], responses=REFUSALS, route_class=FormRoute)
pages = APIRouter(tags=["forms"])
MOST_ANSWERS = 500


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


@pages.get("/forms/{slug}", response_class=HTMLResponse, responses=strangers.REFUSALS)
async def show_page(slug: str, request: Request) -> Response:
    """The form as a page, also for a frame."""
    try:
        async with _database(request).transaction() as transaction:
            form, terms, schema = await _opened(transaction, slug)
            shown = token(form, transaction.now, secrets.token_urlsafe(12))
    except FormNotFound:
        return closed_page(_language(request))
    return form_page(form, terms, schema, token=shown, language=_language(request))


@pages.post("/forms/{slug}", response_class=HTMLResponse, responses=strangers.REFUSALS)
async def send_page(slug: str, request: Request) -> Response:
    """The page sent back. Mistakes are shown beside what was written."""
    body = await bounded_body(request, LARGEST_ANSWER)
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
    segno.make_qr(link_to(form, request)).save(drawn, kind="svg", scale=8, border=4)
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


def _address(request: Request) -> str | None:
    return request.client.host if request.client else None


def _language(request: Request) -> str:
    wanted = request.query_params.get("language") or request.headers.get("accept-language", "")
    return wanted[:2].lower() if wanted[:2].isalpha() else "en"


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database
