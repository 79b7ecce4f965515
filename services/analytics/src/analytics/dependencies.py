"""What a route may ask for."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import orjson
from fastapi import Depends, Query, Request

from analytics.domain.chart_plan import Place, Scope
from analytics.domain.dashboard import Viewer
from analytics.domain.names import names_of
from analytics.domain.question import Period
from analytics.domain.workspace import Workspace
from analytics.settings import Settings
from analytics.storage import projects, queues, users
from analytics.storage.clickhouse import ClickHouse
from shared.database import Transaction, Tx
from shared.errors import Invalid
from shared.http.authentication import Principal, requires
from shared.policy import Policy

Reader = Annotated[Principal, Depends(requires("read"))]
Writer = Annotated[Principal, Depends(requires("write"))]
Administrator = Annotated[Principal, Depends(requires("admin"))]

USUAL = timedelta(days=30)
LONGEST = timedelta(days=3_660)
MINUTE = timedelta(minutes=1)
# Well within what ClickHouse's times can say, with the history a period is compared with.
EARLIEST, LATEST = 1950, 2200


async def clickhouse(request: Request) -> ClickHouse:
    engine: ClickHouse = request.app.state.parts["clickhouse"]
    return engine


async def workspace(request: Request, transaction: Tx) -> Workspace:
    """As the caller sees it: what they may not see is measured nowhere."""
    settings: Settings = request.app.state.settings
    schema = await projects.schema(transaction, settings.base_currency, settings.timezone)
    if transaction.policy is not None:
        schema = transaction.policy.seen(schema)
    return Workspace(schema, await queues.limits(transaction, settings.threshold_s, settings.short_abandon_s))


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
    last = _utc(end, zone, "/to") if end else transaction.now.replace(second=0, microsecond=0) + MINUTE
    first = _utc(start, zone, "/from") if start else last - USUAL
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


async def scope(
    request: Request,
    project: Annotated[list[str] | None, Query(description="Keys of projects; all that a chart asks if absent")] = None,
    stage: Annotated[
        str | None, Query(alias="list", description="The key or the name of a list, in any project")
    ] = None,
    tag: Annotated[str | None, Query(description="The key or the name of a tag, in any project")] = None,
    start: Annotated[datetime | None, Query(alias="from", description="RFC 3339, or a day")] = None,
    end: Annotated[datetime | None, Query(alias="to", description="RFC 3339, or a day; not included")] = None,
) -> Scope:
    """What charts are narrowed to. The time is that of a chart's `date_basis`, of its records' making without one."""
    zone = ZoneInfo(request.app.state.settings.timezone)
    first, last = (_utc(each, zone, place) if each else None for each, place in ((start, "/from"), (end, "/to")))
    if first and last and last <= first:
        raise Invalid.at("/to", "`to` must be after `from`.")
    return Scope(tuple(project or ()), stage or None, tag or None, first, last)


async def place_of(request: Request, transaction: Transaction, policy: Policy, narrowed: Scope) -> Place:
    """Where charts are asked: with the projects there are, and the rights of whoever looks."""
    settings: Settings = request.app.state.settings
    known = await projects.every(transaction)
    for each in narrowed.projects:
        if each not in {one.key for one in known}:
            raise Invalid.at("/project", f"There is no project '{each}'.")
    schema = projects.schema_of(known, settings.base_currency, settings.timezone)
    names = names_of(known, await users.names(transaction))
    return Place(policy.seen(schema), names, transaction.now, narrowed)


async def viewer(transaction: Tx, reader: Reader) -> Viewer:
    teams = await users.teams_of(transaction, reader.user)
    return Viewer(reader.actor, reader.user, teams, reader.policy.may_configure())


AskedScope = Annotated[Scope, Depends(scope)]


async def place_for(request: Request, transaction: Tx, reader: Reader, narrowed: AskedScope) -> Place:
    """As `place_of`, for the caller."""
    return await place_of(request, transaction, reader.policy, narrowed)


AskedPlace = Annotated[Place, Depends(place_for)]
Looking = Annotated[Viewer, Depends(viewer)]
AskedPeriod = Annotated[Period, Depends(period)]
FilterTree = Annotated[Any, Depends(filter_tree)]


def _utc(moment: datetime, zone: ZoneInfo, place: str) -> datetime:
    """Raises `Invalid`."""
    if not EARLIEST <= moment.year < LATEST:
        raise Invalid.at(place, f"A period lies between the years {EARLIEST} and {LATEST}.")
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
