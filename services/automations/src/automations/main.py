"""The only place that wires automations together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from automations.api import configuration, notifications, rules, runs, timers
from automations.consumers.records import consumers
from automations.gateways.records import Records
from automations.settings import Settings
from automations.workers.jobs import JOBS
from automations.workers.retention import forget_old
from automations.workers.steps import run_steps
from automations.workers.timers import fire_due_timers
from automations.workers.waiting import decide_waiting_runs
from shared.contracts.automations import RunFinished, TimerFired
from shared.http.application import Service, create_service
from shared.jobs import jobs_router, run_jobs
from shared.privacy import person_part_router

MIGRATIONS = Path(__file__).parents[2] / "migrations"


def create_app(settings: Settings) -> FastAPI:
    """The whole service, not yet started."""
    state: dict[str, Any] = {}

    @asynccontextmanager
    async def records() -> AsyncIterator[None]:
        key = settings.records_key.get_secret_value()
        state["records"] = Records(settings.records_url, key, settings.request_timeout_s, settings.steps_at_once)
        yield
        await state["records"].close()

    return create_service(
        Service(
            name="automations",
            summary="Rules, runs and durable timers",
            settings=settings,
            migrations=MIGRATIONS,
            consumers=consumers(settings),
            routers=[
                rules.router,
                runs.router,
                timers.router,
                notifications.router,
                configuration.router,
                person_part_router(),
                jobs_router("automations"),
            ],
            publishes=[RunFinished, TimerFired],
            workers=[run_steps, decide_waiting_runs, fire_due_timers, forget_old, run_jobs(JOBS)],
            resources=[records],
            state=state,
        )
    )
