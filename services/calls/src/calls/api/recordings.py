"""Recordings stay at the provider: fetched on demand with its credentials, for those who may, and noted who did."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Annotated

import httpx
from fastapi import APIRouter, Depends, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from calls.api.calls import CallNotFound
from calls.api.ids import Id
from calls.domain.connection import Connection
from calls.gateways.api import Api
from calls.gateways.histories import History, Recorded, histories
from calls.storage import calls, connections, facts
from calls.storage.calls import CallRow
from calls.usecases.backfill import opened
from shared.database import Transaction, Tx
from shared.errors import Forbidden, NotFound
from shared.http.authentication import Principal, requires
from shared.http.command import CommandRouter
from shared.http.paging import Page

router: APIRouter = CommandRouter(prefix="/v1/calls", tags=["calls"])

Reader = Annotated[Principal, Depends(requires("read"))]
Admin = Annotated[Principal, Depends(requires("admin"))]
# Hours of speech; more is no recording of a call.
LARGEST_BYTES = 200 << 20
PATIENCE = httpx.Timeout(15.0)
SOUND = ("audio/", "application/octet-stream", "binary/octet-stream")


class NoRecording(NotFound):
    title = "No recording"


class Access(BaseModel):
    """``key`` is the id of the API key it was fetched with."""

    actor: str | None
    key: str
    at: datetime


@router.get("/{call}/recording", response_class=StreamingResponse, summary="A call's recording, from its provider")
async def recording(call: Id, request: Request, transaction: Tx, principal: Reader) -> StreamingResponse:
    """Needs the right ``recordings`` (or the scope ``admin``). Each time is noted for good."""
    if not principal.policy.may("recordings"):
        raise Forbidden("You may not listen to recordings.")
    row = await calls.find(transaction, call)
    if row is None:
        raise CallNotFound(f"There is no call {call}.")
    _check_age(row, transaction.now, request.app.state.parts["recording_days"])
    connection, told = await _source(transaction, row)
    client = httpx.AsyncClient(base_url=connection.settings.get("api_url") or told.base or "", timeout=PATIENCE)
    try:
        api = opened(client, connection, told, request.app.state.parts["clock"])
        recorded = Recorded(await calls.names_of(transaction, row), await facts.recording_link(transaction, row["id"]))
        answer = await _found(api, connection, told, recorded)
        await calls.note_access(transaction, row["id"], principal.key_id)
    except BaseException:
        await client.aclose()
        raise
    kind = answer.headers.get("content-type", "")
    media_type = kind if kind.startswith(SOUND) else "application/octet-stream"
    headers = {"cache-control": "no-store", "content-disposition": "attachment", "x-content-type-options": "nosniff"}
    return StreamingResponse(_bounded(client, answer), media_type=media_type, headers=headers)


@router.get("/{call}/recording/accesses", summary="Who fetched this call's recording, newest first")
async def accesses(call: Id, transaction: Tx, _admin: Admin) -> Page[Access]:
    found = await calls.find(transaction, call)
    told = await calls.accesses(transaction, found["id"] if found else call)
    return Page(items=[Access(**{name: row[name] for name in Access.model_fields}) for row in told])


async def _source(transaction: Transaction, row: CallRow) -> tuple[Connection, History]:
    """Whose the call is, and how to ask there. Raises `NoRecording`."""
    connection = await connections.find(transaction, row["connection"])
    told = histories().get(row["provider"])
    if connection is None or told is None or told.recording is None:
        raise NoRecording(f"Recordings of {row['provider']} cannot be fetched.")
    if not (told.credentials if told.opens is None else told.opens) <= connection.secrets.keys():
        raise NoRecording(f"The connection has no credentials of {row['provider']}'s API.")
    if not (told.base or connection.settings.get("api_url")):
        raise NoRecording(f"The connection does not say where {row['provider']}'s API is (api_url).")
    return connection, told


def _check_age(row: CallRow, now: datetime, days: int | None) -> None:
    """Raises `NoRecording` for a call of longer ago than recordings may be heard."""
    began = row["started_at"] or row["first_seen_at"]
    if days is not None and now - began > timedelta(days=days):
        raise NoRecording(f"Recordings are given for {days} days; this call is older.")


async def _found(api: Api, connection: Connection, told: History, recorded: Recorded) -> httpx.Response:
    where = await told.recording(api, connection, recorded) if told.recording else None
    if where is None:
        raise NoRecording("The provider has no recording of this call.")
    media = (*told.media, *connection.settings.get("recording_hosts", ()))
    return await api.stream(where.link, ours=where.ours, media=media)


async def _bounded(client: httpx.AsyncClient, answer: httpx.Response) -> AsyncIterator[bytes]:
    """What comes, up to a size; what is larger is broken off."""
    left = LARGEST_BYTES
    try:
        async for chunk in answer.aiter_bytes():
            left -= len(chunk)
            if left < 0:
                raise ConnectionError("the recording is larger than any we expect")
            yield chunk
    finally:
        await answer.aclose()
        await client.aclose()
