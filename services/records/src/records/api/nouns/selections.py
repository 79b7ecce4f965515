"""Selections in a configuration: those with a key. What people choose for themselves is not part of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from records.api.nouns import read_as, unusual
from records.api.wire import Body
from records.domain.schema import Schema
from records.domain.schema_parts import checked_key
from records.domain.selection import Compare, Selection, SelectionKind
from records.storage import selections, workspaces
from records.usecases.change_selections import change_selection, create_selection, remove_selection
from records.usecases.configure import Noun
from shared.database import Transaction
from shared.errors import Invalid


class Thing(Body):
    """``of`` names selections of the same project by their keys. The members of a static one are chosen by people."""

    key: str
    name: str
    kind: SelectionKind = "dynamic"
    criteria: Any = None
    of: Sequence[str] = ()
    compare: Compare | None = None


async def _read(transaction: Transaction, schema: Schema) -> list[dict[str, Any]]:
    found = await selections.keyed(transaction.connection, schema.project.id)
    keys = {each.id: each.key for each in found}
    return [unusual(Thing, vars(each) | {"of": [keys.get(part) or part for part in each.parts]}) for each in found]


async def _put(transaction: Transaction, project: str, thing: Mapping[str, Any]) -> None:
    body = read_as(Thing, thing)
    checked_key(body.key)
    workspace = await workspaces.current(transaction.connection)
    schema = workspace.schema(project)
    known = {str(each.key): each for each in await selections.keyed(transaction.connection, schema.project.id)}
    ids = [known[each].id if each in known else each for each in body.of]
    given = {"name": body.name, "criteria": body.criteria, "of": ids or None, "compare": body.compare}
    given = {name: part for name, part in given.items() if part is not None}
    before = known.get(body.key)
    if before is None:
        await create_selection(
            transaction, workspace, {"project": project, "key": body.key, "kind": body.kind, **given}
        )
    elif before.kind != body.kind:
        raise Invalid.at("/kind", f"It is a {before.kind} selection, and stays so; give another one another key.")
    elif _differs(before, given):
        await change_selection(transaction, workspace, before.id, given)


def _differs(before: Selection, given: Mapping[str, Any]) -> bool:
    held = {"name": before.name, "criteria": before.criteria, "of": list(before.parts), "compare": before.compare}
    return any(held[name] != part for name, part in given.items())


async def _remove(transaction: Transaction, project: str, key: str) -> None:
    schema = (await workspaces.current(transaction.connection)).schema(project)
    found = await selections.keyed(transaction.connection, schema.project.id)
    await remove_selection(transaction, next(each.id for each in found if each.key == key))


NOUN = Noun("selections", 80, _read, _put, _remove)
