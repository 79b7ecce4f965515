"""Taking a record to another project, with all that happened on it."""

from dataclasses import replace

from records.domain.edits import applied
from records.domain.fitting import PARTS
from records.domain.outcome import with_probability
from records.domain.record import Record
from records.domain.schema import Schema
from records.domain.versions import next_version
from records.domain.workspace import Workspace
from records.storage import guides, phones, positions, records
from records.usecases.copy_record import Given, Moved, fitted
from records.usecases.lock_record import lock_record
from records.usecases.save_versions import save_versions
from records.usecases.set_outcome import entered
from shared.database import Transaction
from shared.errors import Conflict, Invalid
from shared.http.etag import require_match


class StillReferredTo(Conflict):
    pass


async def transfer_record(
    transaction: Transaction, workspace: Workspace, record_id: str, given: Given, if_match: str | None
) -> Moved:
    """One version of kind ``moved``: its changes hold all that does not fit there, so that nothing is lost.

    Raises `Invalid`, `Stale`, and `StillReferredTo` while others link to it: a reference leads to one project.
    """
    record = await lock_record(transaction, workspace, record_id)
    require_match(if_match, record.version)
    source, target = workspace.schemas[record.project_id], workspace.schema(given["project"])
    if source.project == target.project:
        raise Invalid.at("/project", f"It is in '{target.project.key}' already; '/move' takes it to another list.")
    await _check_free(transaction, workspace, record)
    fit, draft = await fitted(transaction, workspace, record, target, given, PARTS)
    there = replace(
        entered(replace(record, list=""), draft.list, transaction.now),
        project_id=target.project.id,
        values={},
        links={},
        outcome=None,
        last_activity_at=transaction.now,
    )
    after = with_probability(applied(draft.edit, there, transaction.now), target)
    return Moved(await _saved(transaction, source, target, record, after), fit.left_behind)


async def _saved(transaction: Transaction, source: Schema, target: Schema, record: Record, after: Record) -> Record:
    await guides.detach(transaction, record.id)
    await phones.forget(transaction.connection, record.id)
    version = next_version("moved", record, after, transaction.now)
    projects = {"before": source.project.key, "after": target.project.key}
    bare = replace(record, values={})
    version = replace(
        version, before=replace(bare, links=record.links), changes={**version.changes, "project": projects}
    )
    saved = await save_versions(transaction, target, [version])
    await positions.put_last(transaction.connection, record.id)
    return saved.records[0]


async def _check_free(transaction: Transaction, workspace: Workspace, record: Record) -> None:
    found = await records.referring(transaction.connection, record.id)
    if found and workspace.policy is not None:
        raise StillReferredTo("Other records refer to it. Take it off them first, or copy it.")
    known = [(workspace.schemas[project], field, n) for project, field, n in found if project in workspace.schemas]
    if known:
        ways = ", ".join(f"{n} through '{schema.project.key}.{field}'" for schema, field, n in known)
        raise StillReferredTo(f"Other records refer to it: {ways}. Take it off them first, or copy it.")
