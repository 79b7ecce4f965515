"""What is expected of queues."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from calls.storage import queues
from calls.usecases.change_queues import change_queues
from shared.database import Tx
from shared.errors import Invalid
from shared.http.authentication import Principal, requires
from shared.http.command import CommandRouter
from shared.http.paging import Page

router: APIRouter = CommandRouter(prefix="/v1/queues", tags=["queues"])

Reader = Annotated[Principal, Depends(requires("read"))]
Admin = Annotated[Principal, Depends(requires("admin"))]
Seconds = Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]


class Queue(BaseModel):
    """``name`` is as calls have it; what is null is what the workspace expects of any queue.

    A call is to be answered within ``threshold_s``; who left before ``short_abandon_s`` was not let down.
    """

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"name": "Sales", "threshold_s": 30}})

    name: Annotated[str, Field(min_length=1, max_length=200, pattern="^[^\0]+$")]
    threshold_s: Seconds | None = None
    short_abandon_s: Seconds | None = None


@router.get("", summary="What is expected of queues")
async def all_queues(transaction: Tx, _reader: Reader) -> Page[Queue]:
    rows = await queues.every(transaction)
    return Page(items=[Queue(**{name: row[name] for name in Queue.model_fields}) for row in rows])


@router.put("", summary="Say what is expected of queues; of those not named, what is expected of any")
async def put_queues(
    asked: Annotated[list[Queue], Field(max_length=1_000)], transaction: Tx, _admin: Admin
) -> Page[Queue]:
    """Service level and abandonment count by it at once, also of calls long ago."""
    names = [each.name for each in asked]
    for index, name in enumerate(names):
        if name in names[:index]:
            raise Invalid.at(f"/{index}/name", f"'{name}' is there twice.")
    gone = [row["name"] for row in await queues.every(transaction) if row["name"] not in names]
    await change_queues(transaction, [each.model_dump() for each in asked], gone)
    return Page(items=asked)
