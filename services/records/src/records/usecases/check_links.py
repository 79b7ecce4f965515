"""Holding what an edit names against what there is: linked records, their filters, and users."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from records.domain.edits import Edit
from records.domain.pointers import pointer
from records.domain.record import Record
from records.domain.schema import Field, Schema
from records.domain.workspace import Workspace
from records.storage import records, users
from records.storage.queries import matching
from shared.database import Transaction
from shared.errors import FieldError, Invalid
from shared.expressions import Kind


async def check_links(
    transaction: Transaction, workspace: Workspace, schema: Schema, edits: Mapping[str, Edit]
) -> dict[str, Record]:
    """The records linked to, by id. ``edits`` are by their place in the body.

    Raises `Invalid` for every user and record that may not be named.
    """
    errors = await _unknown_users(transaction, schema, edits)
    fields = [field for field in schema.stored_fields if field.behaviour.kind is Kind.LINK]
    targets = {target for edit in edits.values() for ids in edit.links.values() for target in ids}
    linked = await records.find(transaction.connection, targets) if targets else {}
    for field in fields:
        errors += await _wrong_links(transaction, workspace, field, edits, linked)
    if errors:
        raise Invalid("; ".join(each.detail for each in errors[:3]), errors)
    return linked


async def _wrong_links(
    transaction: Transaction,
    workspace: Workspace,
    field: Field,
    edits: Mapping[str, Edit],
    linked: Mapping[str, Record],
) -> list[FieldError]:
    wanted: dict[str, list[str]] = defaultdict(list)
    for place, edit in edits.items():
        for target in edit.links.get(field.key, ()):
            wanted[target].append(place + pointer("values", field.key))
    project, condition = workspace.by_key[field.config["project"]].project, field.config.get("filter")
    there = {key for key in wanted if key in linked and linked[key].project_id == project.id}
    if there and condition:
        there = await matching(transaction, workspace, project.key, condition, there)
    suitable = " that its filter allows" if condition else ""
    return [
        FieldError(place, f"'{field.name}' links to '{target}', which is no record of '{project.key}'{suitable}.")
        for target, places in wanted.items()
        if target not in there
        for place in places
    ]


async def _unknown_users(transaction: Transaction, schema: Schema, edits: Mapping[str, Edit]) -> list[FieldError]:
    fields = [field.key for field in schema.stored_fields if field.behaviour.kind is Kind.USER]
    wanted: dict[str, list[str]] = defaultdict(list)
    for place, edit in edits.items():
        for user, where in _users(edit, fields):
            wanted[user].append(place + where)
    known = await users.existing(transaction.connection, wanted) if wanted else frozenset()
    return [
        FieldError(place, f"There is no user '{user}'.")
        for user, places in wanted.items()
        if user not in known
        for place in places
    ]


def _users(edit: Edit, fields: Sequence[str]) -> Iterable[tuple[str, str]]:
    """The users an edit names, each with its place."""
    for position, user in enumerate(edit.attributes.get("assignees", ())):
        yield user, pointer("assignees", position)
    for key in fields:
        if edit.values.get(key):
            yield edit.values[key], pointer("values", key)
