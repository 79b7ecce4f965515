"""Gather what the pure decisions need to know, before they are asked."""

from collections.abc import Iterable
from dataclasses import dataclass

from automations.domain.decide import Sight
from automations.domain.hops import Looks
from automations.domain.workspace import Workspace
from automations.settings import Settings
from automations.storage import projects, records
from shared.contracts.records import RecordSnapshot
from shared.database import Transaction


@dataclass(frozen=True)
class Seen:
    """``missing`` are ids of records that are referenced, and not known here (yet)."""

    sight: Sight
    missing: frozenset[str] = frozenset()


async def see_workspace(
    transaction: Transaction, settings: Settings, versions: tuple[tuple[str, int], ...] | None = None
) -> Workspace:
    """All projects; ``versions`` where they have been read already."""
    known = await projects.versions(transaction) if versions is None else versions
    return await projects.workspace(transaction, settings.base_currency, settings.timezone, known)


async def see(
    transaction: Transaction, workspace: Workspace, snapshots: Iterable[RecordSnapshot], looks: Looks
) -> Seen:
    """The records that these lead to, as far as is looked."""
    found = tuple(snapshots)
    if not found or not (looks.hops or looks.relations):
        return Seen(Sight(workspace, transaction.now, {}))
    related = await records.related(transaction, found, looks.hops)
    referenced = await records.are_referenced(transaction, [each.id for each in found], looks.relations)
    sight = Sight(workspace, transaction.now, related.snapshots, referenced, related.linking)
    return Seen(sight, frozenset(related.missing))
