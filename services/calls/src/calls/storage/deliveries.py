"""Deliveries: stored on the hot path by one statement, claimed by the normaliser, read and replayed by people."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import orjson
from sqlalchemy import ColumnElement, Select, bindparam, func, select, update

from calls.domain.delivery import Delivery, State
from calls.storage.tables.deliveries import connection, delivery
from shared.database import Transaction

# A repeat is only marked: what it says is known already. Where its body was taken, it does not come back by the repeat.
_STORE = """
INSERT INTO delivery (id, connection, path, query, headers, body, key, received_at, traceparent, state, expired_at)
SELECT id, connection, path, CASE WHEN gone THEN '' ELSE query END, CASE WHEN gone THEN '{}' ELSE headers::jsonb END,
    CASE WHEN gone THEN '' ELSE body END, key, app_now() - age, traceparent,
    CASE WHEN known THEN 'duplicate' ELSE 'received' END, CASE WHEN gone THEN app_now() END
FROM unnest(
    $1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::bytea[], $7::text[], $8::interval[], $9::text[]
) AS given (id, connection, path, query, headers, body, key, age, traceparent), LATERAL (
    SELECT count(*) > 0 AS known, bool_or(expired_at IS NOT NULL) AS gone
    FROM delivery AS d WHERE d.connection = given.connection AND d.key = given.key
) AS earlier
ON CONFLICT (id) DO NOTHING
"""
COLUMNS = [column for column in delivery.c if column.name not in ("body", "headers")]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A claimed delivery, with what its connection brings to understanding it."""

    delivery: Delivery
    provider: str
    settings: Mapping[str, Any]
    settled_before: bool


async def store(database: asyncpg.Connection, group: Sequence[tuple[Delivery, timedelta]]) -> None:
    """Commit these in one statement, each with how long ago it was received; storing one again changes nothing."""
    await database.execute(_STORE, *zip(*(_values(each, age) for each, age in group), strict=True))


def _values(one: Delivery, age: timedelta) -> tuple[Any, ...]:
    headers = orjson.dumps(dict(one.headers)).decode()
    return (one.id, one.connection, one.path, one.query, headers, one.body, one.key, age, one.traceparent)


_WITH_CONNECTION = select(delivery, connection.c.provider, connection.c.settings).join(
    connection, connection.c.id == delivery.c.connection
)


async def claim(transaction: Transaction, limit: int) -> list[Waiting]:
    """The oldest waiting deliveries that nobody else has claimed, held until the commit."""
    statement = (
        _WITH_CONNECTION.where(delivery.c.state == "received")
        .order_by(delivery.c.id)
        .limit(limit)
        .with_for_update(of=delivery, skip_locked=True)
    )
    return [_waiting(row) for row in (await transaction.execute(statement)).mappings()]


