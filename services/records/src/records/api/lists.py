"""The lists of a project: its stages."""

from collections.abc import Sequence
from typing import Annotated, Self

from fastapi import APIRouter, Depends
from pydantic import Field

from records.api.wire import REFUSALS, Body, Order
from records.dependencies import CurrentWorkspace, configures
from records.domain.schema import List
from records.usecases import change_schema
from shared.contracts.records import ListCategory
from shared.database import Tx
from shared.http.authentication import requires
from shared.http.command import CommandRouter
from shared.http.paging import Page

router: APIRouter = CommandRouter(prefix="/v1/projects/{project}/lists", tags=["schema"], responses=REFUSALS)
MAY_READ, MAY_CONFIGURE = Depends(requires("read")), Depends(configures)
Weight = Annotated[str | float | None, Field(description="0 to 1; null: not in the forecast", examples=["0.5"])]


Needed = Annotated[
    Sequence[str], Field(description="Fields a record must have to come into it", examples=[["lost_reason"]])
]
Locked = Annotated[bool, Field(description="Neither it nor what stands in it changes; records are still edited")]


class ListIn(Body):
    key: Annotated[str, Field(examples=["proposal_sent"])]
    name: Annotated[str, Field(examples=["Proposal Sent"])]
    category: ListCategory = "open"
    forecast_weight: Weight = None
    max_age_days: Annotated[int | None, Field(description="Longer than expected from here on")] = None
    require_on_entry: Needed = ()
    locked: Locked = False


class ListChange(Body):
    name: str = ""
    category: ListCategory = "open"
    forecast_weight: Weight = None
    max_age_days: int | None = None
    require_on_entry: Needed = ()
    locked: Locked = False


class ListOut(Body):
    key: str
    name: str
    category: ListCategory
    position: int
    forecast_weight: str | None
    max_age_days: int | None
    require_on_entry: Sequence[str]
    locked: bool

    @classmethod
    def of(cls, each: List) -> Self:
        return cls.model_validate(vars(each))


@router.get("", dependencies=[MAY_READ])
async def list_lists(project: str, workspace: CurrentWorkspace) -> Page[ListOut]:
    return Page(items=[ListOut.of(each) for each in workspace.schema(project).lists])


@router.post("", status_code=201, dependencies=[MAY_CONFIGURE])
async def add_list(project: str, body: ListIn, transaction: Tx) -> ListOut:
    """It comes last. 409 where the project has a list of that key."""
    return ListOut.of(await change_schema.add_list(transaction, project, body.given()))


@router.post("/sort", dependencies=[MAY_CONFIGURE])
async def sort_lists(project: str, body: Order, transaction: Tx) -> Page[ListOut]:
    """In this order from now on: that of the board."""
    schema = await change_schema.sort_parts(transaction, project, "lists", body.keys)
    return Page(items=[ListOut.of(each) for each in schema.lists])


@router.get("/{key}", dependencies=[MAY_READ])
async def read_list(project: str, key: str, workspace: CurrentWorkspace) -> ListOut:
    return ListOut.of(workspace.schema(project).list(key))


@router.patch("/{key}", dependencies=[MAY_CONFIGURE])
async def change_list(project: str, key: str, body: ListChange, transaction: Tx) -> ListOut:
    """What is left out stays; the key never changes."""
    return ListOut.of(await change_schema.change_list(transaction, project, key, body.given()))


@router.delete("/{key}", status_code=204, dependencies=[MAY_CONFIGURE])
async def remove_list(project: str, key: str, transaction: Tx) -> None:
    """409 while records stand in it, or a filter names it."""
    await change_schema.remove_list(transaction, project, key)
