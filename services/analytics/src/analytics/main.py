"""Wires the service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import FastAPI

from analytics.api import benchmarks, charts, comparisons, configuration, dashboards, live, metrics, shares, web
from analytics.consumers import calls, records
from analytics.domain.live import Board
from analytics.settings import Settings
from analytics.storage.clickhouse import open_clickhouse
from analytics.storage.migrations import migrate
from analytics.storage.persons import found_of
from analytics.usecases.follow import Pulse
from analytics.workers.ingest import INGESTS, ingest_calls, ingest_records
from analytics.workers.jobs import JOBS
from shared.http.application import Service, create_service
from shared.jobs import jobs_router, run_jobs
from shared.messaging import Consumers
from shared.privacy import person_part_router

MIGRATIONS = Path(__file__).parents[2] / "migrations"


def create_app(settings: Settings) -> FastAPI:
    consumers = Consumers("analytics")
    consumers.include(records.consumers)
    consumers.include(calls.consumers)
    state: dict[str, Any] = {"board": Board(ZoneInfo(settings.timezone)), "pulse": Pulse()}

    @asynccontextmanager
    async def clickhouse() -> AsyncIterator[None]:
        """The engine is open, in its newest shape, as long as the service lives."""
        opened = await open_clickhouse(settings.clickhouse_url, settings.clickhouse_memory_bytes)
        try:
            await migrate(opened, MIGRATIONS / "clickhouse")
            state["clickhouse"] = opened
            yield
        finally:
            await opened.close()

    return create_service(
        Service(
            name="analytics",
            summary="Metrics and dashboards of calls and sales; metrics are held against benchmarks and the own past.",
            settings=settings,
            migrations=MIGRATIONS,
            consumers=consumers,
            routers=[
                metrics.router,
                benchmarks.router,
                comparisons.router,
                charts.router,
                dashboards.router,
                shares.router,
                configuration.router,
                live.router,
                person_part_router(partial(found_of, state)),
                jobs_router("analytics"),
                web.router,
            ],
            workers=[ingest_calls, ingest_records, run_jobs(JOBS)],
            ingests=INGESTS,
            resources=[clickhouse],
            state=state,
        )
    )
