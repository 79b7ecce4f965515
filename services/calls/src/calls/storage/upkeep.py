"""What is noted beside the deliveries: new places in bodies, and when each connection was last heard of."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from calls.storage.tables import delivery, drift, pulse
from shared.database import Transaction

# A connection's pulse is not written more often than this: all normalisers write the same row.
PULSE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Strange:
    """The places of a delivery's body that are new to us."""

    provider: str
    delivery: str
    paths: tuple[str, ...]


async def note_drift(transaction: Transaction, strange: Sequence[Strange]) -> None:
    """Count each place once for each delivery that had it."""
    having: dict[tuple[str, str], list[str]] = {}
    for each in strange:
        for path in each.paths:
            having.setdefault((each.provider, path), []).append(each.delivery)
    for (provider, path), ids in sorted(having.items()):
        seen = {"delivery": ids[0], "first_seen_at": transaction.now, "last_seen_at": transaction.now}
        statement = insert(drift).values(provider=provider, path=path, deliveries=len(ids), **seen)
        again = {"deliveries": drift.c.deliveries + len(ids), "last_seen_at": transaction.now}
        await transaction.execute(statement.on_conflict_do_update(index_elements=["provider", "path"], set_=again))


async def drifted(transaction: Transaction, provider: str | None) -> list[dict[str, Any]]:
    """Newest first."""
    statement = select(drift).order_by(drift.c.first_seen_at.desc(), drift.c.provider, drift.c.path)
    if provider:
        statement = statement.where(drift.c.provider == provider)
    return [dict(row) for row in (await transaction.execute(statement)).mappings()]


async def heard_of(transaction: Transaction, connections: Collection[str]) -> None:
    """These connections delivered something just now."""
    known = await pulses(transaction, connections)
    due = [each for each in sorted(connections) if each not in known or transaction.now - known[each] >= PULSE]
    for each in due:
        statement = insert(pulse).values(connection=each, delivered_at=transaction.now)
        beats = statement.on_conflict_do_update(
            index_elements=["connection"], set_={"delivered_at": statement.excluded.delivered_at}
        )
        await transaction.execute(beats)


async def pulses(transaction: Transaction, connections: Collection[str]) -> dict[str, datetime]:
    if not connections:
        return {}
    found = await transaction.execute(select(pulse).where(pulse.c.connection.in_(list(connections))))
    return {row.connection: row.delivered_at for row in found}


async def quarantined(transaction: Transaction) -> Mapping[str, int]:
    """How many deliveries of each connection nobody has understood yet."""
    number = select(delivery.c.connection, func.count().label("number")).where(delivery.c.state == "quarantined")
    return {row.connection: row.number for row in await transaction.execute(number.group_by(delivery.c.connection))}
