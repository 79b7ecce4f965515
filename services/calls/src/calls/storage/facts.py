"""Facts, and the other names of calls by which some of them are joined."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from calls.domain.fact import Fact
from calls.storage.among import among, pairs_among
from calls.storage.tables.calls import call_alias, call_fact
from shared.database import Transaction

# Of a connection: its id, and the key or name within it.
Named = tuple[str, str]


async def add(transaction: Transaction, rows: Collection[Mapping[str, Any]]) -> None:
    if rows:
        await transaction.execute(insert(call_fact).on_conflict_do_nothing(), list(rows))


def row_of(
    connection: str, fact: Fact, *, call: str | None, delivery: str | None, actor: str | None = None
) -> dict[str, Any]:
    return {
        "connection": connection,
        "key": fact.key,
        "delivery": delivery,
        "actor": actor,
        "call": call,
        "scope": fact.scope,
        "subject": fact.subject,
        "kind": fact.kind,
        "at": fact.at,
        "values": dict(fact.values),
    }


async def owners(transaction: Transaction, keys: Collection[Named]) -> dict[Named, str | None]:
    """The delivery that first said each fact, of those said before."""
    if not keys:
        return {}
    known = select(call_fact.c.connection, call_fact.c.key, call_fact.c.delivery).where(
        pairs_among((call_fact.c.connection, call_fact.c.key), keys)
    )
    return {(row.connection, row.key): row.delivery for row in await transaction.execute(known)}


async def of_calls(transaction: Transaction, calls: Collection[str]) -> dict[str, dict[str, Fact]]:
    """The facts of each call by their key."""
    found: dict[str, dict[str, Fact]] = {each: {} for each in calls}
    if calls:
        for row in await transaction.execute(select(call_fact).where(among(call_fact.c.call, calls))):
            found[row.call][row.key] = _fact(row)
    return found


async def of_agent(transaction: Transaction, agent: Named, start: datetime, end: datetime) -> list[Fact]:
    """What was told of an agent between calls in this time."""
    told = select(call_fact).where(
        call_fact.c.connection == agent[0],
        call_fact.c.subject == agent[1],
        call_fact.c.scope == "agent",
        call_fact.c.scope != "call",  # names the partial index
        call_fact.c.at.between(start, end),
    )
    return [_fact(row) for row in await transaction.execute(told)]


async def claim(
    transaction: Transaction, connection: str, call: str, contact: str, start: datetime, end: datetime
) -> dict[str, Fact]:
    """What was told of somebody outside in this time and is no call's yet, is this call's from now on."""
    c = call_fact.c
    waiting = and_(c.scope == "contact", c.scope != "call", c.subject == contact, c.call.is_(None))  # names the index
    now_its = update(call_fact).where(c.connection == connection, waiting, c.at.between(start, end))
    return {row.key: _fact(row) for row in await transaction.execute(now_its.values(call=call).returning(call_fact))}


async def recording_link(transaction: Transaction, call: str) -> str | None:
    """Where a webhook said last that the call's recording is."""
    link = call_fact.c["values"]["recording_link"].astext
    newest = call_fact.c.at.desc(), call_fact.c.key
    told = select(link).where(call_fact.c.call == call, link.is_not(None)).order_by(*newest).limit(1)
    return (await transaction.execute(told)).scalar_one_or_none()


async def of_deliveries(transaction: Transaction, deliveries: Collection[str]) -> dict[str, list[Fact]]:
    """The facts each delivery was the first to say."""
    found: dict[str, list[Fact]] = {}
    said = select(call_fact).where(among(call_fact.c.delivery, deliveries))
    for row in await transaction.execute(said) if deliveries else ():
        found.setdefault(row.delivery, []).append(_fact(row))
    return found


async def forget(transaction: Transaction, deliveries: Collection[str]) -> set[str]:
    """Take back what these deliveries said, because they are read again; returns the calls it was about."""
    if not deliveries:
        return set()
    taken = delete(call_fact).where(among(call_fact.c.delivery, deliveries)).returning(call_fact.c.call)
    return {row.call for row in await transaction.execute(taken) if row.call}


async def calls_by_alias(transaction: Transaction, aliases: Collection[Named]) -> dict[Named, str]:
    if not aliases:
        return {}
    known = select(call_alias).where(pairs_among((call_alias.c.connection, call_alias.c.alias), aliases))
    return {(row.connection, row.alias): row.call for row in await transaction.execute(known)}


async def name_call(
    transaction: Transaction, connection: str, call: str, aliases: Iterable[str], same: Collection[str] = ()
) -> dict[str, Fact]:
    """Note other names of a call; returns the facts that were waiting for one of them, or said of the ``same`` call."""
    names = list(aliases)
    rows = [{"connection": connection, "alias": alias, "call": call} for alias in names]
    await transaction.execute(insert(call_alias).on_conflict_do_nothing(), rows)
    waiting = and_(call_fact.c.scope == "alias", among(call_fact.c.subject, names), call_fact.c.call.is_(None))
    now_its = update(call_fact).where(call_fact.c.connection == connection, waiting)
    found = list(await transaction.execute(now_its.values(call=call).returning(call_fact)))
    if same:
        others = list(same)
        await transaction.execute(update(call_alias).where(call_alias.c.call.in_(others)).values(call=call))
        taken = update(call_fact).where(call_fact.c.call.in_(others)).values(call=call).returning(call_fact)
        found += list(await transaction.execute(taken))
    return {row.key: _fact(row) for row in found}


def _fact(row: Row[Any]) -> Fact:
    return Fact(row.subject, row.kind, row.at, row.values, row.scope, row.key)
