"""Taking a webhook in: safe on disk before it is acknowledged, understood later.

With the database away, a delivery for a known connection goes to the spool; `drain` brings it home.
"""

import asyncio
import logging
import time
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Literal

import asyncpg
import orjson
from uuid_utils.compat import uuid7

from calls.domain.connection import Connection
from calls.domain.delivery import Delivery, admitted, repeat_key
from calls.domain.hook import Answer, HookRequest
from calls.domain.providers import Provider, providers
from calls.domain.senders import may_post
from calls.storage import connections, deliveries
from calls.storage.group_commit import GroupCommit
from calls.storage.spool import Spool, entries
from calls.usecases.note_refusals import Refusals
from shared import telemetry
from shared.errors import NotFound, Unauthorized, Unavailable

# A database that does not take a delivery in this time is treated as away.
PATIENCE = 3.0
# After a failure the database is left alone for so long, so that hooks are answered at once.
PAUSE = 1.0

# What says that the database is away, or cannot take more. The last: it ended a connection that nobody was using.
FAULTS = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)

# What says that it will never take this one.
REFUSALS = (asyncpg.DataError, asyncpg.ProgramLimitExceededError)

# A delivery and how long ago it was received.
Arrived = tuple[Delivery, timedelta]
GROUP = 200
# What was received, as a request to the hook of a connection: its address and settings are the connection's.
Received = Callable[[Connection], HookRequest]
# Statements of hooks under way at once.
WRITERS = 4

log = logging.getLogger(__name__)
taken = telemetry.meter.create_counter("hooks_taken", description="Deliveries acknowledged, by where they are safe")
refused = telemetry.meter.create_counter("hooks_refused", description="Hook requests turned away, by why")


class NoSuchHook(NotFound):
    title = "No such hook"


class WrongSignature(Unauthorized):
    title = "Wrong signature"


class HookUnavailable(Unavailable):
    """The database is away, so we cannot know whether this hook exists; or nothing can be stored at all."""


