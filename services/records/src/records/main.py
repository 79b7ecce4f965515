"""Where records is put together: the only place that wires."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from records.api import (
    activities,
    bulk_updates,
    buttons,
    checklists,
    comments,
    configuration,
    consents,
    dependencies,
    documents,
    exports,
    fields,
    files,
    forms,
    guidance,
    guides,
    history,
    imports,
    keys,
    lists,
    options,
    persons,
    phone_matches,
    projects,
    public_forms,
    rates,
    records,
    referenced_by,
    retentions,
    roles,
    selections,
    suggestions,
    tags,
    templates,
    transfers,
    trash,
    unsubscribing,
    users,
    value_lists,
)
from records.api.configured_projects import all_nouns
from records.consumers.calls import consumers
from records.gateways.blobs import Blobs
from records.gateways.peers import Peer
from records.settings import Settings
from records.storage import workspaces
from records.usecases.announce_snapshots import announce_snapshots
from records.usecases.bootstrap_keys import bootstrap_keys
from records.usecases.configure_all import KIND
from records.usecases.sign_in import sign_in
from records.workers.configurations import run_configuration
from records.workers.due import due
from records.workers.field_indexes import index_fields
from records.workers.jobs import JOBS
from records.workers.retention import keep_retention
from shared.contracts import records as contracts
from shared.database import Database
from shared.http.application import Service, create_service
from shared.jobs import Kinds, jobs_router, run_jobs

MIGRATIONS = Path(__file__).parents[2] / "migrations"
ADMINISTRATOR = ("read", "write", "admin", "backdate")
A_SERVICE = (*ADMINISTRATOR, "delegate")
PUBLISHES = (
    contracts.RecordCreated,
    contracts.RecordUpdated,
    contracts.RecordMoved,
    contracts.RecordDeleted,
    contracts.RecordRestored,
    contracts.ActivityLogged,
    contracts.SuggestionRaised,
    contracts.FormSubmitted,
    contracts.ConsentChanged,
    contracts.PersonReturned,
    contracts.ButtonPressed,
    contracts.ProjectChanged,
    contracts.KeyChanged,
    contracts.UserChanged,
    contracts.RoleChanged,
    contracts.RateChanged,
)


def create_app(settings: Settings) -> FastAPI:
    state: dict[str, Any] = {"blobs": Blobs(settings.files)} if settings.files else {}
    nouns = (projects, lists, fields, tags, forms, records, activities, phone_matches, templates, users, keys, rates)
    work = (
        buttons,
        files,
        referenced_by,
        comments,
        history,
        checklists,
        dependencies,
        trash,
        guides,
        guidance,
        suggestions,
        imports,
        exports,
        bulk_updates,
        selections,
        transfers,
        persons,
        consents,
        retentions,
        roles,
        value_lists,
        options,
        documents,
        configuration,
    )
    kinds: Kinds = {**JOBS, KIND: partial(run_configuration, all_nouns())}
    return create_service(
        Service(
            name="records",
            summary="Projects, lists, fields, records and what happens on them.",
            settings=settings,
            migrations=MIGRATIONS,
            consumers=consumers,
            routers=[
                *(noun.router for noun in (*nouns, *work)),
                public_forms.public,
                public_forms.pages,
                unsubscribing.pages,
                jobs_router("records"),
            ],
            publishes=PUBLISHES,
            workers=[
                run_jobs(kinds),
                due,
                index_fields,
                keep_retention,
            ],
            prepare=partial(prepare, settings=settings),
            sign_in=sign_in,
            stamp=f"({workspaces.NEWEST})",
            resources=[partial(peers, settings, state)],
            state=state,
        )
    )


async def prepare(database: Database, *, settings: Settings) -> None:
    """Before anything is served: the first keys, and every snapshot told again."""
    given = {
        "Administrator": (settings.admin_key, ADMINISTRATOR),
        "Automations": (settings.automations_key, A_SERVICE),
    }
    wanted = {name: (key.get_secret_value(), scopes) for name, (key, scopes) in given.items() if key}
    async with database.transaction() as transaction:
        await workspaces.configure(transaction.connection, settings.base_currency, settings.timezone)
        await bootstrap_keys(transaction, wanted)
        await announce_snapshots(transaction)


@asynccontextmanager
async def peers(settings: Settings, state: dict[str, Any]) -> AsyncIterator[None]:
    """The ways to the other services, where their addresses are configured."""
    urls = {
        "calls": settings.calls_url,
        "automations": settings.automations_url,
        "analytics": settings.analytics_url,
    }
    async with httpx.AsyncClient() as client:
        key = settings.automations_key.get_secret_value() if settings.automations_key else ""
        state["peers"] = {name: Peer(client, name, url.rstrip("/"), key) for name, url in urls.items() if url and key}
        yield
