"""Checklists on a record."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import Field

from records.api.activities import MAY_READ, MAY_WRITE
from records.api.records import Moment, get_record
from records.api.wire import REFUSALS, Body, answer
from records.dependencies import CurrentWorkspace
from records.domain.checklist import MOST_ITEMS, Checklist, Item, percent_done
from records.domain.snapshots import optional_text
from records.storage import checklists
from records.usecases import change_checklists
from shared.database import Tx
from shared.http.command import CommandRouter

router: APIRouter = CommandRouter(tags=["checklists"], responses=REFUSALS)


class ItemIn(Body):
    text: Annotated[str, Field(examples=["Ask for the VAT number"])]
    assignee: Annotated[str | None, Field(description="A user's id")] = None
    due_at: Moment = None
    done: bool = False


class PlacedItemIn(ItemIn):
    before: Annotated[str | None, Field(description="The id of the item to stand before; without it, last")] = None


class ItemChange(Body):
    """What is left out stays."""

    text: str = ""
    assignee: str | None = None
    due_at: Moment = None
    done: bool = False
    before: Annotated[str | None, Field(description="The id of the item to stand before")] = None


class ChecklistIn(Body):
    name: Annotated[str, Field(examples=["Before the quote"])]
    items: Annotated[Sequence[ItemIn], Field(max_length=MOST_ITEMS)] = ()


class ChecklistChange(Body):
    name: str


class ItemOut(Body):
    id: str
    text: str
    assignee: str | None
    due_at: datetime | None
    done_at: datetime | None


class ChecklistOut(Body):
    id: str
    name: str
    items: Sequence[ItemOut]
    percent_done: Annotated[int | None, Field(description="Null where there is no item")]


class ChecklistsOut(Body):
    items: Sequence[ChecklistOut]
    percent_done: Annotated[int | None, Field(description="Of all items of the record")]


@router.get("/v1/records/{id}/checklists", response_model=ChecklistsOut, dependencies=[MAY_READ])
async def list_checklists(id: str, transaction: Tx, workspace: CurrentWorkspace) -> Response:  # noqa: A002 — the path's word
    """All of them, with how much is done."""
    record = await get_record(transaction, workspace, id)
    found = await checklists.of_record(transaction.connection, record.id)
    return answer({"items": [_presented(each) for each in found], "percent_done": percent_done(found)})


@router.post("/v1/records/{id}/checklists", status_code=201, response_model=ChecklistOut, dependencies=[MAY_WRITE])
async def add_checklist(id: str, body: ChecklistIn, transaction: Tx, workspace: CurrentWorkspace) -> Response:  # noqa: A002 — as above
    return answer(_presented(await change_checklists.add_checklist(transaction, workspace, id, body.given())), 201)


@router.patch("/v1/checklists/{id}", response_model=ChecklistOut, dependencies=[MAY_WRITE])
async def rename_checklist(id: str, body: ChecklistChange, transaction: Tx, workspace: CurrentWorkspace) -> Response:  # noqa: A002 — as above
    return answer(_presented(await change_checklists.rename_checklist(transaction, workspace, id, body.given())))


@router.delete("/v1/checklists/{id}", status_code=204, dependencies=[MAY_WRITE])
async def remove_checklist(id: str, transaction: Tx, workspace: CurrentWorkspace) -> None:  # noqa: A002 — as above
    """Its items stay in the record's history."""
    await change_checklists.remove_checklist(transaction, workspace, id)


@router.post("/v1/checklists/{id}/items", status_code=201, response_model=ItemOut, dependencies=[MAY_WRITE])
async def add_item(id: str, body: PlacedItemIn, transaction: Tx, workspace: CurrentWorkspace) -> Response:  # noqa: A002 — as above
    return answer(_item(await change_checklists.add_item(transaction, workspace, id, body.given())), 201)


@router.patch("/v1/checklist-items/{id}", response_model=ItemOut, dependencies=[MAY_WRITE])
async def change_item(id: str, body: ItemChange, transaction: Tx, workspace: CurrentWorkspace) -> Response:  # noqa: A002 — as above
    """Tick it off with `{"done": true}`, or put it elsewhere with `before`."""
    return answer(_item(await change_checklists.change_item(transaction, workspace, id, body.given())))


@router.delete("/v1/checklist-items/{id}", status_code=204, dependencies=[MAY_WRITE])
async def remove_item(id: str, transaction: Tx, workspace: CurrentWorkspace) -> None:  # noqa: A002 — as above
    await change_checklists.remove_item(transaction, workspace, id)


def _presented(checklist: Checklist) -> dict[str, Any]:
    items = [_item(each) for each in checklist.items]
    return {"id": checklist.id, "name": checklist.name, "items": items, "percent_done": percent_done([checklist])}


def _item(item: Item) -> dict[str, Any]:
    moments = {name: optional_text(getattr(item, name)) for name in ("due_at", "done_at")}
    return {"id": item.id, "text": item.text, "assignee": item.assignee} | moments
