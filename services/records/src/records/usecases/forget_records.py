"""A person's own records: gone for ever, or without what told whose they are."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from records.domain.record import Record
from records.domain.versions import Version, event_of
from records.domain.workspace import Workspace
from records.storage import persons, records, trash, versions
from shared.database import Transaction
from shared.expressions import Kind

# What may say who somebody is.
PERSONAL = frozenset({Kind.TEXT, Kind.PLACE, Kind.FILE})
ANONYMOUS = "Anonymous"


async def delete_for_ever(transaction: Transaction, workspace: Workspace, ids: Collection[str]) -> list[str]:
    """With all that was on them; every service hears of their end, of nothing else. Returns digests of files to go."""
    for record in (await records.lock(transaction.connection, list(ids))).values():
        blank = Record(
            id=record.id,
            project_id=record.project_id,
            list=record.list,
            title="",
            created_at=record.created_at,
            updated_at=transaction.now,
            entered_list_at=record.entered_list_at,
            last_activity_at=record.last_activity_at,
            deleted_at=transaction.now,
            version=record.version + 1,
        )
        if schema := workspace.schemas.get(record.project_id):
            transaction.publish(event_of(Version("deleted", None, blank, {}), schema, transaction.actor))
    digests = await persons.forget_files(transaction.connection, ids)
    await trash.purge(transaction.connection, list(ids))
    return digests


async def blank(transaction: Transaction, workspace: Workspace, held: Mapping[str, Collection[str]]) -> None:
    """Clear these fields of these records; neither their history nor the event says what stood there."""
    for record in (await records.lock(transaction.connection, list(held))).values():
        schema, keys = workspace.schemas.get(record.project_id), held[record.id]
        if schema is None:
            continue
        left = {key: value for key, value in record.values.items() if key not in keys}
        after = replace(record, values=left, version=record.version + 1, updated_at=transaction.now)
        version = Version("updated", record, after, {key: {"before": None, "after": None} for key in sorted(keys)})
        phones = [field.key for field in schema.fields_of("phone")]
        await versions.change(transaction, [version], phones)
        await persons.forget_unique(transaction.connection, record.id, keys)
        transaction.publish(event_of(version, schema, transaction.actor))


async def anonymise(transaction: Transaction, workspace: Workspace, ids: Collection[str]) -> list[str]:
    """Of these records stay numbers, dates, choices, stages and links: what charts are made of. Digests of files to go.

    What was written freely on them, their history's values, documents and answers to forms go.
    """
    live = [each for each in (await records.lock(transaction.connection, list(ids))).values() if not each.deleted_at]
    for record in live:
        schema = workspace.schemas[record.project_id]
        gone = {field.key for field in schema.fields if field.kind in PERSONAL}
        left = {key: value for key, value in record.values.items() if key not in gone}
        after = replace(record, title=ANONYMOUS, description=None, values=left)
        after = replace(after, version=record.version + 1, updated_at=transaction.now)
        version = Version("updated", record, after, {"title": {"before": None, "after": ANONYMOUS}})
        phones = [field.key for field in schema.fields_of("phone")]
        await versions.change(transaction, [version], phones)
        await persons.forget_unique(transaction.connection, record.id, gone)
        transaction.publish(event_of(version, schema, transaction.actor))
    digests = await persons.forget_files(transaction.connection, ids)
    await persons.forget_words(transaction.connection, ids)
    return digests
