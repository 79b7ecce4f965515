"""Reading facts: metrics ask here, and the live board is rebuilt from here."""

from datetime import datetime, timedelta

from analytics.domain.live import LONGEST_CALL, Glimpse
from analytics.storage.clickhouse import ClickHouse
from analytics.storage.snapshots import newest

# A call that ended today began yesterday at the earliest.
REACH = timedelta(days=1) + LONGEST_CALL


async def recent_calls(clickhouse: ClickHouse, now: datetime) -> list[Glimpse]:
    """The calls that may still be going on, or ended today."""
    sql = (
        f"SELECT id, version, status, arrived_at, ended_at FROM {newest('call')}"
        " WHERE arrived_at > {since:DateTime64(3, 'UTC')}"
    )
    return [Glimpse(**row) for row in await clickhouse.query(sql, {"since": now - REACH})]


async def earliest(clickhouse: ClickHouse) -> datetime | None:
    """When the first call there is came in; None without calls."""
    sql = f"SELECT count() AS calls, min(arrived_at) AS first FROM {newest('call')}"
    (row,) = await clickhouse.query(sql)
    return row["first"] if row["calls"] else None
