"""Copies of records, and records taken to another project."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field

from records.api.activities import MAY_WRITE
from records.api.present import RecordOut, present
from records.api.records import Values
from records.api.wire import REFUSALS, Body, answer
from records.dependencies import CurrentWorkspace
from records.domain.fitting import PARTS, Part
from records.domain.workspace import Workspace
from records.usecases.copy_record import Moved, copy_record
from records.usecases.transfer_record import transfer_record
from shared.database import Transaction, Tx
from shared.http.command import CommandRouter
from shared.http.etag import IfMatch

router: APIRouter = CommandRouter(prefix="/v1/records/{id}", tags=["records"], responses=REFUSALS)
MOST_PARTS: Sequence[Part] = tuple(part for part in PARTS if part != "comments")


class Copy(Body):
    project: Annotated[str | None, Field(description="Its id or key; the record's own, if left out")] = None
    list: Annotated[str | None, Field(description="Its key; the first list, if left out")] = None
    title: str | None = None
    include: Annotated[Sequence[Part], Field(description="What is copied beside the title")] = MOST_PARTS
    values: Annotated[Values, Field(description="The copy's own, over those that are copied")]


class Transfer(Body):
    project: Annotated[str, Field(description="Its id or key", examples=["customers"])]
    list: Annotated[str | None, Field(description="Its key; the first list, if left out")] = None
    values: Annotated[Values, Field(description="Over those that it has: what is required there, for example")]


class Left(Body):
    pointer: Annotated[str, Field(examples=["/values/amount"])]
    reason: str


class MovedOut(Body):
    record: RecordOut
    left_behind: Annotated[Sequence[Left], Field(description="What does not fit there: fields match by key and type")]


@router.post("/copy", status_code=201, response_model=MovedOut, dependencies=[MAY_WRITE])
async def copy(id: str, body: Copy, transaction: Tx, workspace: CurrentWorkspace) -> Response:  # noqa: A002 — the path's word
    """Make another like it. What happened on it is not copied, but its comments are on request."""
    moved = await copy_record(transaction, workspace, id, body.given(), body.include)
    return await _answer(transaction, workspace, moved, 201)


@router.post("/transfer", response_model=MovedOut, dependencies=[MAY_WRITE])
async def transfer(
    id: str,  # noqa: A002 — the path's word
    body: Transfer,
    transaction: Tx,
    workspace: CurrentWorkspace,
    if_match: IfMatch = None,
) -> Response:
    """Take it to another project with its id, its history and all that happened on it.

    What does not fit there stays in its history. 409 while records refer to it.
    """
    moved = await transfer_record(transaction, workspace, id, body.given(), if_match)
    return await _answer(transaction, workspace, moved, 200)


async def _answer(transaction: Transaction, workspace: Workspace, moved: Moved, status: int) -> Response:
    (presented,) = await present(transaction, workspace, [moved.record])
    left = [vars(each) for each in moved.left_behind]
    return answer({"record": presented, "left_behind": left}, status, moved.record.version)
