"""What happened on a record, and what is planned there."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from records.api.records import Moment, get_record
from records.api.wire import REFUSALS, Body, answer
from records.dependencies import CurrentWorkspace
from records.domain.activity import Activity, ActivityType, Writable
from records.domain.moments import moment_text
from records.domain.workspace import Workspace
from records.storage import activities
from records.usecases.log_activity import log_activity
from records.usecases.update_activity import remove_activity, update_activity
from shared.contracts.calls import CallSnapshot
from shared.database import Transaction, Tx
from shared.http.authentication import requires
from shared.http.command import CommandRouter
from shared.http.cursors import identifier, moment, place_in
from shared.http.paging import Cursor, Limit, Page, cut

router: APIRouter = CommandRouter(tags=["activities"], responses=REFUSALS)
MAY_READ, MAY_WRITE = Depends(requires("read")), Depends(requires("write"))


class ActivityIn(Body):
    type: Writable
    body: Annotated[str, Field(examples=["Call back about the quote"])]
    at: Annotated[Moment, Field(description="When it happened; now, if left out")] = None
    assignee: Annotated[str | None, Field(description="Of a task: a user's id")] = None
    due_at: Annotated[Moment, Field(description="Of a task")] = None
    done: Annotated[bool, Field(description="Of a task")] = False


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
    mentions: Annotated[Sequence[str], Field(description="The ids of the users its text names with an @")]
    edited_at: datetime | None
    assignee: str | None
    due_at: datetime | None
    done_at: datetime | None
    call: CallSnapshot | None


@router.get("/v1/records/{id}/activities", response_model=Page[ActivityOut], dependencies=[MAY_READ])
async def list_activities(
    id: str,  # noqa: A002 — the path's word
    transaction: Tx,
    workspace: CurrentWorkspace,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """The newest first."""
    page, more = await activity_page(transaction, workspace, id, limit, cursor)
    return answer({"items": [present_activity(each) for each in page], "next_cursor": more})


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


@router.patch("/v1/activities/{id}", response_model=ActivityOut, dependencies=[MAY_WRITE])
async def change_activity(
    id: str,  # noqa: A002 — the path's word
    body: ActivityChange,
    transaction: Tx,
    workspace: CurrentWorkspace,
) -> Response:
    """Complete a task with `{"done": true}`, or mend a text."""
    return answer(present_activity(await update_activity(transaction, workspace, id, body.given())))


@router.delete("/v1/activities/{id}", status_code=204, dependencies=[MAY_WRITE])
async def drop_activity(id: str, transaction: Tx, workspace: CurrentWorkspace) -> None:  # noqa: A002 — the path's word
    """A task, note, e-mail or comment; it stays in the record's history. Calls are not removed."""
    await remove_activity(transaction, workspace, id)


async def activity_page(
    transaction: Transaction,
    workspace: Workspace,
    record_id: str,
    limit: int,
    cursor: str | None,
    only: ActivityType | None = None,
) -> tuple[Sequence[Activity], str | None]:
    """A page of what happened on the record, and the cursor of the next."""
    record = await get_record(transaction, workspace, record_id)
    before = place_in(cursor, moment, identifier)
    found = await activities.page(transaction.connection, record.id, before, limit + 1, only)
    return cut(found, limit, lambda each: (each.at, each.id))


def present_activity(activity: Activity) -> dict[str, Any]:
    moments = {name: getattr(activity, name) for name in ("at", "due_at", "done_at", "edited_at")}
    return {
        "id": activity.id,
        "record": activity.record_id,
        "type": activity.type,
        "actor": activity.actor,
        "body": activity.body,
        "mentions": list(activity.mentions),
        "assignee": activity.assignee,
        "call": activity.call.model_dump(mode="json") if activity.call else None,
    } | {name: moment_text(moment) if moment else None for name, moment in moments.items()}
