"""Reading facts: metrics ask here, and the live board is rebuilt from here."""

from datetime import datetime, timedelta
from typing import Any, cast

from analytics.domain.agents import LONGEST_STAY, Word
from analytics.domain.live import LONGEST_TALK
from analytics.storage.clickhouse import ClickHouse, Row
from analytics.storage.snapshots import newest
from shared.contracts.calls import CallSnapshot

# A call that ended today began yesterday at the earliest.
REACH = timedelta(days=1) + LONGEST_TALK
SEEN = (
    "id, connection, provider, provider_call_id, version, first_seen_at, direction, status, started_at, answered_at,"
    " ended_at, queue, agent, segments, flags"
)


async def recent_calls(clickhouse: ClickHouse, now: datetime) -> list[CallSnapshot]:
    """The calls that may still be going on, or ended today, as far as the live board needs them."""
    sql = f"SELECT {SEEN} FROM {newest('call')} WHERE arrived_at > {{since:DateTime64(3, 'UTC')}}"
    return [_snapshot(row) for row in await clickhouse.query(sql, {"since": now - REACH})]


async def recent_words(clickhouse: ClickHouse, now: datetime) -> list[Word]:
    """What was said of agents and may still hold."""
    sql = (
        f"SELECT agent, name, queue, state, since, reason FROM {newest('availability')}"
        " WHERE since > {since:DateTime64(3, 'UTC')}"
    )
    rows = await clickhouse.query(sql, {"since": now - LONGEST_STAY})
    return [_word(row) for row in rows]


def _word(row: Row) -> Word:
    told = {name: value or None for name, value in row.items()}
    return Word(**cast("dict[str, Any]", told))


def _snapshot(row: Row) -> CallSnapshot:
    """The engine writes nothing as the empty text."""
    segments = [
        {"position": position} | {name: value or None for name, value in each.items()}
        for position, each in enumerate(row["segments"])
    ]
    known = {name: value for name, value in row.items() if value != ""}
    return CallSnapshot.model_validate(known | {"segments": segments})


async def earliest(clickhouse: ClickHouse) -> datetime | None:
    """When the first call there is came in; None without calls."""
    sql = f"SELECT count() AS calls, min(arrived_at) AS first FROM {newest('call')}"
    (row,) = await clickhouse.query(sql)
    return row["first"] if row["calls"] else None
