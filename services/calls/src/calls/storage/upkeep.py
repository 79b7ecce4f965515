"""What is noted beside the deliveries: new places in bodies, and when each connection was last heard of."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.dialects.postgresql import insert

from calls.domain.refusal import Refusal
from calls.storage.tables.deliveries import delivery, drift, pulse, refusal
from shared.database import Transaction

# A connection's pulse is not written more often than this: all normalisers write the same row.
PULSE = timedelta(minutes=1)
# So many new places of a provider are noted: nobody reads more, and a stranger could think of any number.
MOST_PLACES = 1_000


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
    noted = await _noted(transaction, {provider for provider, _ in having})
    for (provider, path), ids in sorted(having.items()):
        if path not in noted[provider]:
            if len(noted[provider]) >= MOST_PLACES:
                continue
            noted[provider].add(path)
        seen = {"delivery": ids[0], "first_seen_at": transaction.now, "last_seen_at": transaction.now}
        statement = insert(drift).values(provider=provider, path=path, deliveries=len(ids), **seen)
        again = {"deliveries": drift.c.deliveries + len(ids), "last_seen_at": transaction.now}
        await transaction.execute(statement.on_conflict_do_update(index_elements=["provider", "path"], set_=again))


async def _noted(transaction: Transaction, providers: Collection[str]) -> dict[str, set[str]]:
    """The places that were seen before, by provider."""
    noted: dict[str, set[str]] = {provider: set() for provider in providers}
    if noted:
        known = select(drift.c.provider, drift.c.path).where(drift.c.provider.in_(noted))
        for row in await transaction.execute(known):
            noted[row.provider].add(row.path)
    return noted


async def drifted(transaction: Transaction, provider: str | None) -> list[dict[str, Any]]:
    """Newest first."""
    statement = select(drift).order_by(drift.c.first_seen_at.desc(), drift.c.provider, drift.c.path)
    if provider:
        statement = statement.where(drift.c.provider == provider)
    return [dict(row) for row in (await transaction.execute(statement)).mappings()]


async def heard_of(transaction: Transaction, connections: Collection[str]) -> None:
    """These connections delivered something just now."""
    well = await _well(transaction, connections)
    for each in sorted(set(connections) - well):
        statement = insert(pulse).values(connection=each, delivered_at=transaction.now)
        beats = statement.on_conflict_do_update(
            index_elements=["connection"], set_={"delivered_at": statement.excluded.delivered_at}
        )
        await transaction.execute(beats)


async def _well(transaction: Transaction, connections: Collection[str]) -> set[str]:
    """Those that are known to have delivered lately, and nothing of theirs was refused since."""
    refused = exists().where(refusal.c.connection == pulse.c.connection, refusal.c.at >= pulse.c.delivered_at)
    lately = pulse.c.delivered_at > transaction.now - PULSE
    well = select(pulse.c.connection).where(pulse.c.connection.in_(list(connections)), lately, ~refused)
    return set((await transaction.execute(well)).scalars())


async def note_refusals(transaction: Transaction, refusals: Sequence[Refusal]) -> None:
    for each in sorted(refusals, key=lambda each: each.connection):
        statement = insert(refusal).values(**asdict(each))
        newest = {"requests": refusal.c.requests + each.requests, "at": each.at, "reason": each.reason}
        await transaction.execute(statement.on_conflict_do_update(index_elements=["connection"], set_=newest))


async def refused(transaction: Transaction, connections: Collection[str]) -> dict[str, Refusal]:
    found = await transaction.execute(select(refusal).where(refusal.c.connection.in_(list(connections))))
    return {row["connection"]: Refusal(**row) for row in found.mappings()}


async def unknown_fields(transaction: Transaction) -> Mapping[str, int]:
    """How many places of each provider's bodies are new to us."""
    number = select(drift.c.provider, func.count().label("number")).group_by(drift.c.provider)
    return {row.provider: row.number for row in await transaction.execute(number)}


async def pulses(transaction: Transaction, connections: Collection[str]) -> dict[str, datetime]:
    if not connections:
        return {}
    found = await transaction.execute(select(pulse).where(pulse.c.connection.in_(list(connections))))
    return {row.connection: row.delivered_at for row in found}


async def quarantined(transaction: Transaction) -> Mapping[str, int]:
    """How many deliveries of each connection nobody has understood yet."""
    number = select(delivery.c.connection, func.count().label("number")).where(delivery.c.state == "quarantined")
    return {row.connection: row.number for row in await transaction.execute(number.group_by(delivery.c.connection))}
