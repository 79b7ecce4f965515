"""The one way in which records change: rows, history and one event a version, in one transaction."""

from collections.abc import Sequence

from records.domain.schema import Schema
from records.domain.versions import Version, event_of
from records.storage import versions as rows
from records.usecases.follow_guides import follow_guides
from shared.database import Transaction


async def save_versions(transaction: Transaction, schema: Schema, versions: Sequence[Version]) -> None:
    """Write the versions of records of one project, and let their events leave with the commit."""
    phones = [field.key for field in schema.fields if field.type == "phone"]
    new = [version for version in versions if version.before is None]
    later = [version for version in versions if version.before is not None]
    if new:
        await rows.add(transaction.connection, new, phones, transaction.actor)
    if later:
        await rows.change(transaction.connection, later, phones, transaction.actor)
    await follow_guides(transaction, schema, versions)
    for version in versions:
        transaction.publish(event_of(version, schema, transaction.actor))
