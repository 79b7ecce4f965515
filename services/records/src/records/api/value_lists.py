"""Value lists: administered sets of values that fields take their options from."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Self

from fastapi import APIRouter, Depends
from pydantic import Field

from records.api.wire import REFUSALS, Body, Order
from records.dependencies import CurrentWorkspace
from records.domain.value_list import Item, ValueList
from records.storage import value_lists
from records.usecases import change_value_lists
from shared.database import Tx
from shared.http.authentication import requires
from shared.http.command import CommandRouter
from shared.http.paging import Page

router: APIRouter = CommandRouter(prefix="/v1/value-lists", tags=["value lists"], responses=REFUSALS)
MAY_READ, MAY_ADMINISTER = Depends(requires("read")), Depends(requires("admin"))
NOTHING: Mapping[str, Any] = {}

Key = Annotated[str, Field(examples=["company_category"])]
Texts = Annotated[
    str | Mapping[str, str],
    Field(description="A text, or one by language", examples=[{"en": "Customer", "nl": "Klant"}]),
]
Said = Annotated[Mapping[str, str], Field(examples=[{"en": "Customer", "nl": "Klant"}])]
Columns = Annotated[
    Sequence[str] | Mapping[str, Any],
    Field(
        description="Further columns of the items: their names, or an object of `type` (any, text, number, boolean,"
        " option, currency), `options` and `required` by name. `from`, `to` and `currency` together are ranges of"
        " amounts, which may not overlap",
        examples=[["category_group", "lead_status_enabled"]],
    ),
]
Headings = Annotated[
    Sequence[Any],
    Field(
        description="Two levels of `key`, `name` and `headings`; an item stands under any number of them",
        examples=[[{"key": "services", "name": "Services", "headings": [{"key": "it", "name": "IT"}]}]],
    ),
]
Extra = Annotated[
    Mapping[str, Any], Field(description="Values of the list's columns", examples=[{"category_group": "customer"}])
]
Teams = Annotated[
    Sequence[str], Field(description="Only users of these teams choose it; none: everyone", examples=[["sales"]])
]
Kept = Annotated[bool, Field(description="It cannot be deleted; said when it is made")]


class ItemChange(Body):
    """What is left out stays; `extra` is replaced whole."""

    name: Texts = ""
    tooltip: Texts | None = None
    color: Annotated[str | None, Field(examples=["#16a34a"])] = None
    headings: Annotated[Sequence[str], Field(description="Keys of the list's headings")] = ()
    visible_for: Teams = ()
    extra: Extra = NOTHING


class ItemIn(ItemChange):
    key: Annotated[str | None, Field(description="Made of the name, if not given", examples=["customer"])] = None
    predefined: Kept = False


class ItemOut(Body):
    key: str
    name: Said
    tooltip: Said
    color: str | None
    position: int
    headings: Sequence[str]
    visible_for: Sequence[str]
    extra: Extra
    predefined: bool
    deleted_at: datetime | None

    @classmethod
    def of(cls, item: Item) -> Self:
        return cls.model_validate(vars(item))


class ValueListChange(Body):
    """What is left out stays."""

    name: Texts = ""
    description: Texts | None = None
    multiple: Annotated[bool, Field(description="Meant for fields that hold several: `multi_select`")] = False
    extra: Columns = NOTHING
    headings: Headings = ()


class ValueListIn(ValueListChange):
    key: Key
    predefined: Kept = False
    items: Sequence[ItemIn | str] = ()


class ValueListOut(Body):
    key: Key
    name: Said
    description: Said
    multiple: bool
    predefined: bool
    extra: Mapping[str, Any]
    headings: Sequence[Any]

    @classmethod
    def of(cls, whole: ValueList) -> Self:
        return cls.model_validate({name: getattr(whole, name) for name in ValueListOut.model_fields})


class Use(Body):
    project: str
    field: str


class WholeValueList(ValueListOut):
    items: Annotated[Sequence[ItemOut], Field(description="Deleted ones among them")]
    used_by: Annotated[Sequence[Use], Field(description="The fields that take their options from it")]


@router.get("", dependencies=[MAY_READ])
async def list_value_lists(workspace: CurrentWorkspace) -> Page[ValueListOut]:
    """Without their items, in the order of their keys."""
    return Page(items=[ValueListOut.of(each) for each in workspace.value_lists.values()])


@router.post("", status_code=201, dependencies=[MAY_ADMINISTER])
async def add_value_list(body: ValueListIn, transaction: Tx) -> WholeValueList:
    """With its items, if given. A field takes its options from it with `config: {"value_list": key}`."""
    return _whole(await change_value_lists.add_value_list(transaction, body.given()), [])


@router.get("/{key}", dependencies=[MAY_READ])
async def read_value_list(key: str, workspace: CurrentWorkspace, transaction: Tx) -> WholeValueList:
    """The uses in projects that the caller does not see are left out."""
    found = workspace.value_list(key)
    used = await value_lists.users_of(transaction.connection, key)
    return _whole(found, [Use(project=project, field=field) for project, field in used if project in workspace.by_key])


@router.patch("/{key}", dependencies=[MAY_ADMINISTER])
async def change_value_list(key: str, body: ValueListChange, transaction: Tx) -> ValueListOut:
    """422 where an item would not fit the headings or columns any more."""
    return ValueListOut.of(await change_value_lists.change_value_list(transaction, key, body.given()))


@router.delete("/{key}", status_code=204, dependencies=[MAY_ADMINISTER])
async def remove_value_list(key: str, transaction: Tx) -> None:
    """409 for a predefined one, and while a field takes its options from it."""
    await change_value_lists.remove_value_list(transaction, key)


@router.get("/{key}/items", dependencies=[MAY_READ])
async def list_items(key: str, workspace: CurrentWorkspace, *, deleted: bool | None = None) -> Page[ItemOut]:
    """In their order; with `deleted` only those that are, or are not."""
    items = [each for each in workspace.value_list(key).items if deleted in (None, each.deleted_at is not None)]
    return Page(items=[ItemOut.of(item) for item in items])


@router.post("/{key}/items", status_code=201, dependencies=[MAY_ADMINISTER])
async def add_item(key: str, body: ItemIn, transaction: Tx) -> ItemOut:
    """Behind the others. Its name, in any case and language, is no other item's, deleted ones included."""
    (added,) = await change_value_lists.add_items(transaction, key, [body.given()])
    return ItemOut.of(added)


