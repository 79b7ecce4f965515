"""Which campaigns there are: days become the moments at which they begin and end where the workspace is."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from calls.storage import marketing
from shared.database import Transaction

DAY = timedelta(days=1)


async def change_campaigns(transaction: Transaction, wanted: Sequence[Mapping[str, Any]], zone: ZoneInfo) -> None:
    """These and no others."""
    keys = {each["key"] for each in wanted}
    gone = {row["key"] for row in await marketing.campaigns(transaction)} - keys
    await marketing.remove_campaigns(transaction, gone)
    for each in wanted:
        await save_campaign(transaction, each, zone)


async def save_campaign(transaction: Transaction, wanted: Mapping[str, Any], zone: ZoneInfo) -> None:
    start, end = wanted["start_on"], wanted["end_on"]
    moments = {"starts_at": _begins(start, zone), "ends_at": _begins(end + DAY, zone) if end else None}
    await marketing.save_campaign(transaction, {**wanted, **moments})


def _begins(day: date | None, zone: ZoneInfo) -> datetime | None:
    return datetime.combine(day, time(), zone) if day else None
