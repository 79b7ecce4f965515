"""Wires the service."""

from pathlib import Path

from fastapi import FastAPI

from calls.api import agents, calls, connections, deliveries, hooks, subscriptions
from calls.consumers.records import consumers
from calls.settings import Settings
from calls.storage.spool import Spool
from calls.usecases.take_delivery import Intake
from calls.workers.connections import follow_connections
from calls.workers.jobs import JOBS
from calls.workers.normalise import normalise_deliveries
from calls.workers.retention import expire_bodies
from calls.workers.spool import drain_spool
from shared.contracts.calls import AgentChanged, CallEnded, CallUpdated
from shared.http.application import Service, create_service
from shared.jobs import jobs_router, run_jobs

MIGRATIONS = Path(__file__).parents[2] / "migrations"


def create_app(settings: Settings) -> FastAPI:
    intake = Intake(settings.database_url, Spool(settings.spool_dir, settings.spool_max_bytes), settings.test_clock)
    return create_service(
        Service(
            name="calls",
            summary="Webhooks of telephony providers, and the one truth about each call.",
            settings=settings,
            migrations=MIGRATIONS,
            consumers=consumers,
            routers=[
                hooks.router,
                connections.router,
                subscriptions.router,
                calls.router,
                deliveries.router,
                agents.router,
                jobs_router("calls"),
            ],
            publishes=[CallUpdated, CallEnded, AgentChanged],
            workers=[normalise_deliveries, drain_spool, follow_connections, run_jobs(JOBS), expire_bodies],
            resources=[intake.opened],
            state={"intake": intake, "trusted_proxies": settings.trusted_proxies, "raw_days": settings.raw_days},
            quiet_paths=["/hooks/"],
        )
    )
