"""The service as a test sees it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from fastapi import FastAPI
from pydantic import SecretStr

from records.main import create_app
from records.settings import Settings
from shared.database import Database
from shared.http.keys import new_key

ADMIN_KEY = new_key()
# Nobody listens there: the service serves HTTP and waits for its bus.
NO_BUS = "nats://127.0.0.1:9"


class Api:
    """The service's HTTP interface, as the administrator."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        self.database: Database = app.state.database
        self.client = self.as_key(ADMIN_KEY)

    def as_key(self, key: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://records", headers=bearer(key), timeout=30)

    async def ask(self, method: str, path: str, body: Any = None, *, status: int | None = None, **headers: str) -> Any:
        """The answer's JSON, if the status is the wanted one (any good one, if none is)."""
        answer = await self.client.request(
            method, path, json=body, headers={name.replace("_", "-"): text for name, text in headers.items()}
        )
        assert answer.is_success if status is None else answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def get(self, path: str, **options: Any) -> Any:
        return await self.ask("GET", path, **options)

    async def post(self, path: str, body: Any = None, **options: Any) -> Any:
        return await self.ask("POST", path, body, **options)

    async def patch(self, path: str, body: Any, **options: Any) -> Any:
        return await self.ask("PATCH", path, body, **options)

    async def delete(self, path: str, **options: Any) -> Any:
        return await self.ask("DELETE", path, **options)

    async def query(self, project: str, **question: Any) -> Any:
        return await self.post(f"/v1/projects/{project}/records/query", question)

    async def titles(self, project: str, **question: Any) -> list[str]:
        return [each["title"] for each in (await self.query(project, **question))["items"]]


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


def settings(database_url: str, nats_url: str = NO_BUS, **others: Any) -> Settings:
    return Settings(database_url=database_url, nats_url=nats_url, admin_key=SecretStr(ADMIN_KEY), **others)


@asynccontextmanager
async def running(configured: Settings) -> AsyncIterator[Api]:
    app = create_app(configured)
    async with app.router.lifespan_context(app):
        yield Api(app)


def address(server_url: str, name: str) -> str:
    return server_url.replace("postgresql://", "postgresql+asyncpg://").removesuffix("postgres") + name
