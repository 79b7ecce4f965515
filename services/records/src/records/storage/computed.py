"""What computed fields are made of, beside their records: fetched for a whole page at once, never one by one.

Lookups and formulas are worked out in Python from the records they reach. A rollup may be of ten thousand records:
the database adds them up, and only what they come to is fetched.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select, text

from records.domain.record import Record
from records.domain.snapshots import record_fields
from records.domain.workspace import Workspace
from records.storage import rates, records
from records.storage.linked import Snapshots, with_linked
from records.storage.queries import query_of
from shared.database import Transaction
from shared.expressions import Kind, Money, postgres, python
from shared.expressions.rates import NO_RATES, Rates
from shared.expressions.tree import Back, Operand

MOST_SHOWN = 100
Rolled = dict[tuple[str, str, str], Any]

_REFERRING = text(
    """
    SELECT target.id::text AS id, ARRAY(
        SELECT link.record_id::text FROM link
        JOIN record ON record.id = link.record_id AND record.deleted_at IS NULL AND record.project_id = :project
        WHERE link.target_id = target.id AND link.field = :field
        ORDER BY link.record_id DESC LIMIT CAST(:most AS bigint)) AS ids
    FROM unnest(CAST(:ids AS uuid[])) AS target (id)
    """
)


@dataclass(frozen=True)
class Seen:
    """A page with all that its computed fields look at."""

    snapshots: Snapshots
    context: python.Context


async def see(
    transaction: Transaction, workspace: Workspace, page: Sequence[Record], linked: Mapping[str, Record]
) -> Seen:
    snapshots = await with_linked(transaction.connection, workspace, page, linked)
    projects = {snapshots[record.id]["project_key"] for record in page}
    rolled = await _rolled_up(transaction, workspace, snapshots, projects)
    referring = await _referring(transaction, workspace, snapshots, projects)
    context = python.Context(
        workspace.expressions,
        now=transaction.now,
        resolve=snapshots.get,
        linking=lambda project, field, record: referring.get((project, field, record), ()),
        rates=await _rates(transaction, workspace, snapshots),
        rolled=lambda project, field, record: rolled.get((project, field, record)),
    )
    return Seen(snapshots, context)


async def _rolled_up(
    transaction: Transaction, workspace: Workspace, snapshots: Snapshots, projects: Collection[str]
) -> Rolled:
    """The values of the rollups that these projects' fields are made of, for the records in sight."""
    found: Rolled = {}
    wanted = sorted(set().union(*(workspace.rollups[project] for project in projects)))
    for project in dict.fromkeys(project for project, _ in wanted):
        ids = [key for key, each in snapshots.items() if each["project_key"] == project]
        fields = [field for owner, field in wanted if owner == project]
        if ids:
            found |= await _of_project(transaction, workspace, project, fields, ids)
    return found


async def _of_project(
    transaction: Transaction, workspace: Workspace, project: str, fields: Sequence[str], ids: Sequence[str]
) -> Rolled:
    query = query_of(workspace, project, transaction.now)
    operands = [workspace.operands[project][field] for field in fields]
    columns = [_value(query, each).label(f"value_{number}") for number, each in enumerate(operands)]
    statement = select(query.record.c.id, *columns).select_from(query.source).where(query.record.c.id.in_(ids))
    base = workspace.base_currency
    rows = (await transaction.execute(statement)).all()
    return {
        (project, field, row[0]): Money(row[n], base) if operand.kind is Kind.MONEY and row[n] is not None else row[n]
        for row in rows
        for n, (field, operand) in enumerate(zip(fields, operands, strict=True), 1)
    }


def _value(query: postgres.Query, operand: Operand) -> ColumnElement[Any]:
    """Money comes out of a rollup in the base currency."""
    return query.money(operand)[0] if operand.kind is Kind.MONEY else query.value(operand)


async def _referring(
    transaction: Transaction, workspace: Workspace, snapshots: Snapshots, projects: Collection[str]
) -> dict[tuple[str, str, str], list[dict[str, Any]]]:
    """Who refers to the records in sight: the newest `MOST_SHOWN` of each."""
    found: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for project in projects:
        ids = [key for key, each in snapshots.items() if each["project_key"] == project]
        for back in {chain[0] for chain in workspace.hops[project] if isinstance(chain[0], Back)}:
            wanted = {"project": workspace.by_key[back.project].project.id, "field": back.field, "ids": ids}
            narrowed = workspace.expressions.project(back.project).only is not None
            most = None if narrowed else MOST_SHOWN
            rows = (await transaction.execute(_REFERRING, wanted | {"most": most})).all()
            sources = await _sources(transaction, workspace, back.project, {each for row in rows for each in row.ids})
            for row in rows:
                seen = [sources[each] for each in row.ids if each in sources]
                found[back.project, back.field, row.id] = seen[:MOST_SHOWN]
    return found


async def _sources(
    transaction: Transaction, workspace: Workspace, project: str, ids: Collection[str]
) -> dict[str, dict[str, Any]]:
    """The records, whole where it depends on them who may know of them."""
    if workspace.expressions.project(project).only is None:
        return {each: {"id": each, "project_key": project} for each in ids}
    found = await records.find(transaction.connection, ids)
    return {key: record_fields(each, workspace.by_key[project]) for key, each in workspace.shown(found).items()}


async def _rates(transaction: Transaction, workspace: Workspace, snapshots: Snapshots) -> Rates:
    """The rates between the currencies in sight; mostly there is only one."""
    if not workspace.has_rates:
        return NO_RATES
    values = (value for each in snapshots.values() for value in each["values"].values() if isinstance(value, dict))
    currencies = {value["currency"] for value in values if "currency" in value} | workspace.currencies
    return await rates.between(transaction.connection, currencies) if len(currencies) > 1 else NO_RATES
