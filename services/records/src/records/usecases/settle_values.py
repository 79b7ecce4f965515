"""What a record's values become as they are written: numbers are given out, files known, and same values noticed.

It belongs to writing, not to reading what a caller sent: it holds for every way a record is written.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from records.domain.due_dates import due_by_field
from records.domain.entry import missing_on_entry
from records.domain.field_conditions import missing_now
from records.domain.pointers import pointer
from records.domain.schema import Field, Schema
from records.domain.versions import Version, with_value
from records.storage import files, records, unique_values, workspaces
from records.storage.unique_values import Held, digest_of
from records.usecases.number_records import number_records
from records.usecases.reserved_choices import reserved_choices
from shared.database import Transaction
from shared.errors import FieldError, Invalid

MOST_ERRORS = 100


@dataclass(frozen=True)
class SameValue:
    """A value that was taken, though it may be a mistake: the other ``record`` has it too."""

    pointer: str
    detail: str
    record: str


async def settle_values(
    transaction: Transaction, seen: Schema, versions: Sequence[Version], places: Sequence[str]
) -> tuple[list[Version], list[SameValue]]:
    """The versions as they are to be written. ``places`` are where each stands in the caller's body.

    What the caller does not see asks nothing of them, and is settled all the same. Raises `Invalid` with every mistake.
    """
    schema = seen.whole or seen
    errors = [
        FieldError(place + each.pointer, each.detail)
        for version, place in zip(versions, places, strict=True)
        for each in missing_on_entry(version, seen)
    ]
    versions, missing = await _by_conditions(transaction, seen, versions, places)
    numbered, wrong = await number_records(transaction, schema, versions, places)
    settled, unknown = await _with_files(transaction, schema, numbered, places)
    taken, warned = await _same_values(transaction, schema, settled, places)
    errors += [*missing, *wrong, *unknown, *taken, *await reserved_choices(transaction, schema, settled, places)]
    if errors:
        raise Invalid("; ".join(each.detail for each in errors[:3]), errors[:MOST_ERRORS])
    return settled, warned


async def _by_conditions(
    transaction: Transaction, seen: Schema, versions: Sequence[Version], places: Sequence[str]
) -> tuple[Sequence[Version], list[FieldError]]:
    """The versions with the due times that fields say, and the fields that have to be filled in now."""
    schema, asked = seen.whole or seen, [field.key for field in seen.fields if field.required_when]
    if schema.due_field is None and not asked:
        return versions, []
    workspace = await workspaces.current(transaction.connection)
    conditions, known = workspace.required_when[schema.project.id], workspace.expressions
    wanted = {key: conditions[key] for key in asked}
    errors = [
        FieldError(place + each.pointer, each.detail)
        for version, place in zip(versions, places, strict=True)
        for each in missing_now(version, schema, wanted, known, transaction.now)
    ]
    return [due_by_field(version, schema, workspace.timezone) for version in versions], errors


async def _with_files(
    transaction: Transaction, schema: Schema, versions: list[Version], places: Sequence[str]
) -> tuple[list[Version], list[FieldError]]:
    """Each file as it was uploaded, whatever the caller says of it."""
    fields = schema.fields_of("file")
    wanted = {each["id"] for version in versions for field in fields for each in _newly(version, field)}
    known = await files.find(transaction.connection, wanted) if wanted else {}
    settled, errors = list(versions), list[FieldError]()
    for number, version in enumerate(versions if wanted else ()):
        for field in fields:
            named = _newly(version, field)
            errors += [
                FieldError(places[number] + pointer("values", field.key), f"There is no file '{each['id']}'.")
                for each in named
                if each["id"] not in known
            ]
            if named and not errors:
                settled[number] = with_value(settled[number], field.key, [known[each["id"]].value for each in named])
    return settled, errors


async def _same_values(
    transaction: Transaction, schema: Schema, versions: Sequence[Version], places: Sequence[str]
) -> tuple[list[FieldError], list[SameValue]]:
    errors, warned = list[FieldError](), list[SameValue]()
    held = [
        (place, each) for version, place in zip(versions, places, strict=True) for each in held_values(version, schema)
    ]
    wanted = [each for _, each in held]
    seen = await unique_values.holders(transaction.connection, schema.project.id, wanted) if wanted else {}
    told = await _readable(transaction, schema, {id_ for same in seen.values() for id_ in same})
    for place, each in held:
        if each.digest is None:
            continue
        same = seen.setdefault((each.field, each.digest), [])
        other = next((id_ for id_ in same if id_ != each.record_id and (each.exclusive or id_ in told)), None)
        same.append(each.record_id)
        told.add(each.record_id)
        if other is not None:
            where, what = place + pointer("values", each.field), f"Another record has this '{each.field}' already."
            if each.exclusive:
                errors.append(FieldError(where, what))
            else:
                warned.append(SameValue(where, what, other))
    return errors, warned


async def _readable(transaction: Transaction, schema: Schema, ids: set[str]) -> set[str]:
    """Those of the records that may be named to the caller. A value that only one may have is refused all the same."""
    policy = transaction.policy
    if policy is None or not policy.is_bound:
        return ids
    found = await records.find(transaction.connection, ids) if ids else {}
    return {key for key, each in found.items() if policy.may_read_record(schema.project, vars(each))}


def held_values(version: Version, schema: Schema) -> list[Held]:
    """What of a version's values is to be told apart, where it differs from before."""
    before = version.before
    was_live = before is not None and before.deleted_at is None
    is_live = version.after.deleted_at is None
    changed: list[Held] = []
    for field in schema.unique_fields:
        old = before.values.get(field.key) if before is not None and was_live else None
        new = version.after.values.get(field.key) if is_live else None
        if old != new:
            digest = digest_of(new) if new else None
            changed.append(Held(version.after.id, field.key, digest, field.unique == "refuse"))
    return changed


def _newly(version: Version, field: Field) -> Any:
    """The files of a field that this version changes."""
    after = version.after.values.get(field.key)
    before = version.before.values.get(field.key) if version.before else None
    return after if after and after != before else []
