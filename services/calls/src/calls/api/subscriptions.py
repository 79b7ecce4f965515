"""Subscriptions: asking a provider to post to us, where it greets us first."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from calls.api.ids import Id
from calls.usecases.subscribe import open_handshake
from shared.database import Tx
from shared.http.authentication import Principal, requires
from shared.http.command import CommandRouter
from shared.jobs import JobOut

router: APIRouter = CommandRouter(prefix="/v1/connections", tags=["connections"])


class Subscribing(BaseModel):
    """``job`` makes the subscription; null where the connection has no credentials: make it within the time."""

    handshake_until: datetime
    job: JobOut | None


@router.post("/{connection}/subscribe", status_code=202, summary="Let the provider's handshake in, and subscribe")
async def subscribe(
    connection: Id, transaction: Tx, principal: Annotated[Principal, Depends(requires("admin"))]
) -> Subscribing:
    until, job = await open_handshake(transaction, connection, principal.key_id)
    return Subscribing(handshake_until=until, job=JobOut.of(job) if job else None)
