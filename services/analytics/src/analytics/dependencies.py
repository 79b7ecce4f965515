"""What a route may ask for."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import orjson
from fastapi import Depends, Query, Request

from analytics.domain.metric import Limits
from analytics.domain.question import Period
from analytics.domain.workspace import Workspace
from analytics.settings import Settings
from analytics.storage import projects
from analytics.storage.clickhouse import ClickHouse
from shared.database import Tx
from shared.errors import Invalid
from shared.http.authentication import Principal, requires

Reader = Annotated[Principal, Depends(requires("read"))]
Writer = Annotated[Principal, Depends(requires("write"))]

USUAL = timedelta(days=30)
LONGEST = timedelta(days=3_660)
MINUTE = timedelta(minutes=1)


async def clickhouse(request: Request) -> ClickHouse:
    engine: ClickHouse = request.app.state.parts["clickhouse"]
    return engine


async def workspace(request: Request, transaction: Tx) -> Workspace:
    settings: Settings = request.app.state.settings
    schema = await projects.schema(transaction, settings.base_currency, settings.timezone)
    return Workspace(schema, Limits(settings.threshold_s, settings.short_abandon_s))


Engine = Annotated[ClickHouse, Depends(clickhouse)]
Here = Annotated[Workspace, Depends(workspace)]


async def period(
    request: Request,
    transaction: Tx,
    start: Annotated[
        datetime | None, Query(alias="from", description="RFC 3339; 30 days before `to` if absent")
    ] = None,
    end: Annotated[datetime | None, Query(alias="to", description="RFC 3339, not included; now if absent")] = None,
) -> Period:
    """The period asked for; times without an offset are the workspace's. Raises `Invalid`."""
    zone = ZoneInfo(request.app.state.settings.timezone)
    # To the full minute, so that the same question asked twice is the same.
    last = _utc(end, zone) if end else transaction.now.replace(second=0, microsecond=0) + MINUTE
    first = _utc(start, zone) if start else last - USUAL
    if last <= first:
        raise Invalid.at("/to", "`to` must be after `from`.")
    if last - first > LONGEST:
        raise Invalid.at("/from", f"A period has at most {LONGEST.days} days.")
    return Period(first, last)


async def filter_tree(
    text: Annotated[str | None, Query(alias="filter", description="A filter as JSON")] = None,
) -> Any:
    """The filter's JSON. Raises `Invalid`."""
    try:
        return orjson.loads(text) if text else None
    except orjson.JSONDecodeError:
        raise Invalid.at("/filter", "The filter is no valid JSON.") from None


AskedPeriod = Annotated[Period, Depends(period)]
FilterTree = Annotated[Any, Depends(filter_tree)]


def _utc(moment: datetime, zone: ZoneInfo) -> datetime:
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
