"""The fields of a project."""

from typing import Annotated, Any, Self

from fastapi import APIRouter, Depends
from pydantic import Field as Described

from records.api.wire import REFUSALS, Body
from records.dependencies import CurrentWorkspace
from records.domain.fields import FIELD_TYPES
from records.domain.schema import Field
from records.usecases import change_schema
from shared.database import Tx
from shared.http.authentication import requires
from shared.http.command import CommandRouter
from shared.http.paging import Page

router: APIRouter = CommandRouter(prefix="/v1/projects/{project}/fields", tags=["schema"], responses=REFUSALS)
MAY_READ, MAY_ADMINISTER = Depends(requires("read")), Depends(requires("admin"))
_ENUM: dict[str, Any] = {"enum": list(FIELD_TYPES)}
Type = Annotated[str, Described(json_schema_extra=_ENUM, examples=["currency"])]
Config = Annotated[
    dict[str, Any],
    Described(
        default_factory=dict,
        description="By type. select: `options`; currency: `currency`, `per_record_currency`, `decimals`, `min`, `max`;"
        " number, percent: `min`, `max`; rating: `min`, `max`, `step`; phone: `default_region`; reference: `project`,"
        " `multiple`, `filter`; lookup: `path`; formula: `expression`, `display`",
        examples=[{"currency": "EUR", "min": 0}],
    ),
]


class FieldIn(Body):
    key: Annotated[str, Described(examples=["amount"])]
    name: Annotated[str, Described(examples=["Amount"])]
    type: Type
    required: bool = False
    config: Config


class FieldChange(Body):
    name: str = ""
    required: bool = False
    config: Config


class FieldOut(Body):
    key: str
    name: str
    type: Type
    required: bool
    config: Config
    position: int

    @classmethod
    def of(cls, each: Field) -> Self:
        return cls.model_validate(vars(each))


@router.get("", dependencies=[MAY_READ])
async def list_fields(project: str, workspace: CurrentWorkspace) -> Page[FieldOut]:
    return Page(items=[FieldOut.of(each) for each in workspace.schema(project).fields])


@router.post("", status_code=201, dependencies=[MAY_ADMINISTER])
async def add_field(project: str, body: FieldIn, transaction: Tx) -> FieldOut:
    """Lookups and formulas are checked against all projects; a cycle or a wrong type is a 422.

    409 where the project has a field of that key, or had one.
    """
    return FieldOut.of(await change_schema.add_field(transaction, project, body.given()))


@router.get("/{key}", dependencies=[MAY_READ])
async def read_field(project: str, key: str, workspace: CurrentWorkspace) -> FieldOut:
    return FieldOut.of(workspace.schema(project).field(key))


@router.patch("/{key}", dependencies=[MAY_ADMINISTER])
async def change_field(project: str, key: str, body: FieldChange, transaction: Tx) -> FieldOut:
    """What is left out stays; `config` is replaced whole. Key and type never change."""
    return FieldOut.of(await change_schema.change_field(transaction, project, key, body.given()))


@router.delete("/{key}", status_code=204, dependencies=[MAY_ADMINISTER])
async def remove_field(project: str, key: str, transaction: Tx) -> None:
    """Its key stays taken. 409 while a lookup, a formula or a filter is made of it."""
    await change_schema.remove_field(transaction, project, key)
