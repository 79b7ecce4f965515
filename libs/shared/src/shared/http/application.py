"""Wiring that all services share: what starts in which order, and how it comes down again."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from faststream.nats import NatsBroker
from nats.aio.client import Client
from nats.js import JetStreamContext
from starlette.types import ASGIApp, Receive, Scope, Send

from shared import telemetry
from shared.contracts import Event
from shared.database import Database
from shared.database.housekeeping import keep_house
from shared.database.migrate import migrate
from shared.errors import Unavailable
from shared.http import asyncapi, dead_letters, doors, health, openapi, problems
from shared.http.authentication import SignIn
from shared.http.doors import Doors
from shared.http.tokens import Tokens
from shared.http.tracing import Traced
from shared.messaging.consumers import Consumers, ensure, subscribe
from shared.messaging.inbox import Inbox, taking
from shared.messaging.relay import Relay
from shared.messaging.streams import connect, ensure_streams, pending
from shared.settings import ServiceSettings

QUIET_PATHS = ("/livez", "/readyz", "/metrics")
# Who was told to stop and has not by then is told again.
ASK_AGAIN_SECONDS = 10.0
MIGRATION_PATIENCE = 60
REPLICAS = ("replicate_key", "replicate_user", "replicate_role")

log = logging.getLogger(__name__)


@dataclass
class Parts:
    """What a worker may use. ``state`` is the service's own, filled in its ``main``."""

    settings: Any
    database: Database
    nats: Client
    jetstream: JetStreamContext
    state: dict[str, Any]


Worker = Callable[[Parts], Awaitable[None]]


@dataclass
class Service:
    """The description of a service, handed to `create_service` by its ``main``.

    ``workers`` run until cancelled and are started again, with back-off, should they raise. ``prepare`` runs after
    the migrations, before anything is served; ``resources`` are then entered, and left at the end. ``state`` is the
    service's own. ``ingests`` names the durable consumers that workers read in batches by themselves, with their
    events: for the documents.
    ``sign_in`` makes users of people with a token, where users are at home. ``doors`` answer what is posted below
    their paths, past the routes (which document them), and open their own spans. ``stamp`` is SQL of a text that
    changes with what the service keeps in memory, read as each request and each event opens (`Transaction.stamp`).
    """

    name: str
    summary: str
    settings: ServiceSettings
    migrations: Path
    consumers: Consumers
    routers: Sequence[APIRouter] = ()
    publishes: Sequence[type[Event]] = ()
    workers: Sequence[Worker] = ()
    prepare: Callable[[Database], Awaitable[None]] | None = None
    resources: Sequence[Callable[[], contextlib.AbstractAsyncContextManager[Any]]] = ()
    state: dict[str, Any] = field(default_factory=dict)
    ingests: Mapping[str, Sequence[type[Event]]] = field(default_factory=dict)
    doors: Doors = field(default_factory=dict)
    sign_in: SignIn | None = None
    stamp: str = "NULL"
    version: str = "0.1.0"


def create_service(service: Service) -> FastAPI:
    """The ASGI application: HTTP, consumers, relay and workers of one service."""
    running = _Running(service)
    title = f"Trunkline {service.name}"
    app = _Application(service.doors, title=title, summary=service.summary, version=service.version, lifespan=running)
    app.state.database = running.database
    app.state.tokens, app.state.sign_in = Tokens(service.settings), service.sign_in
    app.state.stamp = service.stamp
    app.state.waiting_for = running.waiting_for
    app.state.settings = service.settings
    app.state.parts = service.state
    problems.install(app)
    openapi.install(app)
    for router in (*service.routers, health.router, asyncapi.router, dead_letters.router(service.name)):
        app.include_router(router)
    app.state.running = running
    return app