@router.post("/{key}/items/sort", dependencies=[MAY_ADMINISTER])
async def sort_items(key: str, body: Order, transaction: Tx) -> Page[ItemOut]:
    """Deleted items may be left out: they come last."""
    whole = await change_value_lists.sort_items(transaction, key, body.keys)
    return Page(items=[ItemOut.of(item) for item in whole.items])


@router.patch("/{key}/items/{item}", dependencies=[MAY_ADMINISTER])
async def change_item(key: str, item: str, body: ItemChange, transaction: Tx) -> ItemOut:
    """All fields show it the new way at once; records keep its key."""
    return ItemOut.of(await change_value_lists.change_item(transaction, key, item, body.given()))


@router.delete("/{key}/items/{item}", dependencies=[MAY_ADMINISTER])
async def delete_item(key: str, item: str, transaction: Tx) -> ItemOut:
    """It is not chosen any more; records that have it go on showing it. 409 for a predefined one."""
    return ItemOut.of(await change_value_lists.delete_item(transaction, key, item))


@router.post("/{key}/items/{item}/restore", dependencies=[MAY_ADMINISTER])
async def restore_item(key: str, item: str, transaction: Tx) -> ItemOut:
    return ItemOut.of(await change_value_lists.restore_item(transaction, key, item))


def _whole(found: ValueList, used: Sequence[Use]) -> WholeValueList:
    items = [ItemOut.of(item) for item in found.items]
    return WholeValueList(**ValueListOut.of(found).model_dump(), items=items, used_by=used)
