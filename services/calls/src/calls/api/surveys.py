"""Surveys: a link for a caller, and the plain page it leads to, which needs no account and keeps no cookie."""

from datetime import datetime
from typing import Annotated, ClassVar
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from calls.api.calls import CallNotFound
from calls.api.ids import Id
from calls.storage import calls
from calls.usecases.survey import answer, look_at, open_survey
from shared.database import Tx
from shared.errors import Invalid, Problem
from shared.http.authentication import Principal, requires
from shared.http.command import CommandRoute, CommandRouter
from shared.http.strangers import REFUSALS, page


class SurveyRoute(CommandRoute):
    """What a stranger says here is short."""

    largest_body: ClassVar[int] = 16 << 10


router: APIRouter = CommandRouter(prefix="/v1/calls", tags=["calls"])
public: APIRouter = CommandRouter(prefix="/survey", tags=["surveys"], route_class=SurveyRoute)

Writer = Annotated[Principal, Depends(requires("write"))]
SCORES = {1: "Very bad", 2: "Bad", 3: "So-so", 4: "Good", 5: "Very good"}
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Your call</title><style>
body{{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem}}
label{{display:block;padding:.4rem 0}}button{{font:inherit;margin-top:1rem;padding:.5rem 1.5rem}}</style></head>
<body><main>{content}</main></body></html>"""


class SurveyLink(BaseModel):
    """``path`` is below this service's address. It can be read only now."""

    path: str
    expires_at: datetime


@router.post("/{call}/survey", status_code=201, summary="A link by which the caller may say how the call was, once")
async def invite(call: Id, transaction: Tx, _writer: Writer) -> SurveyLink:
    row = await calls.find(transaction, call)
    if row is None:
        raise CallNotFound(f"There is no call {call}.")
    token, until = await open_survey(transaction, row["id"])
    return SurveyLink(path=f"/survey/{token}", expires_at=until)


@public.get("/{token}", response_class=HTMLResponse, responses=REFUSALS, summary="The page a caller answers on")
async def show(token: str, transaction: Tx) -> HTMLResponse:
    try:
        await look_at(transaction, token)
    except Problem as over:
        return _page(f"<p>{over.detail}</p>", over.status)
    choices = "".join(
        f'<label><input type="radio" name="score" value="{score}" required> {words}</label>'
        for score, words in sorted(SCORES.items(), reverse=True)
    )
    return _page(f'<h1>How was your call?</h1><form method="post">{choices}<button>Send</button></form>')


@public.post(
    "/{token}", response_class=HTMLResponse, responses=REFUSALS, summary="A caller's answer, of which the first counts"
)
async def take(token: str, request: Request, transaction: Tx) -> HTMLResponse:
    said = parse_qs((await request.body()).decode(errors="replace")).get("score", [""])[0]
    if said not in {str(score) for score in SCORES}:
        raise Invalid.at("/score", "Choose one of the five.")
    try:
        await answer(transaction, token, int(said))
    except Problem as over:
        return _page(f"<p>{over.detail}</p>", over.status)
    return _page("<p>Thank you.</p>")


def _page(content: str, status: int = 200) -> HTMLResponse:
    return page(PAGE.format(content=content), status)
