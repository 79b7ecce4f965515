"""Writing many records of a project at once: all of them or none."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from uuid_utils import uuid7

from records.domain.drafts import BACKDATING, Draft, read_draft, record_from
from records.domain.edits import Edit, read_edit
from records.domain.identifiers import is_identifier
from records.domain.pointers import pointer, under
from records.domain.record import Record
from records.domain.schema import Schema
from records.domain.versions import Version, first_version
from records.domain.workspace import Workspace
from records.storage import records
from records.usecases.check_links import check_many_links
from records.usecases.save_versions import Saved, save_versions
from records.usecases.update_record import updated
from shared.database import Transaction
from shared.errors import FieldError, Invalid

# So many mistakes are listed; whoever has more has made one of them very often.
MOST_ERRORS = 100

Item = Mapping[str, Any]


async def bulk_write(transaction: Transaction, workspace: Workspace, schema: Schema, items: Sequence[Item]) -> Saved:
    """The records after it, in the order of the items: those with an ``id`` are updates, the others new.

    Raises `Invalid` with the mistakes of all items, as ``/items/17/values/amount``; then nothing was done.
    """
    parts = _each(items, lambda item: _read(item, schema, transaction))
    edits = [part.edit if isinstance(part, Draft) else part for part in parts]
    await check_many_links(
        transaction, workspace, schema, {pointer("items", number): edit for number, edit in enumerate(edits)}
    )
    held = await _held(transaction, workspace, schema, items)
    versions = _each(
        list(zip(items, parts, strict=True)), lambda pair: _version(transaction, schema, held, pair[0], pair[1])
    )
    places = [pointer("items", number) for number in range(len(versions))]
    return await save_versions(transaction, schema, versions, places)


def _read(item: Item, schema: Schema, transaction: Transaction) -> Draft | Edit:
    if item.get("id") is None:
        return read_draft(item, schema, transaction.now)
    for name in sorted({"list", *BACKDATING} & set(item)):
        raise Invalid.at(f"/{name}", f"'{name}' is for new records; an existing one is moved with /move.")
    return read_edit(item, schema)


async def _held(
    transaction: Transaction, workspace: Workspace, schema: Schema, items: Sequence[Item]
) -> dict[str, Record]:
    """The records to be changed, locked. Raises `Invalid` for those that are not there, or named twice."""
    wanted = [(number, item["id"]) for number, item in enumerate(items) if item.get("id") is not None]
    ids = {record_id for _, record_id in wanted if is_identifier(record_id)}
    locked = await records.lock(transaction.connection, ids) if ids else {}
    held = {
        each.id: each
        for each in workspace.shown(locked).values()
        if each.project_id == schema.project.id and each.deleted_at is None
    }
    errors, seen = list[FieldError](), set[str]()
    for number, record_id in wanted:
        if record_id not in held or record_id in seen:
            fault = "comes twice" if record_id in seen else f"is no record of '{schema.project.key}'"
            errors.append(FieldError(pointer("items", number, "id"), f"'{record_id}' {fault}."))
        seen.add(record_id)
    _raise(errors)
    return held


def _version(
    transaction: Transaction, schema: Schema, held: Mapping[str, Record], item: Item, part: Draft | Edit
) -> Version:
    if isinstance(part, Draft):
        return first_version(record_from(part, schema, str(uuid7()), transaction.now))
    return updated(transaction, schema, held[item["id"]], part)


def _each(items: Sequence[Any], step: Callable[[Any], Any]) -> list[Any]:
    """The step's results for all items. Raises `Invalid` with the mistakes of all of them, each under its item."""
    results, errors = list[Any](), list[FieldError]()
    for number, item in enumerate(items):
        try:
            results.append(step(item))
        except Invalid as problem:
            errors += under(pointer("items", number), problem)
    _raise(errors)
    return results


def _raise(errors: list[FieldError]) -> None:
    if errors:
        summary = f"{len(errors)} mistakes, the first: " if len(errors) > 1 else ""
        raise Invalid(f"{summary}{errors[0].detail} Nothing was written.", errors[:MOST_ERRORS])
