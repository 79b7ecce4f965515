"""Bulk updates: the same changes to all the records of a selection."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends
from pydantic import Field

from records.api.wire import REFUSALS, Body
from records.dependencies import CurrentWorkspace
from records.domain.bulk_change import MOST_CHANGES
from records.usecases.start_bulk_update import start_bulk_update
from shared.database import Tx
from shared.http.authentication import Principal, requires
from shared.http.command import CommandRouter
from shared.jobs import JobOut

router: APIRouter = CommandRouter(prefix="/v1/bulk-updates", tags=["selections"], responses=REFUSALS)


class Change(Body):
    type: Literal["set", "clear", "toggle", "add_tags", "remove_tags", "assign", "move", "replace"]
    field: Annotated[str | None, Field(description="Of set, clear, toggle and replace: a key, or `title`")] = None
    value: Annotated[Any, Field(description="Of set")] = None
    tags: Sequence[str] | None = None
    assignees: Annotated[Sequence[str] | None, Field(description="Of assign: users' ids")] = None
    list: Annotated[str | None, Field(description="Of move")] = None
    find: Annotated[str | None, Field(max_length=1_000, description="Of replace")] = None
    with_: Annotated[str, Field(alias="with", max_length=1_000, description="Of replace")] = ""
    regex: Annotated[bool, Field(description="`find` is a regular expression of RE2")] = False


class BulkUpdateIn(Body):
    selection: Annotated[str, Field(description="Its id")]
    changes: Annotated[
        list[Change],
        Field(
            min_length=1,
            max_length=MOST_CHANGES,
            examples=[[{"type": "set", "field": "source", "value": "web"}, {"type": "add_tags", "tags": ["hot"]}]],
        ),
    ]
    dry_run: Annotated[bool, Field(description="Count what would change, and change nothing")] = False


@router.post("", status_code=202)
async def begin(
    body: BulkUpdateIn,
    transaction: Tx,
    workspace: CurrentWorkspace,
    caller: Annotated[Principal, Depends(requires("write"))],
) -> JobOut:
    """Begin. Its progress and its result are at `/v1/jobs/records/{id}`; what it changed becomes a selection."""
    given = body.model_dump(exclude_unset=True, by_alias=True)
    return JobOut.of(await start_bulk_update(transaction, workspace, caller, given))
