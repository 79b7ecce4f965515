"""What is expected of queues."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from calls.storage.tables.agents import queue
from shared.database import Transaction

Row = dict[str, Any]
EXPECTED = ("threshold_s", "short_abandon_s")


async def every(transaction: Transaction) -> list[Row]:
    known = select(queue).where(~queue.c.deleted).order_by(queue.c.name)
    return [dict(row) for row in (await transaction.execute(known)).mappings()]


async def save(transaction: Transaction, wanted: Collection[Row], gone: Collection[str]) -> list[Row]:
    """Returns the new versions of those that are other than before."""
    locked = (await transaction.execute(select(queue).with_for_update())).mappings()
    known = {row["name"]: dict(row) for row in locked}
    rows = [{**each, "deleted": False} for each in wanted]
    rows += [{**known[name], "deleted": True} for name in gone if name in known]
    saved = []
    for row in rows:
        before = known.get(row["name"], {"version": 0})
        new = {**row, "version": before["version"] + 1}
        if {**new, "version": before["version"]} != before:
            statement = insert(queue).values(new)
            await transaction.execute(statement.on_conflict_do_update(index_elements=["name"], set_=new))
            saved.append(new)
    return saved