def _waiting(row: Mapping[Any, Any]) -> Waiting:
    names = Delivery.__dataclass_fields__
    return Waiting(
        Delivery(**{name: row[name] for name in names}), row["provider"], row["settings"], row["settled_at"] is not None
    )


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a delivery; ``adapter`` is the version of the adapter that read it."""

    delivery: str
    state: State
    reason: str | None
    adapter: str | None = None


async def settle(transaction: Transaction, fates: Sequence[Fate]) -> None:
    statement = (
        update(delivery)
        .where(delivery.c.id == bindparam("of"))
        .values(
            state=bindparam("becomes"), reason=bindparam("why"), adapter=bindparam("by"), settled_at=bindparam("at")
        )
    )
    rows = [
        {"of": each.delivery, "becomes": each.state, "why": each.reason, "by": each.adapter, "at": transaction.now}
        for each in fates
    ]
    await transaction.execute(statement, rows)


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """``reason`` is a part of the reason; ``not_adapters`` are versions that did not read it."""

    ids: Collection[str] | None = None
    state: str | None = None
    connection: str | None = None
    provider: str | None = None
    reason: str | None = None
    adapter: str | None = None
    not_adapters: Collection[str] | None = None
    start: datetime | None = None
    end: datetime | None = None


def _conditions(wanted: DeliveryFilter) -> list[ColumnElement[bool]]:
    asked: list[tuple[Any, Callable[[Any], ColumnElement[bool]]]] = [
        (wanted.ids, lambda ids: delivery.c.id.in_(list(ids))),
        (wanted.state, lambda state: delivery.c.state == state),
        (wanted.connection, lambda connection_id: delivery.c.connection == connection_id),
        (wanted.provider, lambda provider: delivery.c.connection.in_(_connections_to(provider))),
        (wanted.reason, lambda reason: delivery.c.reason.icontains(reason, autoescape=True)),
        (wanted.adapter, lambda adapter: delivery.c.adapter == adapter),
        (wanted.not_adapters, lambda versions: func.coalesce(delivery.c.adapter, "").not_in(list(versions))),
        (wanted.start, lambda start: delivery.c.received_at >= start),
        (wanted.end, lambda end: delivery.c.received_at < end),
    ]
    return [condition(value) for value, condition in asked if value is not None]


def _connections_to(provider: str) -> Select[Any]:
    return select(connection.c.id).where(connection.c.provider == provider)


async def page(transaction: Transaction, wanted: DeliveryFilter, limit: int, after: str | None) -> list[dict[str, Any]]:
    """Newest first, without headers and bodies."""
    statement = select(*COLUMNS, connection.c.provider).join(connection, connection.c.id == delivery.c.connection)
    statement = statement.where(*_conditions(wanted)).order_by(delivery.c.id.desc()).limit(limit)
    if after:
        statement = statement.where(delivery.c.id < after)
    return [dict(row) for row in (await transaction.execute(statement)).mappings()]


async def find(transaction: Transaction, delivery_id: str) -> dict[str, Any] | None:
    statement = select(delivery, connection.c.provider).join(connection, connection.c.id == delivery.c.connection)
    row = (await transaction.execute(statement.where(delivery.c.id == delivery_id))).mappings().one_or_none()
    return dict(row) if row else None


async def replay(transaction: Transaction, wanted: DeliveryFilter) -> int:
    """Let these be read again; returns how many. One whose body is gone can never be."""
    again = update(delivery).where(*_conditions(wanted), _HAS_BODY).values(state="received", reason=None)
    return (await transaction.execute(again)).rowcount


async def counted(transaction: Transaction, wanted: DeliveryFilter) -> dict[tuple[State, bool], int]:
    """How many there are of each state, with their body and without."""
    number = select(delivery.c.state, _HAS_BODY.label("whole"), func.count().label("number"))
    rows = await transaction.execute(number.where(*_conditions(wanted)).group_by(delivery.c.state, "whole"))
    return {(row.state, row.whole): row.number for row in rows}


async def sample(transaction: Transaction, wanted: DeliveryFilter, limit: int) -> list[Waiting]:
    """The newest of these, as they would be read again."""
    statement = _WITH_CONNECTION.where(*_conditions(wanted), _HAS_BODY).order_by(delivery.c.id.desc()).limit(limit)
    return [_waiting(row) for row in (await transaction.execute(statement)).mappings()]


async def expire(transaction: Transaction, before: datetime, limit: int) -> int:
    """Take the bodies of settled deliveries received before then; returns of how many. The row stays."""
    old = (
        select(delivery.c.id)
        .where(delivery.c.received_at < before, _HAS_BODY, delivery.c.state != "received")
        .order_by(delivery.c.received_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    gone = {"body": b"", "headers": {}, "query": "", "expired_at": transaction.now}
    statement = update(delivery).where(delivery.c.id.in_(old.scalar_subquery())).values(gone)
    return (await transaction.execute(statement)).rowcount


async def blank(transaction: Transaction, ids: Collection[str]) -> None:
    """Take the bodies of these: they tell of somebody who was erased."""
    if ids:
        gone = {"body": b"", "headers": {}, "query": "", "expired_at": transaction.now, "reason": "erased"}
        await transaction.execute(update(delivery).where(delivery.c.id.in_(ids)).values(gone))


_HAS_BODY = delivery.c.expired_at.is_(None)
