"""Giving select fields the options that a file names and they lack."""

from collections.abc import Mapping, Sequence

from records.domain.options import key_from, names_of
from records.domain.schema import Field, Schema
from records.storage import workspaces
from records.usecases.change_schema import change_field
from records.usecases.change_value_lists import add_items
from shared.database import Transaction


async def add_options(transaction: Transaction, schema: Schema, names: Mapping[str, Sequence[str]]) -> None:
    """``names`` are by field. Raises `Invalid` where a field would have too many."""
    for key, wanted in names.items():
        field = schema.field(key)
        if "value_list" in field.config:
            await _add_items(transaction, field, wanted)
            continue
        options = [dict(option) for option in field.config["options"]]
        taken, written = {option["key"] for option in options}, set[str]()
        for name in wanted:
            if name.casefold() not in written:
                written.add(name.casefold())
                options.append({"key": _free(key_from(name), taken), "name": name})
        await change_field(transaction, schema.project.id, key, {"config": {**field.config, "options": options}})


async def _add_items(transaction: Transaction, field: Field, wanted: Sequence[str]) -> None:
    """The list that serves the field has them, for all its fields."""
    workspace = await workspaces.current(transaction.connection)
    items = workspace.value_list(field.config["value_list"]).items
    known = {name for item in items for name in names_of(item.option)}
    taken = {item.key for item in items}
    new = {name.casefold(): name for name in wanted if name.casefold() not in known}
    given = [{"key": _free(key_from(name), taken), "name": name} for name in new.values()]
    await add_items(transaction, field.config["value_list"], given)


def _free(wanted: str, taken: set[str]) -> str:
    """A key that no other option has: ``option``, ``option_2`` … for names without letters."""
    base = wanted if wanted[:1].isalpha() else f"option_{wanted}".strip("_")
    key, number = base[:60], 1
    while key in taken:
        number += 1
        key = f"{base[:56]}_{number}"
    taken.add(key)
    return key
