"""The trash of a project, and how people work in it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from records.api.activities import MAY_READ
from records.api.wire import REFUSALS, Body, answer
from records.dependencies import CurrentWorkspace
from records.domain.moments import moment_text
from records.domain.record import Record
from records.domain.work_setting import CompletingBlocked, edited_setting
from records.storage import trash, work_settings
from shared.database import Tx
from shared.http.authentication import requires
from shared.http.command import CommandRouter
from shared.http.cursors import identifier, moment, place_in
from shared.http.paging import Cursor, Limit, Page, seen_page

router: APIRouter = CommandRouter(prefix="/v1/projects/{project}", tags=["records"], responses=REFUSALS)


class TrashedOut(Body):
    id: str
    title: str
    list: str
    tags: Sequence[str]
    assignees: Sequence[str]
    deleted_at: datetime
    version: int


class WorkSettingOut(Body):
    completing_blocked: CompletingBlocked
    purge_after_days: int


class WorkSettingChange(Body):
    """What is left out stays."""

    completing_blocked: Annotated[
        CompletingBlocked, Field(description="Completing a record that waits for others brings a warning or is refused")
    ] = "warn"
    purge_after_days: Annotated[int, Field(description="Records leave the trash for ever after so many days")] = 30


@router.get("/trash", response_model=Page[TrashedOut], dependencies=[MAY_READ])
async def list_trash(
    project: str, transaction: Tx, workspace: CurrentWorkspace, limit: Limit = 50, cursor: Cursor = None
) -> Response:
    """The last thrown away first. `POST /v1/records/{id}/restore` takes one out."""
    schema = workspace.schema(project)

    async def fetch(before: tuple[datetime, str] | None, most: int) -> Sequence[Record]:
        return await trash.page(transaction.connection, schema.project.id, before, most)

    async def shows(read: Sequence[Record]) -> Sequence[Record]:
        return [each for each in read if workspace.shows(each)]

    def place(each: Record) -> tuple[datetime, str]:
        return each.deleted_at or each.updated_at, each.id

    page, more = await seen_page(fetch, shows, place, place_in(cursor, moment, identifier), limit)
    return answer({"items": [_presented(vars(each)) for each in page], "next_cursor": more})


@router.get("/work-settings", response_model=WorkSettingOut, dependencies=[MAY_READ])
async def read_work_settings(project: str, transaction: Tx, workspace: CurrentWorkspace) -> Response:
    found = await work_settings.get(transaction.connection, workspace.schema(project).project.id)
    return answer(vars(found))


@router.patch("/work-settings", response_model=WorkSettingOut, dependencies=[Depends(requires("admin"))])
async def change_work_settings(
    project: str, body: WorkSettingChange, transaction: Tx, workspace: CurrentWorkspace
) -> Response:
    schema = workspace.schema(project)
    before = await work_settings.get(transaction.connection, schema.project.id)
    after = edited_setting(before, body.given())
    await work_settings.keep(transaction.connection, schema.project.id, after)
    return answer(vars(after))


def _presented(parts: dict[str, Any]) -> dict[str, Any]:
    names = ("id", "title", "list", "tags", "assignees", "version")
    return {name: parts[name] for name in names} | {"deleted_at": moment_text(parts["deleted_at"])}
