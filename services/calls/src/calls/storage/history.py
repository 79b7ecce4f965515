"""What providers' histories told: calls as deliveries, the periods that were read, and where both accounts differ."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import Select, and_, exists, func, not_, select, text
from sqlalchemy.dialects.postgresql import insert
from uuid_utils.compat import uuid7

from calls.domain.delivery import HISTORY
from calls.storage.tables.calls import BEGAN, call, call_fact
from calls.storage.tables.deliveries import delivery, history_read, reconciliation
from shared.database import Transaction

_OF_HISTORY = call_fact.c.key.startswith(f"{HISTORY}/", autoescape=True)
_LIVE = and_(call_fact.c.delivery.is_not(None), not_(_OF_HISTORY))


async def add_calls(transaction: Transaction, connection: str, calls: Sequence[Mapping[str, Any]]) -> int:
    """Have these read as deliveries are; returns how many say something we did not have, word for word."""
    rows = {row["key"]: row for row in (_row(transaction, connection, each) for each in calls)}
    known = select(delivery.c.key).where(delivery.c.connection == connection, delivery.c.key.in_(list(rows)))
    for key in (await transaction.execute(known)).scalars() if rows else ():
        del rows[key]
    if rows:
        await transaction.execute(insert(delivery), list(rows.values()))
    return len(rows)


def _row(transaction: Transaction, connection: str, told: Mapping[str, Any]) -> dict[str, Any]:
    body = orjson.dumps(told, option=orjson.OPT_SORT_KEYS)
    return {
        "id": str(uuid7()),
        "connection": connection,
        "path": HISTORY,
        "query": "",
        "headers": {},
        "body": body,
        "key": f"{HISTORY}/{hashlib.sha256(body).hexdigest()}",
        "received_at": transaction.now,
        "state": "received",
    }


async def note_read(transaction: Transaction, connection: str, start: datetime, end: datetime, calls: int) -> None:
    row = {"connection": connection, "start_at": start, "end_at": end, "read_at": transaction.now, "calls": calls}
    await transaction.execute(insert(history_read).values(row).on_conflict_do_nothing())


async def periods(transaction: Transaction, connection: str, start: datetime, end: datetime) -> list[dict[str, Any]]:
    """What was read of this period, the newest reading first."""
    statement = (
        select(history_read.c.start_at, history_read.c.end_at, history_read.c.read_at, history_read.c.calls)
        .where(history_read.c.connection == connection, history_read.c.start_at < end, history_read.c.end_at > start)
        .order_by(history_read.c.read_at.desc())
        .limit(100)
    )
    return [dict(row) for row in (await transaction.execute(statement)).mappings()]


async def missed(transaction: Transaction, connection: str, start: datetime, end: datetime) -> "Gap":
    """Calls that the provider's history has and no webhook ever told of."""
    return await _gap(transaction, _calls(connection, start, end).where(_told(_OF_HISTORY), not_(_told(_LIVE))))


async def unconfirmed(transaction: Transaction, connection: str, start: datetime, end: datetime) -> "Gap":
    """Calls that webhooks told of, and that were in no history we read of their time after they had ended."""
    read = exists().where(
        history_read.c.connection == connection,
        history_read.c.start_at <= BEGAN,
        history_read.c.end_at > BEGAN,
        history_read.c.read_at > call.c.ended_at,
    )
    return await _gap(transaction, _calls(connection, start, end).where(_told(_LIVE), not_(_told(_OF_HISTORY)), read))


Gap = tuple[int, list[dict[str, Any]]]
SHOWN = 200


async def _gap(transaction: Transaction, statement: Select[Any]) -> Gap:
    number = await transaction.execute(select(func.count()).select_from(statement.subquery()))
    rows = (await transaction.execute(statement.order_by(BEGAN.desc()).limit(SHOWN))).mappings()
    return number.scalar_one(), [dict(row) for row in rows]


def _calls(connection: str, start: datetime, end: datetime) -> Select[Any]:
    columns = (call.c.id, call.c.provider_call_id, BEGAN.label("began"), call.c.direction, call.c.outcome)
    return select(*columns).where(call.c.connection == connection, start <= BEGAN, end > BEGAN)


def _told(by: Any) -> Any:
    return exists().where(call_fact.c.call == call.c.id, call_fact.c.call.is_not(None), by)


async def begun(transaction: Transaction, connection: str, day: date) -> bool:
    """Whether this connection's night was begun; held against others until the commit."""
    await transaction.execute(_ALONE, {"name": f"night/{connection}"})
    night = select(reconciliation.c.job).where(reconciliation.c.connection == connection, reconciliation.c.day == day)
    return (await transaction.execute(night)).first() is not None


async def begin_night(transaction: Transaction, connection: str, day: date, job: str) -> bool:
    await transaction.execute(insert(reconciliation).values(connection=connection, day=day, job=job))
    return True


_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
