"""Projects: each a set of records with one schema."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from records.api.fields import FieldIn, FieldOut
from records.api.lists import ListIn, ListOut
from records.api.tags import TagIn, TagOut
from records.api.wire import REFUSALS, Body
from records.dependencies import CurrentWorkspace
from records.domain.identifiers import is_identifier
from records.domain.schema import ProjectNotFound, Schema
from records.domain.schema_parts import DEFAULT_FIELDS
from records.usecases import change_project as changing
from records.usecases import create_project
from shared.database import Tx
from shared.http.authentication import requires
from shared.http.command import CommandRouter
from shared.http.cursors import identifier, place_in
from shared.http.etag import IfMatch, set_etag
from shared.http.paging import Cursor, Limit, Page, cut

_PARTS = ("id", "key", "name", "default_fields", "record_label", "version", "created_at", "updated_at")
router: APIRouter = CommandRouter(prefix="/v1/projects", tags=["projects"], responses=REFUSALS)
MAY_READ, MAY_ADMINISTER = Depends(requires("read")), Depends(requires("admin"))


Defaults = Annotated[
    dict[str, bool],
    Field(
        default_factory=dict,
        description="Parts of records switched off: " + ", ".join(DEFAULT_FIELDS),
        examples=[{"due_date": False}],
    ),
]
Label = Annotated[
    dict[str, list[str]],
    Field(
        default_factory=dict, description="What one record is called, and several", examples=[{"en": ["Deal", "Deals"]}]
    ),
]


class ProjectIn(Body):
    """A project, at once with its lists, fields and tags or without them."""

    key: Annotated[str, Field(examples=["opportunities"])]
    name: Annotated[str, Field(examples=["Opportunities"])]
    default_fields: Defaults
    record_label: Label
    lists: Sequence[ListIn] = ()
    fields: Sequence[FieldIn] = ()
    tags: Sequence[TagIn] = ()


class ProjectChange(Body):
    """What is left out stays."""

    name: str = ""
    default_fields: Defaults
    record_label: Label


class ProjectOut(Body):
    id: str
    key: str
    name: str
    default_fields: dict[str, bool]
    record_label: dict[str, Sequence[str]]
    advice: Annotated[Sequence[str], Field(description="What would make it easier to use")]
    version: int
    created_at: datetime
    updated_at: datetime
    lists: Sequence[ListOut]
    fields: Sequence[FieldOut]
    tags: Sequence[TagOut]


@router.get("", dependencies=[MAY_READ])
async def list_projects(workspace: CurrentWorkspace, limit: Limit = 100, cursor: Cursor = None) -> Page[ProjectOut]:
    """The projects in the order they were made."""
    after = place_in(cursor, identifier) or ""
    found = sorted((s for s in workspace.schemas.values() if s.project.id > after), key=lambda s: s.project.id)
    page, more = cut(found, limit, lambda schema: schema.project.id)
    return Page(items=[present_project(schema) for schema in page], next_cursor=more)


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
async def change_project(
    project: str, body: ProjectChange, transaction: Tx, response: Response, if_match: IfMatch = None
) -> ProjectOut:
    schema = await changing.change_project(transaction, project, body.given(), if_match)
    set_etag(response, schema.project.version)
    return present_project(schema)


@router.delete("/{project}", status_code=204, dependencies=[MAY_ADMINISTER])
async def delete_project(project: str, transaction: Tx, if_match: IfMatch = None) -> None:
    """Its records are kept, but no longer reached. 409 while another project refers to it."""
    await changing.delete_project(transaction, project, if_match)


@router.post("/{project}/restore", dependencies=[MAY_ADMINISTER])
async def restore_project(project: str, transaction: Tx, response: Response) -> ProjectOut:
    """By its id, with all its records. 404 where it is not in the trash; 409 where its key was given to another."""
    schema = await changing.restore_project(transaction, identifier_or_missing(project))
    set_etag(response, schema.project.version)
    return present_project(schema)


def identifier_or_missing(text: str) -> str:
    if not is_identifier(text):
        raise ProjectNotFound(f"There is no project '{text}' in the trash.")
    return text


def present_project(schema: Schema) -> ProjectOut:
    parts: dict[str, Any] = vars(schema.project)
    return ProjectOut.model_validate(
        {name: parts[name] for name in _PARTS}
        | {
            "advice": schema.advice,
            "lists": [ListOut.of(each) for each in schema.lists],
            "fields": [FieldOut.of(each) for each in schema.fields],
            "tags": [TagOut.of(each) for each in schema.tags],
        }
    )
