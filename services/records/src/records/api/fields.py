"""The fields of a project."""

from typing import Annotated, Any, Literal, Self

from fastapi import APIRouter, Depends
from pydantic import Field as Described

from records.api.wire import REFUSALS, Body, Order
from records.dependencies import CurrentWorkspace, configures
from records.domain.fields import FIELD_TYPES
from records.domain.schema import Field
from records.usecases import change_schema
from shared.database import Tx
from shared.http.authentication import requires
from shared.http.command import CommandRouter
from shared.http.paging import Page

router: APIRouter = CommandRouter(prefix="/v1/projects/{project}/fields", tags=["schema"], responses=REFUSALS)
MAY_READ, MAY_CONFIGURE = Depends(requires("read")), Depends(configures)
_ENUM: dict[str, Any] = {"enum": list(FIELD_TYPES)}
Type = Annotated[str, Described(json_schema_extra=_ENUM, examples=["currency"])]
Config = Annotated[
    dict[str, Any],
    Described(
        default_factory=dict,
        description="By type. select, multi_select: `options`, or `value_list` to take those of one;"
        " consent: `value_list`, `call_lists`;"
        " currency: `currency`, `per_record_currency`, `decimals`, `min`, `max`;"
        " number, percent: `min`, `max`; rating: `min`, `max`, `step`; phone: `default_region`; address: `parts`;"
        " country, file, user: `multiple`; "
        " date, datetime: `is_due_date` (records are due then);"
        " unique_id: `prefix`, `sequential`, `digits`, `start`; button: `confirm`,"
        " `phrase`; reference: `project`, `multiple`, `filter`; lookup: `path`; formula: `expression`, `display`",
        examples=[{"currency": "EUR", "min": 0}],
    ),
]


Unique = Annotated[
    Literal["warn", "refuse"] | None,
    Described(description="Where two records have the same value: `warn` says so in the answer, `refuse` is a 422"),
]
Default = Annotated[Any, Described(description="The value of a new record that says nothing of it")]
Help = Annotated[str | None, Described(description="What it is for, for those who fill it in")]
Shown = Annotated[
    dict[str, Any] | None,
    Described(
        description="A filter over the record: the field is shown and asked for only then",
        examples=[{"list": ["closed_lost"]}],
    ),
]
Needed = Annotated[
    dict[str, Any] | None,
    Described(
        description="A filter over the record: then it has to be filled in", examples=[{"list": ["closed_lost"]}]
    ),
]
Folder = Annotated[str | None, Described(description="Fields of one folder stand together")]


class FieldIn(Body):
    key: Annotated[str, Described(examples=["amount"])]
    name: Annotated[str, Described(examples=["Amount"])]
    type: Type
    required: bool = False
    unique: Unique = None
    default: Default = None
    description: Help = None
    folder: Folder = None
    visible_when: Shown = None
    required_when: Needed = None
    config: Config


class FieldChange(Body):
    name: str = ""
    required: bool = False
    unique: Unique = None
    default: Default = None
    description: Help = None
    folder: Folder = None
    visible_when: Shown = None
    required_when: Needed = None
    config: Config


class FieldOut(Body):
    key: str
    name: str
    type: Type
    required: bool
    unique: Unique
    default: Default
    description: Help
    folder: Folder
    visible_when: Shown
    required_when: Needed
    config: Config
    position: int

    @classmethod
    def of(cls, each: Field) -> Self:
        return cls.model_validate(vars(each))


@router.get("", dependencies=[MAY_READ])
async def list_fields(project: str, workspace: CurrentWorkspace) -> Page[FieldOut]:
    return Page(items=[FieldOut.of(each) for each in workspace.schema(project).fields])


@router.post("", status_code=201, dependencies=[MAY_CONFIGURE])
async def add_field(project: str, body: FieldIn, transaction: Tx) -> FieldOut:
    """Lookups and formulas are checked against all projects; a cycle or a wrong type is a 422.

    409 where the project has a field of that key, or had one.
    """
    return FieldOut.of(await change_schema.add_field(transaction, project, body.given()))


@router.post("/sort", dependencies=[MAY_CONFIGURE])
async def sort_fields(project: str, body: Order, transaction: Tx) -> Page[FieldOut]:
    schema = await change_schema.sort_parts(transaction, project, "fields", body.keys)
    return Page(items=[FieldOut.of(each) for each in schema.fields])


@router.get("/{key}", dependencies=[MAY_READ])
async def read_field(project: str, key: str, workspace: CurrentWorkspace) -> FieldOut:
    return FieldOut.of(workspace.schema(project).field(key))


@router.patch("/{key}", dependencies=[MAY_CONFIGURE])
async def change_field(project: str, key: str, body: FieldChange, transaction: Tx) -> FieldOut:
    """What is left out stays; `config` is replaced whole. Key and type never change."""
    return FieldOut.of(await change_schema.change_field(transaction, project, key, body.given()))


@router.delete("/{key}", status_code=204, dependencies=[MAY_CONFIGURE])
async def remove_field(project: str, key: str, transaction: Tx) -> None:
    """Its key stays taken. 409 while a lookup, a formula or a filter is made of it."""
    await change_schema.remove_field(transaction, project, key)
