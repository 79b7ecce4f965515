"""Value lists in a configuration, with their items. An item that is taken out is deleted: records go on showing it."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from records.api.nouns import read_as, unusual
from records.api.value_lists import ItemIn, ValueListIn
from records.domain.value_list import Item, ValueList
from records.storage import workspaces
from records.usecases import change_value_lists as changing
from records.usecases.configure import Noun
from shared.database import Transaction


class KeyedItem(ItemIn):
    key: str


class Thing(ValueListIn):
    """``items`` are all there are to be chosen, in their order."""

    items: Annotated[Sequence[KeyedItem], Field(default_factory=tuple)]


async def _read(transaction: Transaction, _: None) -> list[dict[str, Any]]:
    workspace = await workspaces.current(transaction.connection)
    return [_said(each) for each in workspace.value_lists.values()]


def _said(found: ValueList) -> dict[str, Any]:
    items = [unusual(KeyedItem, vars(each)) for each in found.items if each.deleted_at is None]
    whole: dict[str, Any] = dict(unusual(Thing, vars(found) | {"items": ()}))
    return whole | {"items": items} if items else whole


async def _put(transaction: Transaction, _: None, thing: Mapping[str, Any]) -> None:
    body = read_as(Thing, thing)
    before = (await workspaces.current(transaction.connection)).value_lists.get(body.key)
    if before is None:
        await changing.add_value_list(transaction, body.given())
        return
    whole = body.model_dump(exclude={"key", "predefined", "items"})
    await changing.change_value_list(transaction, body.key, whole)
    known = {each.key: each for each in before.items}
    for item in body.items:
        await _put_item(transaction, body.key, known.get(item.key), item)
    named = [item.key for item in body.items]
    for key, there in known.items():
        if key not in named and there.deleted_at is None:
            await changing.delete_item(transaction, body.key, key)
    await changing.sort_items(transaction, body.key, named)


async def _put_item(transaction: Transaction, key: str, before: Item | None, wanted: KeyedItem) -> None:
    if before is None:
        await changing.add_items(transaction, key, [wanted.given()])
        return
    if before.deleted_at is not None:
        await changing.restore_item(transaction, key, before.key)
    await changing.change_item(transaction, key, before.key, wanted.model_dump(exclude={"key", "predefined"}))


async def _remove(transaction: Transaction, _: None, key: str) -> None:
    await changing.remove_value_list(transaction, key)


NOUN = Noun("value_lists", -10, _read, _put, _remove, is_in_project=False)
