"""Deliveries: stored on the hot path by one statement, claimed by the normaliser, read and replayed by people."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import orjson
from sqlalchemy import ColumnElement, bindparam, select, update

from calls.domain.delivery import Delivery, State
from calls.storage.tables import connection, delivery
from shared.database import Transaction

# A repeat is only marked: what it says is known already.
_STORE = """
INSERT INTO delivery (id, connection, path, query, headers, body, key, received_at, traceparent, state)
SELECT id, connection, path, query, headers::jsonb, body, key, app_now() - age, traceparent,
    CASE WHEN EXISTS (SELECT FROM delivery AS d WHERE d.connection = given.connection AND d.key = given.key)
    THEN 'duplicate' ELSE 'received' END
FROM unnest(
    $1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::bytea[], $7::text[], $8::interval[], $9::text[]
) AS given (id, connection, path, query, headers, body, key, age, traceparent)
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


async def claim(transaction: Transaction, limit: int) -> list[Waiting]:
    """The oldest waiting deliveries that nobody else has claimed, held until the commit."""
    statement = (
        select(delivery, connection.c.provider, connection.c.settings)
        .join(connection, connection.c.id == delivery.c.connection)
        .where(delivery.c.state == "received")
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


async def settle(transaction: Transaction, fates: Sequence[tuple[str, State, str | None]]) -> None:
    """Name what became of each delivery: (id, state, reason)."""
    statement = (
        update(delivery)
        .where(delivery.c.id == bindparam("of"))
        .values(state=bindparam("becomes"), reason=bindparam("why"), settled_at=bindparam("at"))
    )
    rows = [{"of": each, "becomes": state, "why": reason, "at": transaction.now} for each, state, reason in fates]
    await transaction.execute(statement, rows)


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    ids: Collection[str] | None = None
    state: str | None = None
    connection: str | None = None
    start: datetime | None = None
    end: datetime | None = None


def _conditions(wanted: DeliveryFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.ids is not None:
        found.append(delivery.c.id.in_(list(wanted.ids)))
    if wanted.state:
        found.append(delivery.c.state == wanted.state)
    if wanted.connection:
        found.append(delivery.c.connection == wanted.connection)
    if wanted.start:
        found.append(delivery.c.received_at >= wanted.start)
    if wanted.end:
        found.append(delivery.c.received_at < wanted.end)
    return found


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
    """Let these be read again; returns how many."""
    statement = update(delivery).where(*_conditions(wanted)).values(state="received", reason=None)
    return (await transaction.execute(statement)).rowcount
