"""Keeping what people agree to and withdraw, however the records that say so are written."""

from collections.abc import Sequence
from dataclasses import replace

from records.domain.changes import changes_between
from records.domain.consent import Consent, Ground, consent_fields, entries, ground_of, held
from records.domain.record import Record
from records.domain.schema import Schema
from records.domain.snapshots import record_snapshot
from records.domain.versions import Version
from records.storage import consents
from shared.contracts.records import ConsentChanged
from shared.database import Transaction


async def keep_consents(
    transaction: Transaction, schema: Schema, versions: Sequence[Version], ground: Ground | None
) -> None:
    """What these versions give and withdraw, on that ground; without one, on that of whoever acts."""
    known = ground or ground_of(transaction.actor)
    found = [
        (version.after, each) for version in versions for each in entries(version, schema, known, transaction.actor)
    ]
    await keep(transaction, schema, found)


async def without_withdrawn(
    transaction: Transaction, schema: Schema, versions: Sequence[Version], ground: Ground | None
) -> list[Version]:
    """Without what would be given again to who withdrew it, by somebody who did not hear them say so."""
    regained = {version.after.id for version in versions if version.before and _gains(version, schema)}
    if not (ground or ground_of(transaction.actor)).unheard or not regained:
        return list(versions)
    last = await consents.newest(transaction.connection, regained)
    refused = {(each.record_id, each.field, each.option) for each in last if each.state == "withdrawn"}
    return [_without(version, schema, refused) for version in versions]


def _gains(version: Version, schema: Schema) -> bool:
    return any(
        set(held(version.after, each.key)) - set(held(version.before, each.key)) for each in consent_fields(schema)
    )


def _without(version: Version, schema: Schema, refused: set[tuple[str, str, str]]) -> Version:
    values = dict(version.after.values)
    for known in consent_fields(schema):
        before = held(version.before, known.key)
        kept = [
            option
            for option in held(version.after, known.key)
            if option in before or (version.after.id, known.key, option) not in refused
        ]
        values.pop(known.key, None)
        values |= {known.key: kept} if kept else {}
    after = replace(version.after, values=values)
    return replace(version, after=after, changes=changes_between(version.before, after))


async def keep(transaction: Transaction, schema: Schema, found: Sequence[tuple[Record, Consent]]) -> None:
    await consents.add(transaction.connection, [each for _, each in found])
    for record, each in found:
        parts = vars(each) | {"record": record_snapshot(record, schema)}
        transaction.publish(ConsentChanged.model_validate(parts))