class _Application(FastAPI):
    """Traced from outside all else, so that what is said of a bug names its trace.

    FastAPI's own telemetry would tell each request a second time, with paths and queries as they are: tokens, numbers.
    """

    def __init__(self, opened: Doors, **options: Any) -> None:
        super().__init__(telemetry={"tracing": False, "metrics": False, "logs": False}, **options)
        self._doors = opened

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if door := doors.opened_by(self._doors, scope):
            scope["app"] = self
            await doors.answer(door, scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    def build_middleware_stack(self) -> ASGIApp:
        return Traced(super().build_middleware_stack(), (*QUIET_PATHS, *self._doors))


class _Running:
    """The life of one service in one process."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.database = Database(service.settings.database_url, service.settings.database_pool_size)
        self.broker = NatsBroker(
            service.settings.nats_url,
            max_reconnect_attempts=-1,
            logger=None,
            middlewares=[self._inbox()],
        )
        subscribe(self.broker, service.consumers)
        for event in service.publishes:
            self.broker.publisher(event.type, schema=event, title=event.type)
        self.client: Client | None = None
        self._waiting: str | None = "the database"

    def _inbox(self) -> partial[Inbox]:
        heeding = {each.durable: each.heeding for each in self.service.consumers.all() if each.heeding}
        return partial(Inbox, database=self.database, taking=taking(self.service.stamp), heeding=heeding)

    @contextlib.asynccontextmanager
    async def __call__(self, _app: FastAPI) -> AsyncIterator[None]:
        provider = telemetry.setup(self.service.name, self.service.settings)
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(asyncio.to_thread, provider.force_flush)
            stack.push_async_callback(self.database.dispose)
            await self._migrate()
            for resource in self.service.resources:
                await stack.enter_async_context(resource())
            async with asyncio.TaskGroup() as tasks:
                life = tasks.create_task(self._live(), name="its life on the bus")
                try:
                    yield
                finally:
                    await _end(life)

    def waiting_for(self) -> str | None:
        """What keeps the service from being ready, or None."""
        if self._waiting:
            return self._waiting
        return None if self.client and self.client.is_connected else "the bus"

    async def _migrate(self) -> None:
        for attempt in range(MIGRATION_PATIENCE):
            try:
                await migrate(self.service.settings.database_url, self.service.migrations)
                break
            except Unavailable as error:
                if attempt == MIGRATION_PATIENCE - 1:
                    raise
                log.warning("the database is not ready: %s", error)
                await asyncio.sleep(1)
        if self.service.prepare:
            await self.service.prepare(self.database)

    async def _live(self) -> None:
        """Connect to the bus, however long it takes, then work until cancelled."""
        self._waiting = "the bus"
        self.client = await connect(self.service.settings, self.service.name)
        try:
            await self._work(self.client)
        finally:
            with contextlib.suppress(Exception):
                await self.client.close()

    async def _work(self, client: Client) -> None:
        jetstream = client.jetstream(timeout=10)
        await _insist(lambda: ensure_streams(jetstream, self.service.settings))
        await _insist(lambda: ensure(jetstream, self.service.consumers, self.service.settings))
        parts = Parts(self.service.settings, self.database, client, jetstream, self.service.state)
        async with asyncio.TaskGroup() as tasks:
            working = [
                tasks.create_task(Relay(self.database, client).run(), name="the relay"),
                tasks.create_task(keep_house(self.database), name="housekeeping"),
                *(tasks.create_task(_keep_running(each, parts), name=each.__name__) for each in self.service.workers),
            ]
            try:
                await self.broker.start()
                await self._catch_up(jetstream)
                self._waiting = None
                await asyncio.Event().wait()
            finally:
                parting = asyncio.create_task(self._part(), name="the broker")
                await _end(*working)
                # What it has in hand may come to its end.
                await _wait_for(parting)
                await _end(parting)

    async def _part(self) -> None:
        try:
            await self.broker.stop()
        except Exception as error:  # noqa: BLE001 — the bus may have gone before
            log.warning("left without a word to the bus: %s", error or type(error).__name__)

    async def _catch_up(self, jetstream: JetStreamContext) -> None:
        """Replicas of keys and rights first: a service that knows no keys turns everyone away."""
        self._waiting = "its replicas of the keys and rights"
        for each in self.service.consumers.all():
            if each.effect.__name__ in REPLICAS:
                while await pending(jetstream, each.stream, each.durable):
                    await asyncio.sleep(0.05)


async def _end(*tasks: asyncio.Task[None]) -> None:
    """Cancel them until they are over: `asyncio.wait_for`, by which libraries wait, swallows that before Python 3.12.

    Whoever waits here is not to be hurried either: a task group would tell its tasks to stop only once.
    """
    left = [each for each in tasks if not each.done()]
    while left:
        for each in left:
            each.cancel()
        await _wait_for(*left)
        left = [each for each in left if not each.done()]


async def _wait_for(*tasks: asyncio.Task[None]) -> None:
    """For a while; who is not over then is named, with the place where it is."""
    with contextlib.suppress(asyncio.CancelledError):
        _, left = await asyncio.wait(tasks, timeout=ASK_AGAIN_SECONDS)
        for each in left:
            log.warning("%s has not stopped yet: %s", each.get_name(), each.get_stack(limit=1))


async def _insist(step: Callable[[], Awaitable[None]]) -> None:
    """Try until it works: the server answers before JetStream does."""
    while True:
        try:
            return await step()
        except Exception as error:  # noqa: BLE001 — whatever it is, the bus is not ready for us
            log.warning("the bus is not ready: %s", error or type(error).__name__)
            await asyncio.sleep(0.5)


async def _keep_running(worker: Worker, parts: Parts) -> None:
    pause = 0.5
    while True:
        try:
            return await worker(parts)
        except Exception:
            log.exception("%s failed and starts again", worker.__name__)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 30.0)
