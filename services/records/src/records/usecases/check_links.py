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
    targets = _targets(edits)
    linked = workspace.shown(await records.find(transaction.connection, targets)) if targets else {}
    projects = {key: record.project_id for key, record in linked.items()}
    await _check(transaction, workspace, schema, edits, projects)
    return linked


async def check_many_links(
    transaction: Transaction, workspace: Workspace, schema: Schema, edits: Mapping[str, Edit]
) -> None:
    """As `check_links`, without reading more of the records than where they are."""
    if workspace.policy is not None:
        await check_links(transaction, workspace, schema, edits)
        return
    targets = _targets(edits)
    projects = await records.projects_of(transaction.connection, targets) if targets else {}
    await _check(transaction, workspace, schema, edits, projects)


def _targets(edits: Mapping[str, Edit]) -> set[str]:
    return {target for edit in edits.values() for ids in edit.links.values() for target in ids}


async def _check(
    transaction: Transaction,
    workspace: Workspace,
    schema: Schema,
    edits: Mapping[str, Edit],
    projects: Mapping[str, str],
) -> None:
    errors = await _unknown_users(transaction, schema, edits)
    for field in schema.stored_fields:
        if field.behaviour.kind is Kind.LINK:
            errors += await _wrong_links(transaction, workspace, field, edits, projects)
    if errors:
        raise Invalid("; ".join(each.detail for each in errors[:3]), errors)


async def _wrong_links(
    transaction: Transaction,
    workspace: Workspace,
    field: Field,
    edits: Mapping[str, Edit],
    projects: Mapping[str, str],
) -> list[FieldError]:
    wanted: dict[str, list[str]] = defaultdict(list)
    for place, edit in edits.items():
        for target in edit.links.get(field.key, ()):
            wanted[target].append(place)
    project, condition = workspace.by_key[field.config["project"]].project, field.config.get("filter")
    there = {key for key in wanted if projects.get(key) == project.id}
    if there and condition:
        there = await matching(transaction, workspace, project.key, condition, there)
    suitable = " that its filter allows" if condition else ""
    return [
        FieldError(
            place + pointer("values", field.key),
            f"'{field.name}' links to '{target}', which is no record of '{project.key}'{suitable}.",
        )
        for target, places in wanted.items()
        if target not in there
        for place in places
    ]


async def _unknown_users(transaction: Transaction, schema: Schema, edits: Mapping[str, Edit]) -> list[FieldError]:
    fields = [field.key for field in schema.stored_fields if field.type == "user"]
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
        named = edit.values.get(key) or ()
        for user in [named] if isinstance(named, str) else named:
            yield user, pointer("values", key)
