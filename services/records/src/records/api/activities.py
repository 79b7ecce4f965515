"""What happened on a record, and its history."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from records.api.records import Moment, get_record
from records.api.wire import REFUSALS, Body, answer
from records.dependencies import CurrentWorkspace
from records.domain.activity import Activity, ActivityType, Writable
from records.domain.identifiers import identifier_of
from records.domain.moments import moment_of, moment_text
from records.storage import activities, history
from records.usecases.log_activity import log_activity, update_activity
from shared.contracts.calls import CallSnapshot
from shared.database import Tx
from shared.errors import Invalid
from shared.http.authentication import requires
from shared.http.command import CommandRouter
from shared.http.paging import Cursor, Limit, Page, decode_cursor, encode_cursor

router: APIRouter = CommandRouter(tags=["activities"], responses=REFUSALS)
MAY_READ, MAY_WRITE = Depends(requires("read")), Depends(requires("write"))


class ActivityIn(Body):
    type: Writable
    body: Annotated[str, Field(examples=["Call back about the quote"])]
    at: Annotated[Moment, Field(description="When it happened; now, if left out")] = None
    assignee: Annotated[str | None, Field(description="Of a task: a user's id")] = None
    due_at: Annotated[Moment, Field(description="Of a task")] = None
    done: Annotated[bool, Field(description="Of a task")] = False


class CommentIn(Body):
    body: Annotated[str, Field(examples=["They want the quote by Friday."])]


class ActivityChange(Body):
    """What is left out stays."""

    body: str = ""
    assignee: str | None = None
    due_at: Moment = None
    done: bool = False


class ActivityOut(Body):
    id: str
    record: str
    type: ActivityType
    at: datetime
    actor: Annotated[str | None, Field(description="`user:<id>`, `key:<id>`, `rule:<id>` or `call:<id>`")]
    body: str | None
    assignee: str | None
    due_at: datetime | None
    done_at: datetime | None
    call: CallSnapshot | None


class ChangeOut(Body):
    version: int
    at: datetime
    actor: str | None
    kind: Annotated[str, Field(description="created, updated, moved, deleted or restored")]
    changes: Annotated[dict[str, Any], Field(examples=[{"list": {"before": "qualification", "after": "contract_out"}}])]


@router.get("/v1/records/{id}/activities", response_model=Page[ActivityOut], dependencies=[MAY_READ])
async def list_activities(
    id: str,  # noqa: A002 — the path's word
    transaction: Tx,
    workspace: CurrentWorkspace,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """The newest first."""
    record = await get_record(transaction, workspace, id)
    found = await activities.page(transaction.connection, record.id, _after(cursor), limit + 1)
    page = [present_activity(each) for each in found[:limit]]
    more = encode_cursor([page[-1]["at"], page[-1]["id"]]) if len(found) > limit else None
    return answer({"items": page, "next_cursor": more})


@router.post("/v1/records/{id}/activities", status_code=201, response_model=ActivityOut, dependencies=[MAY_WRITE])
async def add_activity(
    id: str,  # noqa: A002 — the path's word
    body: ActivityIn,
    transaction: Tx,
    workspace: CurrentWorkspace,
) -> Response:
    """Calls log themselves."""
    given = {name: value for name, value in body.given().items() if value is not None}
    return answer(present_activity(await log_activity(transaction, workspace, id, given)), 201)


@router.post("/v1/records/{id}/comments", status_code=201, response_model=ActivityOut, dependencies=[MAY_WRITE])
async def add_comment(
    id: str,  # noqa: A002 — the path's word
    body: CommentIn,
    transaction: Tx,
    workspace: CurrentWorkspace,
) -> Response:
    given = {"type": "comment", "body": body.body}
    return answer(present_activity(await log_activity(transaction, workspace, id, given)), 201)


@router.get("/v1/records/{id}/comments", response_model=Page[ActivityOut], dependencies=[MAY_READ])
async def list_comments(
    id: str,  # noqa: A002 — the path's word
    transaction: Tx,
    workspace: CurrentWorkspace,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """The activities that are comments, the newest first."""
    record = await get_record(transaction, workspace, id)
    found = await activities.page(transaction.connection, record.id, _after(cursor), limit + 1, only="comment")
    page = [present_activity(each) for each in found[:limit]]
    more = encode_cursor([page[-1]["at"], page[-1]["id"]]) if len(found) > limit else None
    return answer({"items": page, "next_cursor": more})


@router.patch("/v1/activities/{id}", response_model=ActivityOut, dependencies=[MAY_WRITE])
async def change_activity(
    id: str,  # noqa: A002 — the path's word
    body: ActivityChange,
    transaction: Tx,
    workspace: CurrentWorkspace,
) -> Response:
    """Complete a task with `{"done": true}`, or mend a text."""
    return answer(present_activity(await update_activity(transaction, workspace, id, body.given())))


@router.get("/v1/records/{id}/history", response_model=Page[ChangeOut], dependencies=[MAY_READ])
async def list_history(
    id: str,  # noqa: A002 — the path's word
    transaction: Tx,
    workspace: CurrentWorkspace,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """Every version with who changed what, the newest first. Stored values; references as lists of ids."""
    record = await get_record(transaction, workspace, id)
    before = decode_cursor(cursor, 1)[0] if cursor else None
    if not isinstance(before, int | None) or isinstance(before, bool):
        raise Invalid.at("/cursor", "This is no cursor of this list.")
    found = await history.page(transaction.connection, record.id, before, limit + 1)
    more = encode_cursor([found[limit - 1]["version"]]) if len(found) > limit else None
    return answer({"items": found[:limit], "next_cursor": more})


def present_activity(activity: Activity) -> dict[str, Any]:
    moments = {name: getattr(activity, name) for name in ("at", "due_at", "done_at")}
    return {
        "id": activity.id,
        "record": activity.record_id,
        "type": activity.type,
        "actor": activity.actor,
        "body": activity.body,
        "assignee": activity.assignee,
        "call": activity.call.model_dump(mode="json") if activity.call else None,
    } | {name: moment_text(moment) if moment else None for name, moment in moments.items()}


def _after(cursor: str | None) -> tuple[datetime, str] | None:
    if cursor is None:
        return None
    at, last = decode_cursor(cursor, 2)
    try:
        return moment_of(at), identifier_of(last, "an id")
    except Invalid as problem:
        raise Invalid.at("/cursor", "This is no cursor of this list.") from problem
