"""Setting up a project."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from uuid_utils.compat import uuid7

from records.domain.pointers import pointer, under
from records.domain.schema import KeyTaken, Project, Schema
from records.domain.schema_parts import changed_project, checked_key, checked_name, new_field, new_list, new_tag
from records.domain.snapshots import project_changed
from records.domain.workspace import Workspace, check
from records.storage import schemas, workspaces
from records.usecases.announce import announce
from shared.database import Transaction
from shared.errors import FieldError, Invalid


async def create_project(transaction: Transaction, given: Mapping[str, Any]) -> Schema:
    """A project, with the lists, fields and tags of the API's object. Raises `Invalid`, `KeyTaken`."""
    return (await create_projects(transaction, [given]))[0]


async def create_projects(
    transaction: Transaction, given: Sequence[Mapping[str, Any]], places: Sequence[str] = ()
) -> list[Schema]:
    """Several at once, whose fields may refer to each other. ``places`` are where they stand in what was sent."""
    workspace = await workspaces.for_change(transaction.connection)
    where = places or [""] * len(given)
    made = [_at(place, _schema, each, workspace, transaction) for place, each in zip(where, given, strict=True)]
    for schema in made:
        if schema.project.key in workspace.by_key:
            raise KeyTaken(f"There is a project '{schema.project.key}' already.")
    whole = workspace.with_schemas(*made)
    for place, schema in zip(where, made, strict=True):
        _at(place, _check, whole, schema)
        await schemas.add_project(transaction.connection, schema)
        announce(transaction, project_changed(schema))
    return made


def _at(place: str, do: Callable[..., Any], *arguments: Any) -> Any:
    """Do it, and tell mistakes as of that place."""
    try:
        return do(*arguments)
    except Invalid as problem:
        raise Invalid(problem.detail, under(place, problem)) from problem


def _check(workspace: Workspace, schema: Schema) -> None:
    """Pointers by position, as the fields stand in the body."""
    try:
        check(workspace, schema.project.key)
    except Invalid as problem:
        places = {f"/fields/{field.key}": pointer("fields", n) for n, field in enumerate(schema.fields)}
        raise Invalid(problem.detail, [_moved(each, places) for each in problem.errors]) from problem


def _moved(error: FieldError, places: Mapping[str, str]) -> FieldError:
    head = "/".join(error.pointer.split("/")[:3])
    return FieldError(places.get(head, head) + error.pointer.removeprefix(head), error.detail)


def _schema(given: Mapping[str, Any], workspace: Workspace, transaction: Transaction) -> Schema:
    now = transaction.now
    project = Project(
        str(uuid7()), checked_key(given.get("key")), checked_name(given.get("name")), 1, created_at=now, updated_at=now
    )
    project = changed_project(
        project, {name: given[name] for name in ("default_fields", "record_label") if name in given}
    )
    lists = _parts(given, "lists", new_list)
    fields = _parts(given, "fields", partial(new_field, value_lists=workspace.value_lists))
    tags = _parts(given, "tags", new_tag)
    return Schema(project, lists, fields, tags)


def _parts(given: Mapping[str, Any], name: str, make: Any) -> tuple[Any, ...]:
    """The parts made of their objects, each key once; mistakes are told by their position."""
    parts, errors = list[Any](), list[FieldError]()
    for position, each in enumerate(given.get(name) or ()):
        try:
            part = make(each, position)
        except Invalid as problem:
            errors += under(pointer(name, position), problem)
            continue
        if part.key in {other.key for other in parts}:
            errors.append(FieldError(pointer(name, position, "key"), f"The key '{part.key}' comes twice."))
        parts.append(part)
    if errors:
        raise Invalid("; ".join(each.detail for each in errors[:3]), errors)
    return tuple(parts)
