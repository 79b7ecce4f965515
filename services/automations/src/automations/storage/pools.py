"""Whose turn it is. A pool's row is locked from the pick to the commit, so that picks come one after the other."""

import math

from sqlalchemy.dialects.postgresql import insert

from automations.domain.action import Choice
from automations.domain.people import in_turn, least_busy
from automations.storage import records
from automations.storage.tables import pick, pool
from shared.database import Transaction


async def choose(transaction: Transaction, choice: Choice, run_id: str, step_no: int, record_id: str) -> str | None:
    """The candidate whose turn it is; remembered with the step, so that the step never chooses again.

    None where all have as much as they can carry.
    """
    position = await _move_on(transaction, choice.pool)
    counts = choice.capacity or choice.strategy == "least_open_records"
    loads = await records.loads(transaction, choice.candidates) if counts else {}
    free = [each for each in choice.candidates if loads.get(each, 0) < choice.capacity.get(each, math.inf)]
    if not free:
        return None
    chosen = in_turn(free, position) if choice.strategy == "round_robin" else least_busy(free, loads, position)
    picked = {"pool": choice.pool, "user_id": chosen, "record_id": record_id, "at": transaction.now}
    statement = insert(pick).values(run_id=run_id, step_no=step_no, **picked)
    await transaction.execute(statement.on_conflict_do_update(constraint="pick_pkey", set_=picked))
    return chosen


async def _move_on(transaction: Transaction, name: str) -> int:
    statement = insert(pool).values(name=name, position=1)
    turned = statement.on_conflict_do_update(index_elements=["name"], set_={"position": pool.c.position + 1})
    return int((await transaction.execute(turned.returning(pool.c.position))).scalar_one())
