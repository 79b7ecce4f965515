"""Merging an option or a tag into another: record by record, each a version with its history and its event."""

from collections.abc import Mapping
from typing import Any

from records.domain.merging import mentions, merged
from records.domain.schema import Schema
from records.domain.versions import next_version
from records.storage import carriers, records, schemas, workspaces
from records.usecases.change_schema import remove_tag
from records.usecases.save_versions import save_versions
from shared.database import Transaction
from shared.jobs import RunningJob

STEP = 200


async def run_merge(running: RunningJob) -> dict[str, Any]:
    """A job of kind ``merge``. ``named`` in its result are the fields whose filters go on naming what was merged."""
    given, position = running.input, dict(running.position or {"after": "", "changed": 0})
    ids = [position["after"]]
    while ids:
        async with running.step() as transaction:
            schema = await _schema(transaction, given)
            where = (given["field"], given["from"], position["after"], STEP)
            ids = list(await carriers.following(transaction.connection, schema.project.id, *where))
            if ids:
                changed = position["changed"] + await _merge(transaction, schema, given, ids)
                position = {"after": ids[-1], "changed": changed}
                await running.checkpoint(transaction, position, done=position["changed"])
    async with running.step() as transaction:
        schema = await _schema(transaction, given)
        named = mentions(schema, given["field"] or "tags", given["from"])
        kept = given["field"] is not None or not await _without_tag(transaction, schema, given["from"])
    return {"changed": position["changed"], "named": named, "kept": kept}


async def _schema(transaction: Transaction, given: Mapping[str, Any]) -> Schema:
    return (await workspaces.current(transaction.connection)).schema(given["project"])


async def _merge(transaction: Transaction, schema: Schema, given: Mapping[str, Any], ids: list[str]) -> int:
    held = await records.lock(transaction.connection, ids)
    pairs = [(each, merged(each, schema, given)) for each in held.values() if each.deleted_at is None]
    versions = [next_version("updated", each, after, transaction.now) for each, after in pairs]
    changed = [version for version in versions if version.changes]
    if changed:
        await save_versions(transaction, schema, changed)
    return len(changed)


async def _without_tag(transaction: Transaction, schema: Schema, key: str) -> bool:
    """A tag that records in the trash carry stays."""
    if not any(tag.key == key for tag in schema.tags):
        return True
    if await schemas.records_with_tag(transaction.connection, schema.project.id, key):
        return False
    await remove_tag(transaction, schema.project.id, key)
    return True
