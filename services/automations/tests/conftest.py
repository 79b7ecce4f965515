"""A small workspace for the tests: opportunities of customers, four people, and the events that tell of them."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import uvicorn
from sqlalchemy import delete, select, text
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from automations.domain.happening import RecordFact
from automations.domain.rules import Rule
from automations.domain.workspace import Workspace, workspace_of
from automations.gateways.records import Records
from automations.settings import Settings
from automations.storage import projects, steps, users
from automations.storage.tables import metadata, rule_version, run, step
from automations.usecases.follow_event import follow_event
from automations.usecases.run_steps import Prepared
from automations.usecases.save_rule import Draft, change_rule, create_rule
from automations.workers.steps import Steps
from automations.workers.timers import fire
from shared.contracts.calls import CallSnapshot
from shared.contracts.records import (
    Activity,
    ActivityLogged,
    FieldSchema,
    ListSchema,
    ProjectChanged,
    RecordSnapshot,
    UserChanged,
)
from shared.database import Database
from shared.database.migrate import migrate
from shared.database.tables import api_key, dead_letter, idempotency, inbox, outbox
from shared.engines.databases import create_database
from shared.policy.tables import account, role

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MIGRATIONS = Path(__file__).parents[1] / "migrations"

CUSTOMERS = ProjectChanged(
    id="p-customers",
    key="customers",
    name="Customers",
    lists=[ListSchema(key="customers", name="Customers", category="neutral", position=0)],
    fields=[
        FieldSchema(key="phone", name="Phone", type="phone", kind="text"),
        FieldSchema(key="industry", name="Industry", type="select", kind="option"),
    ],
    tags=[],
    version=1,
)
STAGES = {"new": "open", "talking": "open", "sent": "open", "won": "won", "lost": "lost"}
DEALS = ProjectChanged(
    id="p-deals",
    key="deals",
    name="Deals",
    lists=[
        ListSchema(key=key, name=key.title(), category=category, position=position)
        for position, (key, category) in enumerate(STAGES.items())
    ],
    fields=[
        FieldSchema(key="amount", name="Amount", type="currency", kind="money", config={"currency": "EUR"}),
        FieldSchema(key="region", name="Region", type="select", kind="option"),
        FieldSchema(key="customer", name="Customer", type="reference", kind="link", config={"project": "customers"}),
        FieldSchema(key="customer_name", name="Name", type="lookup", kind=None, config={"path": ["customer", "title"]}),
        FieldSchema(
            key="customer_industry",
            name="Industry",
            type="lookup",
            kind=None,
            config={"path": ["customer", "industry"]},
        ),
    ],
    tags=[],
    version=1,
)


def _record(**changes: Any) -> RecordSnapshot:
    project: ProjectChanged = changes.pop("project", DEALS)
    stage = changes.get("list", project.lists[0].key)
    category = next(each.category for each in project.lists if each.key == stage)
    values = {
        "id": "r1",
        "project": project.id,
        "project_key": project.key,
        "list": stage,
        "list_category": category,
        "title": "Twelve seats",
        "created_at": MONDAY,
        "updated_at": MONDAY,
        "entered_list_at": MONDAY,
        "last_activity_at": MONDAY,
        "version": 1,
    }
    return RecordSnapshot(**(values | changes))


def _rule(**changes: Any) -> Rule:
    values: dict[str, Any] = {
        "id": "01900000-0000-7000-8000-000000000001",
        "name": "A rule",
        "project": "deals",
        "trigger": {"type": "record.moved"},
        "actions": ({"type": "post_comment", "body": "Moved"},),
        "enabled_at": MONDAY,
    }
    return Rule(**(values | changes))


def _call(record: RecordSnapshot, **changes: Any) -> ActivityLogged:
    values: dict[str, Any] = {
        "id": "c1",
        "connection": "line",
        "provider": "aircall",
        "provider_call_id": "42",
        "version": 3,
        "first_seen_at": MONDAY,
        "direction": "inbound",
        "status": "ended",
        "outcome": "answered",
        "ended_at": MONDAY,
    }
    call = CallSnapshot(**(values | changes))
    activity = Activity(id=f"a-{call.id}", type="call", at=call.ended_at or MONDAY, actor=f"call:{call.id}", call=call)
    return ActivityLogged(activity=activity, record=record)


PEOPLE = [
    UserChanged(id="u-ann", name="Ann", email="ann@example.org", teams=["sales"], skills=["north"], version=1),
    UserChanged(id="u-bob", name="Bob", email="bob@example.org", teams=["sales"], skills=["south"], version=1),
    UserChanged(id="u-cas", name="Cas", email="cas@example.org", teams=["sales", "managers"], version=1),
    UserChanged(id="u-off", name="Off", email="off@example.org", teams=["sales"], active=False, version=1),
]


@pytest.fixture(scope="session")
def record() -> Callable[..., RecordSnapshot]:
    """Makes a record; a deal unless told otherwise."""
    return _record


@pytest.fixture(scope="session")
def rule() -> Callable[..., Rule]:
    return _rule


@pytest.fixture(scope="session")
def logged_call() -> Callable[..., ActivityLogged]:
    return _call


@pytest.fixture(scope="session")
def customers() -> ProjectChanged:
    return CUSTOMERS


@pytest.fixture(scope="session")
def deals() -> ProjectChanged:
    return DEALS


@pytest.fixture(scope="session")
def workspace() -> Workspace:
    return workspace_of([CUSTOMERS, DEALS], "EUR", "Europe/Amsterdam")


@pytest.fixture(scope="session")
def people() -> list[UserChanged]:
    """Ann, Bob and Cas sell; Cas manages; Off has left."""
    return PEOPLE


@pytest.fixture(scope="session")
def monday() -> datetime:
    return MONDAY


class RecordsStandIn:
    """An HTTP server in the place of records: it does each command once by its Idempotency-Key, and remembers.

    ``effects`` are (method, path, body) in order; ``asked`` counts every request; ``answers`` are statuses to give
    instead, once each, with the problem's ``title``; ``after`` is awaited between an effect and its answer.
    """

    def __init__(self) -> None:
        self.url = ""
        self.effects: list[tuple[str, str, Any]] = []
        self.requests: list[Request] = []
        self.answers: list[int] = []
        self.title = "No"
        self.after: Callable[[], Awaitable[None]] | None = None
        self.keys: list[str] = []
        self._first: dict[str, bytes] = {}

    async def answer(self, request: Request) -> JSONResponse:
        self.requests.append(request)
        body = await request.body()
        if self.answers:
            status = self.answers.pop(0)
            return JSONResponse({"title": self.title, "status": status, "detail": f"Answered {status}."}, status)
        key = request.headers["idempotency-key"]
        if self._first.setdefault(key, body) != body:
            return JSONResponse({"status": 422, "detail": "This key was used for another request before."}, 422)
        if key not in self.keys:
            self.keys.append(key)
            self.effects.append((request.method, request.url.path, json.loads(body)))
        if self.after:
            await self.after()
        return JSONResponse({"id": "x"}, 201)


@pytest_asyncio.fixture(loop_scope="session")
async def records() -> AsyncIterator[RecordsStandIn]:
    stand_in = RecordsStandIn()
    application = Starlette(routes=[Route("/{path:path}", stand_in.answer, methods=["POST", "PATCH", "DELETE"])])
    listener = socket.create_server(("127.0.0.1", 0))
    stand_in.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = uvicorn.Server(uvicorn.Config(application, lifespan="off", ws="none", log_config=None))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    yield stand_in
    server.should_exit = True
    await serving


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def automations_database(postgres_url: str) -> str:
    """The address of one migrated database for all tests of this package; each empties it first."""
    await create_database(postgres_url, "automations")
    url = postgres_url.replace("postgresql:", "postgresql+asyncpg:").removesuffix("postgres") + "automations"
    await migrate(url, MIGRATIONS)
    return url


async def _empty(database: Database) -> None:
    """Deleting a few rows is ten times faster than truncating. Those that refer to others go first."""
    shared = (outbox, inbox, idempotency, dead_letter, api_key, account, role)
    tables = dict.fromkeys([step, rule_version, *metadata.sorted_tables, *shared])
    async with database.transaction() as transaction:
        for table in tables:
            await transaction.execute(delete(table))


@dataclass
class World:
    """Automations without its bus: events are told directly, steps and timers run when asked to."""

    database: Database
    settings: Settings
    stand_in: RecordsStandIn
    gateway: Records
    told: int = 0

    async def tell(self, event: RecordFact, event_id: str = "", *, depth: int = 0, origin: tuple[str, ...] = ()) -> str:
        """As the inbox hands it on."""
        self.told += 1
        event_id = event_id or f"event-{self.told}"
        async with self.database.transaction() as transaction:
            transaction.causation, transaction.depth, transaction.origin = event_id, depth, origin
            await follow_event(transaction, event, self.settings)
        return event_id

    async def rule(self, **wanted: Any) -> Rule:
        draft = {"name": "A rule", "project": "deals", "actions": [{"type": "post_comment", "body": "Hello"}]} | wanted
        async with self.database.transaction() as transaction:
            return await create_rule(transaction, Draft(**draft), self.settings)

    async def change(self, rule: Rule, **changes: Any) -> Rule:
        async with self.database.transaction() as transaction:
            return await change_rule(transaction, rule, changes, self.settings)

    @property
    def worker(self) -> Steps:
        return Steps(self.database, self.gateway, self.settings)

    async def claim(self, limit: int = 50) -> list[Prepared]:
        return (await self.worker.claim(limit))[1]

    async def work(self) -> None:
        """Take due steps until none are left."""
        due = 1
        while due:
            due, prepared = await self.worker.claim(50)
            while prepared:
                replies = [(each, await self.worker.send(each)) for each in prepared]
                prepared = await self.worker.conclude(replies)

    async def fire(self) -> int:
        """Deal with due timers until none are left; how many there were."""
        count = 0
        while fired := await fire(self.database, self.settings):
            count += fired
        return count

    async def go_to(self, moment: datetime) -> None:
        """Move the clock."""
        statement = text('UPDATE app_clock SET "offset" = :moment - now()')
        async with self.database.transaction() as transaction:
            await transaction.execute(statement, {"moment": moment})

    async def rows(self, query: str, **parameters: Any) -> list[Any]:
        async with self.database.transaction() as transaction:
            return list((await transaction.execute(text(query), parameters)).all())

    async def runs(self) -> list[Any]:
        async with self.database.transaction() as transaction:
            return list((await transaction.execute(select(run).order_by(run.c.id))).all())

    async def steps_of(self, run_id: str) -> list[Any]:
        async with self.database.transaction() as transaction:
            return await steps.of_run(transaction, run_id)


@pytest_asyncio.fixture(loop_scope="session")
async def world(automations_database: str, records: RecordsStandIn) -> AsyncIterator[World]:
    """The workspace is known, the people too, and the clock stands at Monday nine o'clock."""
    settings = Settings(
        database_url=automations_database,
        records_url=records.url,
        records_key="key",
        step_attempts=3,
        schema_patience_s=0,
    )
    database, gateway = Database(automations_database), Records(records.url, "key")
    opened = World(database, settings, records, gateway)
    await _empty(database)
    await opened.go_to(MONDAY)
    async with database.transaction() as transaction:
        for project in (CUSTOMERS, DEALS):
            await projects.keep(transaction, project)
        for person in PEOPLE:
            await users.keep(transaction, person)
    yield opened
    await gateway.close()
    await database.dispose()
