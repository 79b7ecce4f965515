"""Who is who at the providers, and when they could take calls."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from uuid_utils.compat import uuid7

from calls.api.ids import Id
from calls.api.parameters import From, To
from calls.domain.availability import LONGEST_STAY, State, stays
from calls.storage import agents, connections, facts
from shared.contracts.calls import AgentChanged
from shared.database import Tx
from shared.errors import Invalid, NotFound
from shared.http.authentication import Principal, requires
from shared.http.command import CommandRouter
from shared.http.cursors import identifier, place_in
from shared.http.paging import Cursor, Limit, Page, cut

router: APIRouter = CommandRouter(prefix="/v1", tags=["agents"])

Reader = Annotated[Principal, Depends(requires("read"))]
# Of an agent we were told of before a provider named them.
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
USUAL, LONGEST = timedelta(days=1), timedelta(days=31)

Admin = Annotated[Principal, Depends(requires("admin"))]


class AgentView(BaseModel):
    id: str
    connection: str
    provider_agent: str
    name: str | None
    email: str | None
    user: str | None
    version: int


class StayView(BaseModel):
    """``until`` is null where nothing else was told since; without a ``queue`` it is about all of them."""

    model_config = ConfigDict(from_attributes=True)

    state: State
    since: datetime
    until: datetime | None
    queue: str | None
    reason: str | None


class AgentNotFound(NotFound):
    title = "No such agent"


class AgentUser(BaseModel):
    """Says which user an agent is; the agent need not have been seen yet. Null takes it back."""

    model_config = ConfigDict(extra="forbid")

    connection: Id
    provider_agent: str = Field(min_length=1, max_length=200, pattern="^[^\0]+$")
    user: str | None = Field(default=None, max_length=200)


@router.get("/agents", summary="All agents")
async def all_agents(transaction: Tx, _reader: Reader, limit: Limit = 100, cursor: Cursor = None) -> Page[AgentView]:
    rows = await agents.page(transaction, limit + 1, place_in(cursor, identifier))
    page, more = cut(rows, limit, lambda row: row["id"])
    return Page(items=[AgentView.model_validate(row) for row in page], next_cursor=more)


@router.get("/agents/{agent}/availability", summary="Whether an agent could take calls, through a time")
async def agent_availability(
    agent: Id, transaction: Tx, _reader: Reader, start: From = None, end: To = None
) -> Page[StayView]:
    """The last day if not asked otherwise; at most a month. Where it is told for each queue, each by itself."""
    row = await agents.one(transaction, agent)
    if row is None:
        raise AgentNotFound(f"There is no agent {agent}.")
    last = end or transaction.now
    first = start or last - USUAL
    if not first < last <= first + LONGEST:
        raise Invalid.at("/from", f"Ask for a time of at most {LONGEST.days} days.")
    told = await facts.of_agent(transaction, (row["connection"], row["provider_agent"]), first - LONGEST_STAY, last)
    return Page(items=[StayView.model_validate(each) for each in stays(told, first, last)])


@router.put("/agents", summary="Say which users agents are")
async def put_agents(
    asked: Annotated[list[AgentUser], Field(max_length=1_000)], transaction: Tx, _admin: Admin
) -> Page[AgentView]:
    for index, each in enumerate(asked):
        if await connections.find(transaction, each.connection) is None:
            raise Invalid.at(f"/{index}/connection", "There is no such connection.")
    known = await agents.find(transaction, {(each.connection, each.provider_agent) for each in asked})
    rows = {}
    for each in asked:
        identity = (each.connection, each.provider_agent)
        rows[identity] = _with_user(known.get(identity), each)
    await agents.save(transaction, list(rows.values()))
    for row in rows.values():
        transaction.publish(AgentChanged.model_validate(row))
    return Page(items=[AgentView.model_validate(row) for row in rows.values()])


def _with_user(known: agents.AgentRow | None, asked: AgentUser) -> agents.AgentRow:
    if known:
        return known | {"user": asked.user, "version": known["version"] + 1}
    seen = agents.Seen(asked.connection, asked.provider_agent, None, None, NEVER)
    new = agents.new_version(None, seen, str(uuid7()))
    return (new or {}) | {"user": asked.user}
