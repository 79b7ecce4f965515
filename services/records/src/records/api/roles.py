"""The roles of a project: who sees and does what there."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from records.api.wire import REFUSALS, Body
from records.dependencies import CurrentWorkspace
from records.storage import roles
from records.usecases import change_roles
from shared.contracts.records import FieldLevel, ListLevel, RecordScope
from shared.database import Tx
from shared.http.authentication import requires
from shared.http.command import CommandRouter
from shared.http.etag import set_etag
from shared.http.paging import Page
from shared.policy import Role

router: APIRouter = CommandRouter(prefix="/v1/projects/{project}/roles", tags=["rights"], responses=REFUSALS)
MAY_ADMINISTER = Depends(requires("admin"))
NOTHING: Mapping[str, Any] = {}
Permission = bool | Literal["all", "own", "none"]
Permissions = Annotated[
    Mapping[str, Permission],
    Field(
        description="`create_records`, `complete_records` (true, if not said), `bulk_update`, `import`, `export`,"
        " `invite`, `manage_fields`, `manage_automations`, `recordings` (false) are true or false;"
        " `delete_records` is `all`, `own` (assigned to oneself; if not said) or `none`",
        examples=[{"delete_records": "none", "export": False}],
    ),
]
Fields = Annotated[
    Mapping[str, FieldLevel], Field(description="By field key; `*`: all others", examples=[{"cost": "none"}])
]
Lists = Annotated[Mapping[str, ListLevel], Field(description="By list key; `*`: all others")]
Tags = Annotated[Sequence[str], Field(description="Keys of tags")]


class RoleChange(Body):
    """What is left out stays; objects and lists are replaced whole."""

    name: str = ""
    permissions: Permissions = NOTHING
    record_scope: Annotated[RecordScope, Field(description="`assigned_only`: their own records only")] = "all"
    default_field_permission: FieldLevel = "edit"
    field_permissions: Fields = NOTHING
    default_list_permission: ListLevel = "delete"
    list_permissions: Lists = NOTHING
    allowed_tags: Annotated[Tags, Field(description="Only records with one of them; none: all records")] = ()
    denied_tags: Annotated[Tags, Field(description="No record with one of them")] = ()
    users: Annotated[Sequence[str], Field(description="Ids of those who have the role")] = ()
    teams: Annotated[Sequence[str], Field(description="Everyone in them has the role", examples=[["juniors"]])] = ()


class RoleIn(RoleChange):
    key: Annotated[str, Field(examples=["junior_rep"])]
    name: Annotated[str, Field(examples=["Junior"])]


class RoleOut(RoleIn):
    id: str
    version: int

    @classmethod
    def of(cls, role: Role) -> Self:
        return cls.model_validate(role.model_dump(exclude={"project", "deleted"}))


@router.get("", dependencies=[MAY_ADMINISTER])
async def list_roles(project: str, transaction: Tx, workspace: CurrentWorkspace) -> Page[RoleOut]:
    found = await roles.of_project(transaction.connection, workspace.schema(project).project.id)
    return Page(items=[RoleOut.of(role) for role in found])


@router.post("", status_code=201, dependencies=[MAY_ADMINISTER])
async def add_role(project: str, body: RoleIn, transaction: Tx, response: Response) -> RoleOut:
    """From a project's first role on, users see it only through one. Machines' keys and administrators need none."""
    role = await change_roles.add_role(transaction, project, body.given())
    set_etag(response, role.version)
    return RoleOut.of(role)


@router.get("/{key}", dependencies=[MAY_ADMINISTER])
async def read_role(
    project: str, key: str, transaction: Tx, workspace: CurrentWorkspace, response: Response
) -> RoleOut:
    role = await change_roles.find_role(transaction, workspace.schema(project), key)
    set_etag(response, role.version)
    return RoleOut.of(role)


@router.patch("/{key}", dependencies=[MAY_ADMINISTER])
async def change_role(project: str, key: str, body: RoleChange, transaction: Tx, response: Response) -> RoleOut:
    """Holds at once here, in the other services within a moment."""
    role = await change_roles.change_role(transaction, project, key, body.given())
    set_etag(response, role.version)
    return RoleOut.of(role)


@router.delete("/{key}", status_code=204, dependencies=[MAY_ADMINISTER])
async def remove_role(project: str, key: str, transaction: Tx) -> None:
    """With its last role a project is open again to all users, as far as their keys reach."""
    await change_roles.remove_role(transaction, project, key)
