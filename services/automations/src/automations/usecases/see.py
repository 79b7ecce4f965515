"""Gather what the pure decisions need to know, before they are asked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from automations.domain.decide import Sight
from automations.domain.hops import Looks
from automations.domain.workspace import Workspace
from automations.settings import Settings
from automations.storage import projects, rates, records
from automations.storage.records import Related
from shared.contracts.records import RecordSnapshot
from shared.database import Transaction
from shared.expressions.rates import NO_RATES, Rates


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
    if not found:
        return Seen(Sight(workspace, transaction.now, {}))
    related = await records.related(transaction, found, looks.hops)
    referenced = await records.are_referenced(transaction, [each.id for each in found], looks.relations)
    known = await _rates(transaction, workspace, [*(each.values for each in found), *_values(related)], looks)
    sight = Sight(workspace, transaction.now, related.snapshots, referenced, related.linking, known)
    return Seen(sight, frozenset(related.missing))


def _values(related: Related) -> Iterable[Mapping[str, Any]]:
    linking = (each for several in related.linking.values() for each in several)
    return (each["values"] for each in (*related.snapshots.values(), *linking))


async def _rates(
    transaction: Transaction, workspace: Workspace, values: Iterable[Mapping[str, Any]], looks: Looks
) -> Rates:
    """The rates between the currencies in sight; mostly there is only one."""
    amounts = (value for each in values for value in each.values() if isinstance(value, dict) and "currency" in value)
    currencies = {value["currency"] for value in amounts} | workspace.currencies | looks.currencies
    return await rates.between(transaction, currencies) if len(currencies) > 1 else NO_RATES
