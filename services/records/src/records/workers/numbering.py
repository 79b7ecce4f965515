"""Numbering the records that were there before their field: oldest first, each a version with history and event."""

from typing import Any

from records.domain.versions import next_version
from records.storage import numbers, records, workspaces
from records.usecases.save_versions import save_versions
from shared.database import Transaction
from shared.jobs import RunningJob

STEP = 200


async def run_numbering(running: RunningJob) -> dict[str, Any]:
    """A job of kind ``numbering``; its result is how many records were given one."""
    done, after = running.job.done, running.position.get("after") if running.position else None
    while True:
        async with running.step() as transaction:
            bare = await numbers.without(transaction.connection, *_of(running), after, STEP)
            if not bare:
                return {"numbered": done}
            done += await _number(transaction, running, [id_ for id_, _ in bare])
            last, created_at = bare[-1]
            after = [created_at.isoformat(), last]
            await running.checkpoint(transaction, {"after": after}, done=done)


def _of(running: RunningJob) -> tuple[str, str]:
    return running.input["project"], running.input["field"]


async def _number(transaction: Transaction, running: RunningJob, ids: list[str]) -> int:
    """Saving a record numbers it. Meanwhile some may have gone, or the field."""
    schema = (await workspaces.current(transaction.connection)).schema(running.input["project"])
    if running.input["field"] not in schema.fields_by_key:
        return 0
    held = await records.lock(transaction.connection, ids)
    bare = [each for id_ in ids if (each := held.get(id_)) and each.deleted_at is None]
    versions = [next_version("updated", each, each, transaction.now) for each in bare]
    return len((await save_versions(transaction, schema, versions)).records)
