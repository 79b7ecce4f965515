"""Deliveries: every webhook request as it arrived, what became of it, and how to have it read again."""

from base64 import b64encode
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from calls.api.ids import Id, id_in_cursor
from calls.api.parameters import From, To
from calls.domain.delivery import State
from calls.storage import deliveries
from calls.storage.deliveries import DeliveryFilter
from calls.usecases.take_delivery import Intake
from shared.database import Tx
from shared.errors import Invalid, NotFound
from shared.http.authentication import Principal, requires
from shared.http.command import CommandRouter
from shared.http.paging import Cursor, Limit, Page, encode_cursor

router: APIRouter = CommandRouter(prefix="/v1/deliveries", tags=["deliveries"])

Reader = Annotated[Principal, Depends(requires("read"))]
Admin = Annotated[Principal, Depends(requires("admin"))]


class DeliveryNotFound(NotFound):
    title = "No such delivery"


class DeliveryView(BaseModel):
    """``reason`` says why a delivery is quarantined."""

    id: str
    connection: str
    provider: str
    path: str
    state: State
    reason: str | None
    received_at: datetime
    settled_at: datetime | None


class WholeDelivery(DeliveryView):
    """``body`` is the body as text where it is UTF-8; secrets are redacted in both forms and in the headers."""

    query: str
    headers: dict[str, str]
    body: str | None
    body_base64: str
    traceparent: str | None


class Replay(BaseModel):
    """Which deliveries to read again: all conditions given must hold, and there must be one."""

    model_config = ConfigDict(extra="forbid")

    ids: list[Id] | None = Field(default=None, max_length=10_000)
    state: State | None = None
    connection: Id | None = None
    start: datetime | None = Field(default=None, alias="from")
    end: datetime | None = Field(default=None, alias="to")


class Replayed(BaseModel):
    replayed: int


@router.get("", summary="Deliveries, newest first")
async def listed(
    *,
    transaction: Tx,
    _reader: Reader,
    state: State | None = None,
    connection: Id | None = None,
    start: From = None,
    end: To = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[DeliveryView]:
    after = id_in_cursor(cursor)
    wanted = DeliveryFilter(state=state, connection=connection, start=start, end=end)
    rows = await deliveries.page(transaction, wanted, limit + 1, after)
    more = encode_cursor([rows[limit - 1]["id"]]) if len(rows) > limit else None
    return Page(items=[DeliveryView.model_validate(row) for row in rows[:limit]], next_cursor=more)


@router.get("/{delivery}", summary="One delivery, byte for byte but for its secrets")
async def one(delivery: Id, transaction: Tx, _reader: Reader) -> WholeDelivery:
    row = await deliveries.find(transaction, delivery)
    if row is None:
        raise DeliveryNotFound(f"There is no delivery {delivery}.")
    body: bytes = row["body"]
    return WholeDelivery.model_validate(row | {"body": _text(body), "body_base64": b64encode(body).decode()})


@router.post("/replay", status_code=202, summary="Read deliveries again; what says nothing new changes nothing")
async def replay(asked: Replay, request: Request, after: BackgroundTasks, transaction: Tx, _admin: Admin) -> Replayed:
    if not asked.model_dump(exclude_none=True):
        raise Invalid("Say which deliveries: ids, state, connection, from or to.")
    wanted = DeliveryFilter(
        ids=asked.ids, state=asked.state, connection=asked.connection, start=asked.start, end=asked.end
    )
    intake: Intake = request.app.state.parts["intake"]
    after.add_task(intake.arrived.set)
    return Replayed(replayed=await deliveries.replay(transaction, wanted))


def _text(body: bytes) -> str | None:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None
