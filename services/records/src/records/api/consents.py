"""What people agreed to: their purposes and subscriptions now, how each is known, and all that was ever said."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from records.api.records import get_record
from records.api.wire import REFUSALS, Body, answer
from records.dependencies import CurrentWorkspace
from records.domain.consent import Consent, Source, State, consent_fields, held
from records.domain.extra_columns import LegalBasis
from records.domain.moments import moment_text
from records.storage import consents
from records.usecases.record_consent import record_consent
from records.usecases.unsubscribe import token_for
from shared.database import Tx
from shared.http.authentication import requires
from shared.http.command import CommandRouter
from shared.http.cursors import identifier, moment, place_in
from shared.http.paging import Cursor, Limit, Page, cut

router: APIRouter = CommandRouter(prefix="/v1/records/{id}/consents", tags=["consents"], responses=REFUSALS)
MAY_READ, MAY_WRITE = Depends(requires("read")), Depends(requires("write"))


class ConsentIn(Body):
    """What is left out is not known. Nothing that was said before is changed by it."""

    field: Annotated[str, Field(description="Of type `consent`", examples=["consents"])]
    option: Annotated[str, Field(description="A purpose or kind of mail: its key or name", examples=["e_marketing"])]
    state: State
    legal_basis: Annotated[LegalBasis | None, Field(description="Left out, the one of the option, else consent")] = None
    source: Annotated[Source | None, Field(description="Left out, by who asks: `manual` or `api`")] = None
    wording: Annotated[str | None, Field(description="What was agreed to, word by word")] = None
    wording_version: str | None = None
    evidence: Annotated[
        str | None,
        Field(description="Where it can be looked up", examples=["call:0193e0a1-5f0b-7c3e-9d52-2a0a4a8f6b11"]),
    ] = None
    comment: str | None = None


class ConsentOut(Body):
    id: str
    field: str
    option: str
    state: State
    at: datetime
    actor: str | None
    legal_basis: LegalBasis
    source: Source
    wording: str | None
    wording_version: str | None
    evidence: str | None
    comment: str | None


class StandingOut(Body):
    """One purpose or kind of mail: whether it is agreed to, and the last word on it, if there was any."""

    field: str
    option: str
    name: str
    agreed: bool
    last: ConsentOut | None
    withdraw_url: Annotated[
        str | None, Field(description="For the person alone: a page, and one click of mail programs, that ends it")
    ]


class Standings(Body):
    record: str
    items: Sequence[StandingOut]


@router.get("", response_model=Standings, dependencies=[MAY_READ])
async def read_consents(
    id: str,  # noqa: A002 — the path's word
    request: Request,
    transaction: Tx,
    workspace: CurrentWorkspace,
) -> Response:
    """All purposes and kinds of mail that the record's project asks about, as things stand."""
    record = await get_record(transaction, workspace, id)
    last = {(each.field, each.option): each for each in await consents.newest(transaction.connection, [record.id])}
    items = []
    for field in consent_fields(workspace.schemas[record.project_id]):
        agreed = held(record, field.key)
        for option in field.config["options"]:
            word, is_agreed = last.get((field.key, option["key"])), option["key"] in agreed
            if is_agreed or word or not option.get("archived"):
                parts = {"field": field.key, "option": option["key"], "name": option["name"], "agreed": is_agreed}
                token = await token_for(transaction, record.id, field.key, option["key"]) if is_agreed else None
                url = f"{_public(request)}/unsubscribe/{token}" if token else None
                items.append(parts | {"last": _presented(word) if word else None, "withdraw_url": url})
    return answer({"record": record.id, "items": items})


@router.post("", status_code=201, response_model=ConsentOut, dependencies=[MAY_WRITE])
async def say(id: str, body: ConsentIn, transaction: Tx, workspace: CurrentWorkspace) -> Response:  # noqa: A002 — as above
    """Write down that the person agreed, or withdrew. Publishes `records.consent.changed.v1`."""
    return answer(_presented(await record_consent(transaction, workspace, id, body.given())), 201)


@router.get("/history", response_model=Page[ConsentOut], dependencies=[MAY_READ])
async def list_consents(
    id: str,  # noqa: A002 — the path's word
    transaction: Tx,
    workspace: CurrentWorkspace,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """All that was ever said, the newest first."""
    record = await get_record(transaction, workspace, id)
    seen = [field.key for field in consent_fields(workspace.schemas[record.project_id])]
    before = place_in(cursor, moment, identifier)
    found = await consents.page(transaction.connection, record.id, seen, before, limit + 1)
    page, more = cut(found, limit, lambda each: (each.at, each.id))
    return answer({"items": [_presented(each) for each in page], "next_cursor": more})


def _public(request: Request) -> str:
    public_url: str = request.app.state.settings.public_url or str(request.base_url)
    return public_url.rstrip("/")


def _presented(each: Consent) -> dict[str, Any]:
    return {name: part for name, part in vars(each).items() if name != "record_id"} | {"at": moment_text(each.at)}
