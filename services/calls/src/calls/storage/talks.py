"""When agents were done with calls, and when they wrapped up."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from calls.domain.course import WRAPPED
from calls.domain.wrap_up import Mark, Talk
from calls.storage.among import among, pairs_among
from calls.storage.facts import Named
from calls.storage.tables.calls import call_fact, call_talk
from shared.database import Transaction

# Seconds of wrap-up joined to a talk, where there are.
WrapUps = dict[Talk, float | None]

_LOCK = text("""
    SELECT pg_advisory_xact_lock(hashtextextended(name, 0))
    FROM (SELECT unnest(cast(:names AS text[])) AS name ORDER BY 1) AS named
""")


async def lock_agents(transaction: Transaction, agents: Collection[Named]) -> None:
    """Who joins an agent's wrap-up must not overlap with who writes what it is joined from."""
    if agents:
        await transaction.execute(_LOCK, {"names": [f"agent/{where}/{who}" for where, who in agents]})


async def of_calls(transaction: Transaction, calls: Collection[str]) -> dict[str, WrapUps]:
    found: dict[str, WrapUps] = {each: {} for each in calls}
    if calls:
        for row in await transaction.execute(select(call_talk).where(among(call_talk.c.call, calls))):
            found[row.call][_talk(row)] = row.wrap_up_s
    return found


async def change(transaction: Transaction, gone: Collection[Talk], new: Collection[tuple[str, Talk]]) -> None:
    """Take talks out, and put others in, each with its connection."""
    if gone:
        identities = [(each.call, each.agent_id, each.ended_at) for each in gone]
        await transaction.execute(delete(call_talk).where(_IDENTITY.in_(identities)))
    if new:
        rows = [_row(each) | {"connection": connection} for connection, each in new]
        await transaction.execute(insert(call_talk), rows)


async def between(transaction: Transaction, agent: Named, start: datetime, end: datetime) -> WrapUps:
    """The agent's talks that ended in this time, both ends included."""
    ended = select(call_talk).where(
        call_talk.c.connection == agent[0],
        call_talk.c.agent_id == agent[1],
        call_talk.c.ended_at.between(start, end),
    )
    return {_talk(row): row.wrap_up_s for row in await transaction.execute(ended)}


async def marks_between(
    transaction: Transaction, agents: Collection[Named], start: datetime, end: datetime
) -> dict[Named, list[Mark]]:
    """The wrap-up of each agent in this time, both ends included."""
    told = select(call_fact.c.connection, call_fact.c.subject, call_fact.c.at, call_fact.c.kind).where(
        pairs_among((call_fact.c.connection, call_fact.c.subject), agents),
        call_fact.c.scope == "agent",
        call_fact.c.kind.in_(WRAPPED),
        call_fact.c.scope != "call",  # names the partial index
        call_fact.c.at.between(start, end),
    )
    found: dict[Named, list[Mark]] = {each: [] for each in agents}
    for row in await transaction.execute(told) if agents else ():
        found[row.connection, row.subject].append(Mark(row.at, row.kind == "wrap_up_ended", row.subject))
    return found


async def join(transaction: Transaction, joined: Mapping[Talk, float | None]) -> None:
    """Note the wrap-up that belongs to each talk."""
    if joined:
        statement = (
            update(call_talk)
            .where(call_talk.c.call == bindparam("of_call"))
            .where(call_talk.c.agent_id == bindparam("of_agent"))
            .where(call_talk.c.ended_at == bindparam("until"))
            .values(wrap_up_s=bindparam("seconds"))
        )
        rows = [
            {"of_call": talk.call, "of_agent": talk.agent_id, "until": talk.ended_at, "seconds": seconds}
            for talk, seconds in joined.items()
        ]
        await transaction.execute(statement, rows)


_IDENTITY = tuple_(call_talk.c.call, call_talk.c.agent_id, call_talk.c.ended_at)


def _talk(row: Row[Any]) -> Talk:
    return Talk(row.ended_at, row.call, row.agent_id)


def _row(talk: Talk) -> dict[str, Any]:
    return {"call": talk.call, "agent_id": talk.agent_id, "ended_at": talk.ended_at}
