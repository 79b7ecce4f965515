"""The one way in which records change: rows, history and one event a version, in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from records.domain.consent import FIELD as CONSENT
from records.domain.consent import Ground
from records.domain.record import Record
from records.domain.rights import check_version
from records.domain.schema import Schema
from records.domain.versions import Version, event_of
from records.storage import files, unique_values
from records.storage import versions as rows
from records.usecases.follow_guides import follow_guides
from records.usecases.heed_erased import heed_erased
from records.usecases.keep_consents import keep_consents, without_withdrawn
from records.usecases.settle_values import SameValue, held_values, settle_values
from shared.database import Transaction


@dataclass(frozen=True)
class Saved:
    """The records as they are now, in the order of the versions given; ``linked`` is what was read of their links."""

    records: Sequence[Record]
    warnings: Sequence[SameValue] = ()
    linked: Mapping[str, Record] = field(default_factory=dict)


async def save_versions(
    transaction: Transaction,
    schema: Schema,
    versions: Sequence[Version],
    places: Sequence[str] = (),
    ground: Ground | None = None,
) -> Saved:
    """Write the versions of records of one project, and let their events leave with the commit.

    ``places`` are where each stands in the caller's body, ``ground`` is how consents in them are known. Raises
    `Invalid` for what its list or its values forbid, `Forbidden` for what the rights of whoever asked do not reach.
    What they do not see of the project is kept, too.
    """
    if transaction.policy is not None and transaction.policy.is_bound:
        for version in versions:
            check_version(transaction.policy, schema.project, version)
    seen, schema = schema, schema.whole or schema
    if schema.fields_of(CONSENT):
        versions = await without_withdrawn(transaction, schema, versions, ground)
    await heed_erased(transaction, schema, versions, places, ground)
    settled, warned = await settle_values(transaction, seen, versions, places or [""] * len(versions))
    written = [version for version in settled if version.changes or version.kind != "updated"]
    for version in written:
        transaction.publish(event_of(version, schema, transaction.actor))
    await _write(transaction, schema, written)
    if schema.fields_of(CONSENT):
        await keep_consents(transaction, schema, written, ground)
    after = {version.after.id: version.after for version in written}
    return Saved([after.get(each.after.id) or each.before or each.after for each in settled], warned)


async def _write(transaction: Transaction, schema: Schema, versions: Sequence[Version]) -> None:
    connection, phones = transaction.connection, [field.key for field in schema.fields_of("phone")]
    new = [version for version in versions if version.before is None]
    later = [version for version in versions if version.before is not None]
    if new:
        await rows.add(transaction, new, phones)
    if later:
        await rows.change(transaction, later, phones)
    if held := [each for version in versions for each in held_values(version, schema)]:
        await unique_values.keep(connection, schema.project.id, held)
    if fields := [field.key for field in schema.fields_of("file")]:
        await files.keep_uses(connection, versions, fields)
    await follow_guides(transaction, schema, versions)
