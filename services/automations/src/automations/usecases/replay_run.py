"""A run that failed is tried again from where it stopped, with its own keys: what was done is not done twice."""

from typing import Any

from sqlalchemy import Row

from automations.storage import runs, steps
from shared.database import Transaction
from shared.errors import Conflict, NotFound


class RunNotFound(NotFound):
    title = "Run not found"


class NothingToReplay(Conflict):
    title = "Nothing to replay"


async def replay_run(transaction: Transaction, run_id: str) -> None:
    """A run that is done or under way is left as it is. Raises `RunNotFound`, `NothingToReplay`."""
    found: Row[Any] | None = await runs.get(transaction, run_id, lock=True)
    if found is None:
        raise RunNotFound(f"There is no run {run_id}.")
    if not await steps.of_run(transaction, run_id):
        raise NothingToReplay(f"This run took no step: {found.reason or 'it has not been decided yet'}.")
    if found.state == "failed":
        await steps.reopen(transaction, run_id)
        await runs.reopen(transaction, run_id)
