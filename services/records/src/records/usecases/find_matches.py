"""Which records of a project the rows of a file mean: by id, or by what they hold."""

from collections.abc import Sequence

from records.domain.identifiers import is_identifier
from records.domain.importing import Plan, Rejected, Wish, match_key
from records.domain.record import Record
from records.domain.schema import Schema
from records.domain.workspace import Workspace
from records.storage import matches, records
from records.storage.queries import matching
from shared.database import Transaction


async def find_matches(
    transaction: Transaction,
    workspace: Workspace,
    schema: Schema,
    plan: Plan,
    wishes: Sequence[Wish],
    rejected: list[Rejected],
) -> dict[int, Record | None]:
    """By row: the record it means, locked; None where it means a new one. Rows that mean several go to ``rejected``."""
    named = {wish.row: [wish.id] for wish in wishes if wish.id is not None}
    keys = (
        {}
        if plan.on_match == "add"
        else {wish.row: key for wish in wishes if wish.id is None and (key := match_key(wish, plan.match_on))}
    )
    held_by = await matches.find(transaction.connection, schema, plan.match_on, set(keys.values()))
    by_key = await records.among_seen(transaction.connection, workspace, held_by)
    meant = named | {row: by_key[key] for row, key in keys.items() if key in by_key}
    ids = {ids[0] for ids in meant.values() if len(ids) == 1 and is_identifier(ids[0])}
    locked = await records.lock(transaction.connection, ids) if ids else {}
    if ids and plan.only is not None:
        may = await matching(transaction, workspace, schema.project.key, plan.only, ids)
        locked = {key: record for key, record in locked.items() if key in may}
    held: dict[int, Record | None] = {}
    for wish in wishes:
        found = meant.get(wish.row, [])
        record = locked.get(found[0]) if len(found) == 1 else None
        there = record is not None and record.deleted_at is None and record.project_id == schema.project.id
        there = there and record is not None and _shown(transaction, schema, record)
        if len(found) > 1:
            fields = ", ".join(plan.match_on)
            rejected.append(Rejected(wish.row, f"{len(found)} records have the same {fields}; which is meant?"))
        elif found and not there:
            rejected.append(Rejected(wish.row, f"There is no record '{found[0]}' of '{schema.project.key}' to change."))
        else:
            held[wish.row] = record
    return held


def _shown(transaction: Transaction, schema: Schema, record: Record) -> bool:
    return transaction.policy is None or transaction.policy.may_read_record(schema.project, vars(record))
