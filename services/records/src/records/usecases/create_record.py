"""Making a record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from uuid_utils import uuid7

from records.domain.consent import Ground
from records.domain.drafts import read_draft, record_from
from records.domain.record import Record
from records.domain.rights import owned
from records.domain.schema import Schema
from records.domain.versions import first_version
from records.domain.workspace import Workspace
from records.usecases.check_links import check_links
from records.usecases.save_versions import save_versions
from records.usecases.settle_values import SameValue
from shared.database import Transaction


@dataclass(frozen=True)
class Made:
    """The new record, those it links to, by id, and what may be a mistake in it."""

    record: Record
    linked: Mapping[str, Record]
    warnings: Sequence[SameValue] = ()


async def create_record(
    transaction: Transaction,
    workspace: Workspace,
    schema: Schema,
    given: Mapping[str, Any],
    ground: Ground | None = None,
) -> Made:
    """The new record, from the API's object; ``ground`` is how consents in it are known. Raises `Invalid`."""
    draft = read_draft(owned(given, workspace.policy, schema.project), schema, transaction.now)
    linked = await check_links(transaction, workspace, schema, {"": draft.edit})
    record = record_from(draft, schema, str(uuid7()), transaction.now)
    saved = await save_versions(transaction, schema, [first_version(record)], ground=ground)
    return Made(saved.records[0], linked, saved.warnings)
