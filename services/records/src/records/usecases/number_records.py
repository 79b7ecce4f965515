"""The numbers of records: each that is written and has none is given its own, and those brought along are kept."""

from collections.abc import Mapping, Sequence

from records.domain.fields.unique_id import TYPE as UNIQUE_ID
from records.domain.pointers import pointer
from records.domain.schema import Field, Schema
from records.domain.versions import Version, with_value
from records.storage import numbers
from shared.database import Transaction
from shared.errors import FieldError


async def number_records(
    transaction: Transaction, schema: Schema, versions: Sequence[Version], places: Sequence[str]
) -> tuple[list[Version], list[FieldError]]:
    """The versions with their numbers. One brought along is wrong where it is taken, or its bearer may not bring it."""
    settled, errors = list(versions), list[FieldError]()
    for field in schema.fields_of("unique_id"):
        brought = {n: each.after.values[field.key] for n, each in enumerate(versions) if _brings(each, field.key)}
        if brought:
            reasons = await _refused(transaction, schema, field, brought)
            errors += [FieldError(places[n] + pointer("values", field.key), why) for n, why in reasons.items()]
        bare = [n for n, each in enumerate(versions) if _is_bare(each, field.key)]
        for place, number in zip(bare, await _draw(transaction, schema, field, len(bare)), strict=True):
            settled[place] = with_value(settled[place], field.key, UNIQUE_ID.written(number, field.config))
    return settled, errors


def _brings(version: Version, key: str) -> bool:
    return key in version.after.values and (version.before is None or key not in version.before.values)


def _is_bare(version: Version, key: str) -> bool:
    return version.after.deleted_at is None and key not in version.after.values


async def _draw(transaction: Transaction, schema: Schema, field: Field, count: int) -> Sequence[int | None]:
    """One statement a field."""
    if not count or not field.config["sequential"]:
        return [None] * count
    return await numbers.take(transaction.connection, schema.project.id, field.key, count)


async def _refused(
    transaction: Transaction, schema: Schema, field: Field, brought: Mapping[int, str]
) -> Mapping[int, str]:
    """Why some may not be; numbers given out from now on are behind the others."""
    if transaction.policy is not None and not transaction.policy.may_backdate():
        return dict.fromkeys(brought, f"'{field.name}' is given out; to bring one along takes the scope 'backdate'.")
    held = await numbers.claim(transaction.connection, schema.project.id, field.key, set(brought.values()))
    seen, refused = {each.casefold() for each in held}, dict[int, str]()
    for place, written in brought.items():
        if written.casefold() in seen:
            refused[place] = f"Another record has the '{field.name}' {written} already."
        seen.add(written.casefold())
    given = [UNIQUE_ID.number_of(each, field.config) or 0 for each in brought.values()]
    if not refused and max(given) > 0:
        await numbers.go_on_behind(transaction.connection, schema.project.id, field.key, max(given))
    return refused
