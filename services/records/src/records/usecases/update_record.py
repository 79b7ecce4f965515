"""Changing what a record holds."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from records.domain.consent import Ground
from records.domain.edits import Edit, applied, missing_fields, read_edit, refused_changes
from records.domain.outcome import with_probability
from records.domain.record import Record
from records.domain.schema import Schema
from records.domain.versions import Version, next_version
from records.domain.workspace import Workspace
from records.usecases.check_links import check_links
from records.usecases.lock_record import lock_record
from records.usecases.save_versions import Saved, save_versions
from shared.database import Transaction
from shared.errors import Invalid
from shared.http.etag import require_match


async def update_record(
    transaction: Transaction,
    workspace: Workspace,
    record_id: str,
    given: Mapping[str, Any],
    if_match: str | None,
    ground: Ground | None = None,
) -> Saved:
    """The one record after the change; the same version where nothing changed. Raises `Invalid`, `Stale`.

    ``ground`` is how consents among the values are known.
    """
    record = await lock_record(transaction, workspace, record_id)
    require_match(if_match, record.version)
    schema = workspace.schemas[record.project_id]
    edit = read_edit(given, schema)
    linked = await check_links(transaction, workspace, schema, {"": edit})
    version = updated(transaction, schema, record, edit)
    if not version.changes:
        return Saved([record], linked=linked)
    return replace(await save_versions(transaction, schema, [version], ground=ground), linked=linked)


def updated(transaction: Transaction, schema: Schema, record: Record, edit: Edit) -> Version:
    """The next version by this edit. Raises `Invalid` where it may not be.

    A person's change counts as activity; what a rule does itself must not put its own reminders off.
    """
    after = applied(edit, record, transaction.now)
    cleared = [each for each in missing_fields(after, schema) if each not in missing_fields(record, schema)]
    refused = [*cleared, *refused_changes(edit, record, schema)]
    if refused:
        raise Invalid("; ".join(each.detail for each in refused), refused)
    after = with_probability(after, schema)
    if not is_rule(transaction):
        after = after.altered(last_activity_at=max(record.last_activity_at, transaction.now))
    return next_version("updated", record, after, transaction.now)


def is_rule(transaction: Transaction) -> bool:
    return (transaction.actor or "").startswith("rule:")
