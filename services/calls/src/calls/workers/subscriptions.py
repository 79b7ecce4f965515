"""Looks after the subscriptions that bring webhooks: they end, and providers stop them after some failures."""

import asyncio
import logging

import httpx

from calls.domain.connection import Connection
from calls.storage import connections
from calls.usecases.subscribe import SUBSCRIBERS, may_be_watched, open_handshake
from shared import telemetry
from shared.database import Database
from shared.errors import Problem, Unavailable
from shared.http.application import Parts

POLL = 900.0
MOST = 1_000

log = logging.getLogger(__name__)
watched = telemetry.meter.create_counter(
    "subscriptions_watched", description="Looks at subscriptions, by what was seen"
)


async def watch_subscriptions(parts: Parts) -> None:
    while True:
        try:
            await watch_all(parts.database)
        except Unavailable as error:
            log.info("subscriptions are not looked after just now: %s", error)
        await asyncio.sleep(POLL)


async def watch_all(database: Database) -> dict[str, str]:
    """The state of each connection's subscription; where there is none any more, a job makes one."""
    async with database.transaction() as transaction:
        found = [each for each in await connections.page(transaction, MOST, None) if may_be_watched(each)]
    return {each.id: await _watch(database, each) for each in found}


async def _watch(database: Database, connection: Connection) -> str:
    try:
        state = await SUBSCRIBERS[connection.provider].watch(connection)
        if state in ("dead", "none"):
            log.warning("%s does not post to connection %s: subscribing anew", connection.provider, connection.id)
            async with database.transaction() as transaction:
                await open_handshake(transaction, connection.id, None)
    except (httpx.HTTPError, Problem, KeyError, ValueError) as error:
        log.warning("the subscription of connection %s cannot be looked at: %s", connection.id, error)
        state = "unknown"
    watched.add(1, {"provider": connection.provider, "state": state})
    return state
