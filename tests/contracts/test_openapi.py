"""Every answer of every service is one that its document describes, whoever asks for whatever."""

import asyncio
import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import pytest
import schemathesis
import uvicorn
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import checks
from sqlalchemy import text

from shared.database import Database
from shared.engines.databases import create_database, drop_database
from shared.engines.ports import free_ports
from shared.policy.tables import account, role
from shared.testing.service import give_key

# So many requests an operation; a longer look: TRUNKLINE_EXAMPLES=20.
EXAMPLES = int(os.environ.get("TRUNKLINE_EXAMPLES", "1"))
SERVICES = ("calls", "automations", "analytics") if EXAMPLES == 1 else ("records", "calls", "automations", "analytics")
checks.load_all_checks()
CHECKS = checks.CHECKS.get_by_names(
    ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance"]
)
NO_BUS = "nats://127.0.0.1:9"
PROJECT, PERSON = "0193e0a1-5f0b-7c3e-9d52-2a0a4a8f6b11", "0193e0a1-5f0b-7c3e-9d52-2a0a4a8f6b12"
USER = text(
    """
    INSERT INTO "user" (id, name, email, teams, skills, active, version, created_at)
    VALUES (:id, :name, :email, :teams, '{}', :active, :version, now())
    """
)
JUNIOR = {
    "id": "r1", "project": PROJECT, "key": "junior", "name": "Junior", "permissions": {}, "record_scope": "all",
    "default_field_permission": "view", "field_permissions": {}, "default_list_permission": "edit",
    "list_permissions": {}, "allowed_tags": [], "denied_tags": [], "users": [PERSON], "teams": [], "version": 1,
}  # fmt: skip


@pytest.mark.parametrize("name", SERVICES)
def test_whatever_is_asked_the_answer_is_as_documented(name: str, postgres_url: str, chdb_path: str) -> None:
    with started(name, postgres_url, chdb_path) as (app, address):
        callers = asyncio.run(keys(app.state.settings.database_url, name))
        document = schemathesis.openapi.from_dict(app.openapi())
        turns = enumerate(operations(document))
        wrong = [told for turn, each in turns for told in found_wrong(each, address, asking(callers, turn))]
    assert not wrong, "\n\n".join(wrong)


def operations(document: Any) -> Iterator[Any]:
    """Those for programs: pages are for people, and without a bus the service is not ready."""
    every = (found.ok() for found in document.get_all_operations())
    return (each for each in every if each.path.startswith("/v1/"))


def asking(callers: Mapping[str, str | None], turn: int) -> Mapping[str, str | None]:
    """All of them, or in the suite one after the other."""
    names = list(callers) if EXAMPLES > 1 else [list(callers)[turn % len(callers)]]
    return {name: callers[name] for name in names}


def found_wrong(operation: Any, address: str, callers: Mapping[str, str | None]) -> Iterator[str]:
    for number, (caller, key) in enumerate(callers.items()):
        headers = {"authorization": f"Bearer {key}"} if key else {}

        @seed(number)
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            case.headers.pop("Authorization", None)
            case.call_and_validate(base_url=address, headers=headers, checks=CHECKS)  # noqa: B023 — called in its turn

        try:
            ask()
        except (AssertionError, BaseExceptionGroup) as error:
            yield f"{operation.method.upper()} {operation.path} as {caller}: {error}"


@contextmanager
def started(name: str, postgres_url: str, chdb_path: str) -> Iterator[tuple[FastAPI, str]]:
    """The service with a database of its own, in a thread of its own."""
    database = f"contract_{name}_{os.getpid()}"
    asyncio.run(create_database(postgres_url, database))
    own = postgres_url.replace("postgresql://", "postgresql+asyncpg://").removesuffix("postgres") + database
    given_ = {"database_url": own, "nats_url": NO_BUS}
    if name == "analytics":
        given_["clickhouse_url"] = f"chdb://{chdb_path}?database={database}"
    app: FastAPI = import_module(f"{name}.main").create_app(import_module(f"{name}.settings").Settings(**given_))
    (port,) = free_ports(1)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="critical"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(0.02)
        yield app, f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
        asyncio.run(drop_database(postgres_url, database))


async def keys(database_url: str, name: str) -> dict[str, str | None]:
    """An administrator, a user with a role, one who may only read, and nobody."""
    database = Database(database_url)
    person = {"id": PERSON, "name": "Jo", "email": "jo@example.com", "teams": [], "active": True, "version": 1}
    try:
        async with database.transaction() as transaction:
            await transaction.execute(role.insert().values(JUNIOR))
            if name == "records":
                await transaction.execute(USER, person)
            else:
                known = {key: part for key, part in person.items() if key in account.c}
                await transaction.execute(account.insert().values(known))
        given_ = {
            "an administrator": await give_key(database),
            "a junior": await give_key(database, ["read", "write"]),
            "a reader": await give_key(database, ["read"]),
        }
        async with database.transaction() as transaction:
            mine = text('UPDATE api_key SET "user" = :id WHERE scopes = CAST(:scopes AS text[])')
            await transaction.execute(mine, {"id": PERSON, "scopes": ["read", "write"]})
        return given_ | {"nobody": None}
    finally:
        await database.dispose()
