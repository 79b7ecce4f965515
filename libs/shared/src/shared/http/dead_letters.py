"""Messages a consumer gave up on: to be read, mended and sent again. Nothing disappears without a name."""

from datetime import datetime
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel
from sqlalchemy import RowMapping, func, select, update

from shared.database.tables import dead_letter
from shared.database.transaction import Tx
from shared.errors import NotFound, Unavailable
from shared.http.authentication import Principal, overseeing, requires
from shared.http.command import CommandRouter
from shared.http.cursors import place_in, whole
from shared.http.paging import Cursor, Limit, Page, cut

Overseer = Annotated[Principal, Depends(overseeing)]
Administrator = Annotated[Principal, Depends(requires("admin"))]


class DeadLetter(BaseModel):
    id: str
    consumer: str
    event_id: str | None
    subject: str
    reason: str
    body: str
    dead_at: datetime
    replayed_at: datetime | None


class DeadLetterNotFound(NotFound):
    pass


def router(service: str) -> APIRouter:
    """``/v1/dead-letters/<service>``, the same in every service."""
    routes = CommandRouter(prefix=f"/v1/dead-letters/{service}", tags=["dead letters"])
    routes.get("", summary="What consumers gave up on")(_list)
    routes.post("/{letter}/replay", summary="Send one to its consumer again")(_replay)
    return routes


async def _list(transaction: Tx, _overseer: Overseer, limit: Limit = 100, cursor: Cursor = None) -> Page[DeadLetter]:
    statement = select(dead_letter).order_by(dead_letter.c.id.desc()).limit(limit + 1)
    before = place_in(cursor, whole)
    if before is not None:
        statement = statement.where(dead_letter.c.id < before)
    rows = (await transaction.execute(statement)).mappings().all()
    page, more = cut(rows, limit, lambda row: row["id"])
    return Page(items=[_shown(row) for row in page], next_cursor=more)


def _shown(row: RowMapping) -> DeadLetter:
    return DeadLetter(**{**row, "id": str(row["id"]), "body": row["body"].decode("utf-8", "replace")})


async def _replay(letter: int, request: Request, transaction: Tx, _administrator: Administrator) -> dict[str, str]:
    found = select(dead_letter).where(dead_letter.c.id == letter)
    row = (await transaction.execute(found)).one_or_none()
    if row is None:
        raise DeadLetterNotFound(f"There is no dead letter {letter}.")
    client = request.app.state.running.client
    if client is None or not client.is_connected:
        raise Unavailable("The bus cannot be reached just now.")
    # A new message of the same event: consumers that took effect of it know it, the one that failed tries again.
    headers = {"Nats-Msg-Id": str(uuid4()), "Trunkline-Event": row.event_id or str(uuid4())}
    await client.jetstream().publish(row.subject, row.body, headers=headers)
    mark = update(dead_letter).where(dead_letter.c.id == letter).values(replayed_at=func.app_now())
    await transaction.execute(mark)
    return {"state": "replayed"}
