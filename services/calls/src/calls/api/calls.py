"""Calls: one truth about each, whatever provider carried it."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from calls.api.ids import Id
from calls.api.parameters import From, To
from calls.domain.telephone import to_e164
from calls.storage import calls
from calls.storage.calls import CallFilter
from calls.usecases.fold_calls import OpenCalls
from calls.usecases.note_call import check_disposition, note_call
from shared.contracts.calls import CallSnapshot, Direction, Outcome
from shared.database import Tx
from shared.errors import Invalid, NotFound
from shared.http.authentication import Principal, requires
from shared.http.command import CommandRouter
from shared.http.cursors import identifier, moment, place_in
from shared.http.etag import IfMatch, require_match, set_etag
from shared.http.paging import Cursor, Limit, Page, cut

router: APIRouter = CommandRouter(prefix="/v1/calls", tags=["calls"])

Reader = Annotated[Principal, Depends(requires("read"))]
Writer = Annotated[Principal, Depends(requires("write"))]


class CallNotFound(NotFound):
    title = "No such call"


class WholeCall(CallSnapshot):
    """``records`` are the ids of the records the call was logged on."""

    records: list[str]


class Notes(BaseModel):
    """What is absent stays, null clears."""

    model_config = ConfigDict(extra="forbid")

    disposition: str | None = Field(default=None, max_length=200)
    resolved: bool | None = None
    escalated: bool | None = None
    csat: Annotated[int, Field(strict=True, ge=1, le=5)] | None = None
    topic: str | None = Field(default=None, max_length=200)
    converted: bool | None = None
    appointment: bool | None = None
    note: str | None = Field(default=None, max_length=10_000)
    follow_up: bool | None = None


@router.get("", summary="Calls, newest first")
async def listed(
    *,
    transaction: Tx,
    _reader: Reader,
    start: From = None,
    end: To = None,
    direction: Direction | None = None,
    agent: str | None = None,
    queue: str | None = None,
    outcome: Outcome | None = None,
    number: Annotated[str | None, Query(description="Either side's number")] = None,
    provider_call_id: Annotated[str | None, Query(description="Any of the names its provider has for it")] = None,
    connection: Id | None = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[CallSnapshot]:
    given = {
        "direction": direction,
        "agent": agent,
        "queue": queue,
        "outcome": outcome,
        "connection": connection,
    }
    equals = {name: _storable(value) for name, value in given.items() if value is not None}
    wanted = CallFilter(
        start=start,
        end=end,
        equals=equals,
        name=_storable(provider_call_id),
        number=_number(number) if number else None,
    )
    rows = await calls.page(transaction, wanted, limit + 1, place_in(cursor, moment, identifier))
    page, more = cut(rows, limit, lambda row: (row["began"], row["id"]))
    return Page(items=[CallSnapshot.model_validate(row) for row in page], next_cursor=more)


@router.get("/{call}", summary="One call, with the records it was logged on")
async def one(call: Id, response: Response, transaction: Tx, _reader: Reader) -> WholeCall:
    """Asked by the id of a call that turned out to be part of another one, this is the other."""
    row = await calls.find(transaction, call)
    if row is None:
        raise _missing(call)
    return await _whole(row, response, transaction)


@router.patch("/{call}", summary="Add what only the agent knows")
async def note(
    call: Id, notes: Notes, response: Response, transaction: Tx, _writer: Writer, if_match: IfMatch = None
) -> WholeCall:
    calls_open = OpenCalls(transaction)
    found = await calls.find(transaction, call)
    if found is None:
        raise _missing(call)
    await calls_open.open({found["id"]})
    row = calls_open.rows[found["id"]]
    require_match(if_match, row["version"])
    await check_disposition(transaction, notes.disposition)
    said = {name: _storable(value) for name, value in notes.model_dump(exclude_unset=True).items()}
    return await _whole(await note_call(transaction, calls_open, row, said), response, transaction)


async def _whole(row: dict[str, Any], response: Response, transaction: Tx) -> WholeCall:
    set_etag(response, row["version"])
    response.headers["content-location"] = f"/v1/calls/{row['id']}"
    return WholeCall.model_validate(row | {"records": await calls.records_of(transaction, row["id"])})


def _missing(call: str) -> CallNotFound:
    return CallNotFound(f"There is no call {call}.")


def _number(spelled: str) -> str:
    """A plus in an address arrives as a space."""
    number = to_e164(spelled.strip())
    if number is None:
        raise Invalid.at("/number", "This is no telephone number with its country code, such as +12025550147.")
    return number


def _storable(value: Any) -> Any:
    """PostgreSQL's texts hold no NUL."""
    return value.replace("\0", "\ufffd") if isinstance(value, str) else value
