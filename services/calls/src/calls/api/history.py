"""A provider's own account of the calls: asking for it, taking it from a file, and where it differs from ours."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from calls.api.ids import Id
from calls.api.parameters import From, To
from calls.storage import connections, history
from calls.usecases.backfill import ConnectionGone, ask_for_history, take_lines
from shared.contracts.calls import Direction, Outcome
from shared.database import Tx
from shared.errors import Invalid
from shared.http.authentication import Principal, requires
from shared.http.body import MEBIBYTE, bounded_body
from shared.http.command import CommandRouter
from shared.jobs import JobOut

router: APIRouter = CommandRouter(prefix="/v1/connections", tags=["connections"])

Admin = Annotated[Principal, Depends(requires("admin"))]
USUAL = timedelta(days=7)


class Period(BaseModel):
    """``to`` is now, unless told."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"from": "2025-11-01T00:00:00Z", "to": "2025-11-18T00:00:00Z"}}
    )

    start: AwareDatetime = Field(alias="from")
    end: AwareDatetime | None = Field(default=None, alias="to")


class Taken(BaseModel):
    """Lines of the file that said something, and how many of them are new to us."""

    lines: int
    new: int


class GapCall(BaseModel):
    id: str
    provider_call_id: str
    began: datetime
    direction: Direction | None
    outcome: Outcome | None


class Gap(BaseModel):
    """``calls`` are the newest of them."""

    number: int
    calls: list[GapCall]


class ReadPeriod(BaseModel):
    start_at: datetime
    end_at: datetime
    read_at: datetime
    calls: int


class Gaps(BaseModel):
    """``missed``: in the provider's history, and no webhook told. ``unconfirmed``: the other way round.

    Only as far as the history was ``read``.
    """

    start: datetime = Field(serialization_alias="from")
    end: datetime = Field(serialization_alias="to")
    read: list[ReadPeriod]
    missed: Gap
    unconfirmed: Gap


@router.post("/{connection}/backfill", status_code=202, summary="Read the provider's call history of a period")
async def backfill(connection: Id, asked: Period, transaction: Tx, principal: Admin) -> JobOut:
    """A job; the calls appear as its pages come in. What is known already gains what the history knows more."""
    end = asked.end or transaction.now
    return JobOut.of(await ask_for_history(transaction, connection, asked.start, end, principal.key_id))


@router.post("/{connection}/history", status_code=202, summary="Take a call history in from a file, line by line")
async def upload(connection: Id, request: Request, after: BackgroundTasks, transaction: Tx, _admin: Admin) -> Taken:
    """The body is the file: Asterisk's ``queue_log``; for 3CX and ``generic`` a JSON object a line, as to the hook."""
    body = await bounded_body(request, 8 * MEBIBYTE)
    try:
        lines, new = await take_lines(transaction, connection, body.decode())
    except UnicodeDecodeError as error:
        raise Invalid("The file is not UTF-8.") from error
    after.add_task(request.app.state.parts["intake"].arrived.set)
    return Taken(lines=lines, new=new)


@router.get("/{connection}/gaps", summary="Where the provider's history and its webhooks tell different calls")
async def gaps(connection: Id, transaction: Tx, _admin: Admin, start: From = None, end: To = None) -> Gaps:
    """Of the last seven days, unless asked otherwise."""
    if await connections.find(transaction, connection) is None:
        raise ConnectionGone(f"There is no connection {connection}.")
    until = end or transaction.now
    since = start or until - USUAL
    return Gaps(
        start=since,
        end=until,
        read=[ReadPeriod.model_validate(row) for row in await history.periods(transaction, connection, since, until)],
        missed=_gap(await history.missed(transaction, connection, since, until)),
        unconfirmed=_gap(await history.unconfirmed(transaction, connection, since, until)),
    )


def _gap(found: history.Gap) -> Gap:
    number, rows = found
    return Gap(number=number, calls=[GapCall.model_validate(row) for row in rows])
