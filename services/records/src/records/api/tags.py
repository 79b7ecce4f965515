"""The tags of a project."""

from typing import Annotated, Self

from fastapi import APIRouter, Depends
from pydantic import Field

from records.api.wire import REFUSALS, Body
from records.dependencies import CurrentWorkspace, configures
from records.domain.schema import Tag
from records.usecases import change_schema
from shared.database import Tx
from shared.http.authentication import requires
from shared.http.command import CommandRouter
from shared.http.paging import Page

router: APIRouter = CommandRouter(prefix="/v1/projects/{project}/tags", tags=["schema"], responses=REFUSALS)
MAY_READ, MAY_CONFIGURE = Depends(requires("read")), Depends(configures)


class TagIn(Body):
    key: Annotated[str, Field(examples=["seo"])]
    name: Annotated[str, Field(examples=["SEO"])]
    color: Annotated[str | None, Field(examples=["#16a34a"])] = None


class TagChange(Body):
    name: str = ""
    color: str | None = None


class TagOut(Body):
    key: str
    name: str
    color: str | None
    position: int

    @classmethod
    def of(cls, each: Tag) -> Self:
        return cls.model_validate(vars(each))


@router.get("", dependencies=[MAY_READ])
async def list_tags(project: str, workspace: CurrentWorkspace) -> Page[TagOut]:
    return Page(items=[TagOut.of(each) for each in workspace.schema(project).tags])


@router.post("", status_code=201, dependencies=[MAY_CONFIGURE])
async def add_tag(project: str, body: TagIn, transaction: Tx) -> TagOut:
    """409 where the project has a tag of that key."""
    return TagOut.of(await change_schema.add_tag(transaction, project, body.given()))


@router.patch("/{key}", dependencies=[MAY_CONFIGURE])
async def change_tag(project: str, key: str, body: TagChange, transaction: Tx) -> TagOut:
    """What is left out stays; the key never changes."""
    return TagOut.of(await change_schema.change_tag(transaction, project, key, body.given()))


@router.delete("/{key}", status_code=204, dependencies=[MAY_CONFIGURE])
async def remove_tag(project: str, key: str, transaction: Tx) -> None:
    """409 while records carry it."""
    await change_schema.remove_tag(transaction, project, key)
