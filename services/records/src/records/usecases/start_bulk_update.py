"""Beginning to change all the records of a selection."""

from collections.abc import Mapping
from typing import Any

from uuid_utils.compat import uuid7

from records.domain.bulk_change import check_changes
from records.domain.selection import Selection
from records.domain.workspace import Workspace
from records.storage import selected, selections
from shared.database import Transaction
from shared.errors import Forbidden
from shared.http.authentication import Principal
from shared.jobs import Job, add_job

KIND = "bulk_update"


async def start_bulk_update(
    transaction: Transaction, workspace: Workspace, caller: Principal, given: Mapping[str, Any]
) -> Job:
    """The job. What it changes becomes a selection: its log. Raises `Invalid`, `Forbidden`."""
    chosen = await selected.get_seen(transaction.connection, workspace, given["selection"], transaction.now)
    schema = workspace.schema(chosen.project_id)
    if not caller.policy.may("bulk_update", schema.project):
        raise Forbidden(f"You may not change records of '{schema.project.key}' in bulk.")
    check_changes(given["changes"], schema, caller.policy.changeable_fields(schema.project, workspace.expressions))
    now, dry_run = transaction.now, bool(given.get("dry_run"))
    log = Selection(str(uuid7()), schema.project.id, f"Changed in {chosen.name}"[:200], "static", now, now)
    if not dry_run:
        await selections.add(transaction.connection, log)
    wanted = {"project": schema.project.id, "selection": chosen.id, "changes": given["changes"]}
    wanted |= {"dry_run": dry_run, "changed": None if dry_run else log.id}
    return await add_job(transaction, KIND, wanted, key=caller.key_id)
