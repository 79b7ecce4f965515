"""Projects: each a set of records with one schema."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from records.api.fields import FieldIn, FieldOut
from records.api.lists import ListIn, ListOut
from records.api.tags import TagIn, TagOut
from records.api.wire import REFUSALS, Body, after_of
from records.dependencies import CurrentWorkspace
from records.domain.schema import Schema
from records.usecases import change_project, create_project
from shared.database import Tx
from shared.http.authentication import requires
from shared.http.command import CommandRouter
from shared.http.etag import IfMatch, set_etag
from shared.http.paging import Cursor, Limit, Page, encode_cursor

router: APIRouter = CommandRouter(prefix="/v1/projects", tags=["projects"], responses=REFUSALS)
MAY_READ, MAY_ADMINISTER = Depends(requires("read")), Depends(requires("admin"))


class ProjectIn(Body):
    """A project, at once with its lists, fields and tags or without them."""

    key: Annotated[str, Field(examples=["opportunities"])]
    name: Annotated[str, Field(examples=["Opportunities"])]
    lists: Sequence[ListIn] = ()
    fields: Sequence[FieldIn] = ()
    tags: Sequence[TagIn] = ()


class ProjectChange(Body):
    name: str


class ProjectOut(Body):
    id: str
    key: str
    name: str
    version: int
    created_at: datetime
    updated_at: datetime
    lists: Sequence[ListOut]
    fields: Sequence[FieldOut]
    tags: Sequence[TagOut]


@router.get("", dependencies=[MAY_READ])
async def list_projects(workspace: CurrentWorkspace, limit: Limit = 100, cursor: Cursor = None) -> Page[ProjectOut]:
    """The projects in the order they were made."""
    after = after_of(cursor) or ""
    found = sorted((s for s in workspace.schemas.values() if s.project.id > after), key=lambda s: s.project.id)
    more = encode_cursor([found[limit - 1].project.id]) if len(found) > limit else None
    return Page(items=[present_project(schema) for schema in found[:limit]], next_cursor=more)


@router.post("", status_code=201, dependencies=[MAY_ADMINISTER])
async def add_project(body: ProjectIn, transaction: Tx, response: Response) -> ProjectOut:
    """409 where there is a project of that key."""
    schema = await create_project.create_project(transaction, body.given())
    set_etag(response, schema.project.version)
    return present_project(schema)


@router.get("/{project}", dependencies=[MAY_READ])
async def read_project(project: str, workspace: CurrentWorkspace, response: Response) -> ProjectOut:
    """By id or key, with its whole schema."""
    schema = workspace.schema(project)
    set_etag(response, schema.project.version)
    return present_project(schema)


@router.patch("/{project}", dependencies=[MAY_ADMINISTER])
async def rename_project(
    project: str, body: ProjectChange, transaction: Tx, response: Response, if_match: IfMatch = None
) -> ProjectOut:
    schema = await change_project.rename_project(transaction, project, body.name, if_match)
    set_etag(response, schema.project.version)
    return present_project(schema)


@router.delete("/{project}", status_code=204, dependencies=[MAY_ADMINISTER])
async def delete_project(project: str, transaction: Tx, if_match: IfMatch = None) -> None:
    """Its records are kept, but no longer reached. 409 while another project refers to it."""
    await change_project.delete_project(transaction, project, if_match)


def present_project(schema: Schema) -> ProjectOut:
    parts: dict[str, Any] = vars(schema.project)
    return ProjectOut.model_validate(
        {name: parts[name] for name in ("id", "key", "name", "version", "created_at", "updated_at")}
        | {
            "lists": [ListOut.of(each) for each in schema.lists],
            "fields": [FieldOut.of(each) for each in schema.fields],
            "tags": [TagOut.of(each) for each in schema.tags],
        }
    )
