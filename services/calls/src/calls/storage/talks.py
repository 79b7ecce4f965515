"""When agents were done with calls, and when they wrapped up."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    FromClause,
    Row,
    and_,
    bindparam,
    delete,
    func,
    literal,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from calls.domain.course import WRAPPED
from calls.domain.wrap_up import Mark, Talk
from calls.storage.among import among
from calls.storage.facts import Named
from calls.storage.tables.calls import call_fact, call_talk
from shared.database import Transaction

# Seconds of wrap-up joined to a talk, where there are.
WrapUps = dict[Talk, float | None]
# From when to when, both included.
Span = tuple[datetime, datetime]

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


async def change(transaction: Transaction, gone: Collection[Talk], new: Mapping[str, WrapUps]) -> None:
    """Take talks out, and put others in, by their connection."""
    if gone:
        identities = [(each.call, each.agent_id, each.ended_at) for each in gone]
        await transaction.execute(delete(call_talk).where(_IDENTITY.in_(identities)))
    rows = [
        _row(talk) | {"connection": connection, "wrap_up_s": seconds}
        for connection, put_in in new.items()
        for talk, seconds in put_in.items()
    ]
    if rows:
        await transaction.execute(insert(call_talk), rows)


async def within(transaction: Transaction, spans: Mapping[Named, Span]) -> dict[Named, WrapUps]:
    """The talks of each agent that ended in its time, both ends included."""
    c = call_talk.c
    found: dict[Named, WrapUps] = {}
    ended = select(call_talk).join(*_in_its_time(spans, c.connection, c.agent_id, c.ended_at))
    for row in await transaction.execute(ended):
        found.setdefault((row.connection, row.agent_id), {})[_talk(row)] = row.wrap_up_s
    return found


async def marks_within(transaction: Transaction, spans: Mapping[Named, Span]) -> dict[Named, set[Mark]]:
    """The wrap-up of each agent in its time, both ends included."""
    c = call_fact.c
    told = (
        select(c.connection, c.subject, c.at, c.kind)
        .join(*_in_its_time(spans, c.connection, c.subject, c.at))
        .where(c.scope == "agent", c.kind.in_(WRAPPED))
        .where(c.scope != "call")  # names the partial index
    )
    found: dict[Named, set[Mark]] = {}
    for row in await transaction.execute(told):
        found.setdefault((row.connection, row.subject), set()).add(
            Mark(row.at, row.kind == "wrap_up_ended", row.subject)
        )
    return found


def _in_its_time(
    spans: Mapping[Named, Span], connection: Column[Any], agent: Column[Any], at: Column[Any]
) -> tuple[FromClause, ColumnElement[bool]]:
    """What to join with, and on what; the statement is the same for any number of agents."""
    sides = zip(*((*agent, *span) for agent, span in spans.items()), strict=True)
    given = [
        literal(list(side), ARRAY(each.type)) for each, side in zip((connection, agent, at, at), sides, strict=True)
    ]
    asked = func.unnest(*given).table_valued("connection", "agent", "since", "until").render_derived(name="asked")
    in_time = at.between(asked.c.since, asked.c.until)
    return asked, and_(connection == asked.c.connection, agent == asked.c.agent, in_time)


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
