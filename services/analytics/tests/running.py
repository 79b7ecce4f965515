"""What tests do with analytics: make calls and deals, put questions to the engine, run the service."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from fastapi import FastAPI
from nats.js.errors import NotFoundError

from analytics.domain.facts import call_columns
from analytics.domain.metric import Limits
from analytics.domain.metrics import metric as find_metric
from analytics.domain.plan import Question, plan
from analytics.domain.points import Point
from analytics.domain.question import Period
from analytics.domain.workspace import Workspace
from analytics.main import create_app
from analytics.settings import Settings
from analytics.storage.clickhouse import ClickHouse
from analytics.usecases.measure import measure, with_quantiles
from analytics.workers.ingest import CALLS, RECORDS
from shared.contracts.calls import CallSnapshot
from shared.database import Database
from shared.expressions import Project, Schema
from shared.messaging.streams import pending
from shared.testing.service import PATIENCE_SECONDS, give_key, running

ZONE = "Europe/Amsterdam"
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
MARCH = Period(datetime(2026, 2, 28, 23, tzinfo=UTC), datetime(2026, 3, 31, 22, tzinfo=UTC))


def call(number: int | str, *, at: datetime = NOON, version: int = 1, **known: Any) -> CallSnapshot:
    """An inbound call that rang at ``at``, a minute long."""
    usual: dict[str, Any] = {
        "id": f"call-{number}",
        "connection": "connection-1",
        "provider": "aircall",
        "provider_call_id": str(number),
        "version": version,
        "first_seen_at": at,
        "started_at": at,
        "direction": "inbound",
        "status": "ended",
        "ended_at": at + timedelta(minutes=1),
    }
    return CallSnapshot.model_validate(usual | known)


def answered(number: int | str, wait_s: float = 10.0, **known: Any) -> CallSnapshot:
    usual: dict[str, Any] = {"outcome": "answered", "wait_s": wait_s, "talk_s": 30.0}
    return call(number, **(usual | known))


def abandoned(number: int | str, wait_s: float | None, **known: Any) -> CallSnapshot:
    usual: dict[str, Any] = {"outcome": "abandoned", "wait_s": wait_s}
    return call(number, **(usual | known))


@dataclass
class Asking:
    """A ClickHouse database of one test, and the questions put to it as the service puts them."""

    clickhouse: ClickHouse
    projects: tuple[Project, ...] = ()
    timezone: str = ZONE
    limits: Limits = field(default_factory=Limits)

    async def keep(self, calls: Iterable[CallSnapshot]) -> None:
        await self.clickhouse.insert("call", [call_columns(each) for each in calls])

    async def points(self, metric: str, variant: str | None = None, **asked: Any) -> list[Point]:
        schema = Schema({each.key: each for each in self.projects}, "EUR", self.timezone)
        found = find_metric(metric)
        chosen = found.variant(variant)
        assert chosen is not None
        question = Question(found, chosen, asked.pop("period", MARCH), **asked)
        workspace = Workspace(schema, self.limits)
        planned = plan(question, workspace, NOON)
        return await with_quantiles(self.clickhouse, planned, await measure(self.clickhouse, workspace, planned))

    async def point(self, metric: str, variant: str | None = None, **asked: Any) -> Point:
        (found,) = await self.points(metric, variant, **asked)
        return found

    async def value(self, metric: str, variant: str | None = None, **asked: Any) -> Any:
        return (await self.point(metric, variant, **asked)).value


@dataclass
class Running:
    app: FastAPI
    client: httpx.AsyncClient
    key: str

    @property
    def database(self) -> Database:
        found: Database = self.app.state.database
        return found

    @property
    def clickhouse(self) -> ClickHouse:
        found: ClickHouse = self.app.state.parts["clickhouse"]
        return found

    async def forget(self) -> None:
        """Every fact there is."""
        tables = "SELECT name FROM system.tables WHERE database = currentDatabase() AND total_rows > 0"
        for each in await self.clickhouse.query(f"{tables} AND name != 'migration'"):
            await self.clickhouse.command(f"TRUNCATE TABLE {each['name']}")

    async def get(self, path: str, **parameters: Any) -> Any:
        answer = await self.client.get(path, params=parameters)
        assert answer.is_success, answer.text
        return answer.json()

    async def refused(self, path: str, **parameters: Any) -> list[str]:
        """The places that a 422 names."""
        answer = await self.client.get(path, params=parameters)
        assert answer.status_code == 422, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        return [each["pointer"] for each in answer.json()["errors"]]


@asynccontextmanager
async def running_service(database_url: str, nats_url: str, clickhouse_url: str) -> AsyncIterator[Running]:
    app = create_app(Settings(database_url=database_url, nats_url=nats_url, clickhouse_url=clickhouse_url))
    async with running(app) as client:
        key = await give_key(app.state.database)
        client.headers["authorization"] = f"Bearer {key}"
        yield Running(app, client, key)


async def settled(jetstream: Any) -> None:
    """Until the service has settled every message of both streams."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await _owes(jetstream, "CALLS", CALLS) or await _owes(jetstream, "RECORDS", RECORDS):
            await asyncio.sleep(0.02)


async def _owes(jetstream: Any, stream: str, durable: str) -> bool:
    """Ready is who answers; the consumers of batches are made a moment later."""
    try:
        return await pending(jetstream, stream, durable) > 0
    except NotFoundError:
        return True
