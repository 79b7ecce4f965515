"""Wires the service."""

from pathlib import Path

from fastapi import FastAPI

from calls.api import (
    agents,
    calls,
    configuration,
    connections,
    deliveries,
    history,
    hooks,
    marketing,
    people,
    queues,
    recordings,
    subscriptions,
    surveys,
)
from calls.consumers.records import consumers
from calls.gateways.api import RealClock
from calls.settings import Settings
from calls.storage.spool import Spool
from calls.usecases.take_delivery import Intake
from calls.workers.connections import follow_connections
from calls.workers.jobs import JOBS, LONG_JOBS
from calls.workers.normalise import normalise_deliveries
from calls.workers.reconcile import reconcile_nightly
from calls.workers.refusals import note_refusals
from calls.workers.retention import expire_bodies
from calls.workers.spool import drain_spool
from calls.workers.subscriptions import watch_subscriptions
from shared.contracts.calls import AgentChanged, AvailabilityChanged, CallEnded, CallUpdated, QueueChanged, SpendChanged
from shared.http.application import Service, create_service
from shared.jobs import jobs_router, run_jobs
from shared.privacy import person_part_router

MIGRATIONS = Path(__file__).parents[2] / "migrations"


def create_app(settings: Settings) -> FastAPI:
    intake = Intake(settings.database_url, Spool(settings.spool_dir, settings.spool_max_bytes), settings.test_clock)
    state = {
        "intake": intake,
        "trusted_proxies": settings.trusted_proxies,
        "raw_days": settings.raw_days,
        "recording_days": settings.recording_days,
        "timezone": settings.timezone,
        "clock": RealClock(),
    }
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
                history.router,
                subscriptions.router,
                calls.router,
                recordings.router,
                deliveries.router,
                agents.router,
                marketing.router,
                queues.router,
                configuration.router,
                person_part_router(),
                people.router,
                surveys.router,
                surveys.public,
                jobs_router("calls"),
            ],
            publishes=[CallUpdated, CallEnded, AgentChanged, AvailabilityChanged, QueueChanged, SpendChanged],
            workers=[
                normalise_deliveries,
                drain_spool,
                follow_connections,
                note_refusals,
                run_jobs(JOBS),
                run_jobs(LONG_JOBS),
                reconcile_nightly,
                watch_subscriptions,
                expire_bodies,
            ],
            resources=[intake.opened],
            state=state,
            doors={hooks.PREFIX: hooks.door},
        )
    )
