"""Loading exchange rates. What is computed with them is right from the commit on: nothing computed is kept."""

from collections.abc import Mapping, Sequence
from typing import Any

from records.domain.rate import Rate, rate_changed, read_rates
from records.storage import rates, workspaces
from records.usecases.announce import announce
from shared.database import Transaction


async def put_rates(transaction: Transaction, given: Sequence[Mapping[str, Any]]) -> list[Rate]:
    """Those that were new or different. Raises `Invalid`."""
    wanted = read_rates(given)
    changed = await rates.put(transaction.connection, wanted) if wanted else []
    if changed and not (await workspaces.current(transaction.connection)).has_rates:
        await workspaces.for_change(transaction.connection)
    for each in changed:
        announce(transaction, rate_changed(each))
    return changed