@dataclass
class Intake:
    """What hooks need in memory: connections by token, a pool of the driver's own connections, the spool.

    The driver itself, because this is the hot path: SQLAlchemy would be most of the time it takes.
    """

    url: str
    spool: Spool
    test_clock: bool = False
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    refusals: Refusals = field(default_factory=Refusals)
    stored: int = 0
    _pool: asyncpg.Pool | None = None
    _connections: dict[str, Connection] = field(default_factory=dict)
    _away_until: float = 0.0
    _ahead: timedelta = timedelta(0)

    def __post_init__(self) -> None:
        self._commits: GroupCommit[Arrived] = GroupCommit(self._store, parallel=WRITERS)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Hold the pool, and know every connection and what is still spooled."""
        self.spool.open()
        dsn = self.url.replace("postgresql+asyncpg://", "postgresql://", 1)
        options = {"jit": "off", "timezone": "UTC"}
        async with asyncpg.create_pool(
            dsn, min_size=WRITERS, max_size=2 * WRITERS, timeout=PATIENCE, server_settings=options, reset=_as_it_is
        ) as pool:
            self._pool = pool
            await self.refresh()
            yield
            await self.spool.seal()

    @asynccontextmanager
    async def _database(self) -> AsyncIterator[asyncpg.Connection]:
        if self._pool is None:
            raise OSError("the pool is not open")
        async with asyncio.timeout(PATIENCE), self._pool.acquire() as database:
            try:
                yield database
            except BaseException:  # whatever state it is in, nobody uses it again
                database.terminate()
                raise

    async def now(self) -> datetime:
        """The host's clock; where somebody may move the database's, that one, as long as it is there."""
        if self.test_clock:
            with suppress(*FAULTS):
                async with self._database() as database:
                    self._ahead = await database.fetchval("SELECT app_now() - now()")
        return datetime.now(UTC) + self._ahead

    async def refresh(self) -> None:
        """Read all connections anew. Raises one of `FAULTS`."""
        async with self._database() as database:
            self._connections = {each.token: each for each in await connections.known(database)}

    async def connection(self, provider: str, token: str) -> Connection:
        """Raises `NoSuchHook`; `HookUnavailable` for a token we cannot look up."""
        known = self._connections.get(token)
        if known is None and token.isascii() and token.isprintable():
            known = await self._look_up(token)
        if known is None or known.provider != provider:
            refused.add(1, {"why": "unknown"})
            raise NoSuchHook("There is no such hook.")
        return known

    async def _look_up(self, token: str) -> Connection | None:
        """A connection younger than our memory of them, or changed since."""
        try:
            async with self._database() as database:
                found = await connections.known(database, token)
        except FAULTS as error:
            raise _come_back() from error
        self._connections |= {each.token: each for each in found}
        return found[0] if found else None

    async def take(self, connection: Connection, received: Received) -> Answer:
        """Store the request and answer it. Raises `WrongSignature`, `HookUnavailable`."""
        answer = await self._taken(connection, received(connection))
        if answer is None and (newest := await self._newer(connection)):
            connection = newest
            answer = await self._taken(newest, received(newest))
        if answer is None:
            refused.add(1, {"why": "signature"})
            self.refusals.note(connection, received(connection))
            raise WrongSignature("The signature of this request is wrong; GET /v1/connections says how, if you may.")
        return answer

    async def _taken(self, connection: Connection, request: HookRequest) -> Answer | None:
        """None for a request that is not authentic."""
        provider = providers()[connection.provider]
        greeting = handshake(provider, request)
        if greeting:
            return greeting
        stored = admitted(provider, request, connection.live_secrets)
        if stored is None:
            return None
        place = await self._keep(_delivery(connection, stored, repeat_key(provider, stored)))
        taken.add(1, {"provider": connection.provider, "safe_in": place})
        answer = awaited(provider, stored) or connection.answer
        return answer if place == "database" else replace(answer, status=HTTPStatus.ACCEPTED)

    async def _newer(self, connection: Connection) -> Connection | None:
        """The connection as it is, should it have been changed a moment ago."""
        with suppress(HookUnavailable):
            newest = await self._look_up(connection.token)
            if newest and newest.version != connection.version:
                return newest
        return None

    async def _keep(self, delivery: Delivery) -> Literal["database", "spool"]:
        """Make it safe; returns where it is."""
        if time.monotonic() >= self._away_until:
            try:
                await self._commits.add((delivery, timedelta(0)))
            except FAULTS as error:
                self._away_until = time.monotonic() + PAUSE
                log.warning("the database takes no deliveries, they go to the spool: %s", error or type(error).__name__)
            else:
                self.stored += 1
                self.arrived.set()
                return "database"
        try:
            await self.spool.append(_packed(delivery))
        except OSError as error:
            raise _come_back() from error
        return "spool"

    @asynccontextmanager
    async def _store(self, group: Sequence[Arrived]) -> AsyncIterator[None]:
        async with self._database() as database:
            await deliveries.store(database, group)
            yield

    async def drain(self) -> None:
        """Bring spooled deliveries home. Storing one twice changes nothing, so a half drained file is no harm."""
        if not self.spool.size:
            return
        for file in await self.spool.seal():
            found = [_unpacked(entry) for entry in entries(file)]
            for start in range(0, len(found), GROUP):
                await self._bring_home(found[start : start + GROUP])
            self.spool.remove(file)
            self.arrived.set()

    async def _bring_home(self, group: Sequence[Delivery]) -> None:
        now = await self.now()
        try:
            async with self._store([(each, now - each.received_at) for each in group]):
                pass
        except REFUSALS:
            if len(group) > 1:
                for each in group:
                    await self._bring_home([each])
            else:
                log.exception("the database refuses spooled delivery %s; it stays beside the spool", group[0].id)
                self.spool.set_aside(_packed(group[0]), group[0].id)


async def _as_it_is(_: asyncpg.Connection) -> None:
    """Single statements leave nothing to reset; the pool's own way asks the server before a hook is answered."""


def handshake(provider: Provider, request: HookRequest) -> Answer | None:
    """The answer to a request that only asks whether we are there; None for a delivery, or for nonsense."""
    with suppress(Exception):
        if may_post(request.sender, request.settings.get("allowed_ips")):
            return provider.handshake(request)
    return None


def awaited(provider: Provider, stored: HookRequest) -> Answer | None:
    """What an authentic request awaits, where it can be told."""
    with suppress(Exception):
        return provider.answer(stored)
    return None


def _come_back() -> HookUnavailable:
    refused.add(1, {"why": "unavailable"})
    problem = HookUnavailable("This cannot be stored just now; send it again.")
    problem.retry_after = 5
    return problem


def _delivery(connection: Connection, stored: HookRequest, key: str | None) -> Delivery:
    return Delivery(
        id=str(uuid7()),
        connection=connection.id,
        path=stored.path,
        query=stored.query,
        headers=stored.headers,
        body=stored.body,
        key=key,
        received_at=stored.received_at,
        traceparent=telemetry.traceparent(),
    )


def _packed(delivery: Delivery) -> bytes:
    return orjson.dumps(asdict(delivery) | {"body": b64encode(delivery.body).decode()})


def _unpacked(entry: bytes) -> Delivery:
    values = orjson.loads(entry)
    received_at = datetime.fromisoformat(values["received_at"])
    return Delivery(**values | {"body": b64decode(values["body"]), "received_at": received_at})
