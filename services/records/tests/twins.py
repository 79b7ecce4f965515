"""Two worlds that differ only in what a role hides, asked the same questions.

Ids and the clock are the same in both as far as anybody can tell: each has its own ids, which are read as the names of
what they stand for, and a clock that is set by hand.
"""

import base64
import binascii
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
from services.records.tests.conftest import RENEWED
from services.records.tests.importing import parts
from services.records.tests.running import Api, address, running, settings
from sqlalchemy import text

from records.workers.jobs import JOBS
from shared.engines.databases import create_database, drop_database
from shared.jobs.running import run_next
from shared.testing.service import empty

CLOCK = (
    "CREATE TABLE IF NOT EXISTS hand (at timestamptz NOT NULL)",
    "DELETE FROM hand",
    "INSERT INTO hand VALUES ('2026-03-02T09:00:00Z')",
    "CREATE OR REPLACE FUNCTION app_now() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT at FROM hand'",
)
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
NAME = re.compile(r"<(\w+)>")
CURSOR = re.compile(r'"next_cursor":"([^"]+)"')
TOLD = ("content-type", "content-disposition", "etag", "link", "location")


@dataclass(frozen=True)
class Either:
    """What the first world has, and what the second."""

    values: tuple[Any, Any]


@dataclass
class Answer:
    """As anybody could compare it: names in the place of ids."""

    status: int
    headers: Mapping[str, str]
    text: str


class World:
    """One of the two. ``ids`` are by name, ``names`` by id."""

    def __init__(self, number: int, api: Api) -> None:
        self.number, self.api = number, api
        self.ids: dict[str, str] = {}
        self.names: dict[str, str] = {}
        self.person = api.client

    async def empty(self) -> None:
        await empty(self.api.database, key="Administrator", but=["workspace"])
        async with self.api.database.begin() as connection:
            await connection.execute(RENEWED)
            for statement in CLOCK:
                await connection.execute(text(statement))
        self.api.app.state.parts.clear()
        self.ids.clear()
        self.names.clear()

    async def ask(self, client: httpx.AsyncClient, method: str, path: str, body: Any, **options: Any) -> httpx.Response:
        """Names in angle brackets become ids; a minute passes."""
        async with self.api.database.begin() as connection:
            await connection.execute(text("UPDATE hand SET at = at + interval '1 minute'"))
        content = {"content": body} if isinstance(body, bytes) else {"json": self.own(body)}
        return await client.request(method, self._spoken(path), **content, **options)

    async def work(self) -> None:
        while await run_next(JOBS, parts(self.api)):
            pass

    def own(self, part: Any) -> Any:
        """The part as it is in this world."""
        match part:
            case Either():
                return self.own(part.values[self.number])
            case str():
                return self._spoken(part)
            case Mapping():
                return {key: self.own(each) for key, each in part.items()}
            case Sequence():
                return [self.own(each) for each in part]
        return part

    def name(self, name: str, id_: str) -> None:
        self.ids[name], self.names[id_] = id_, name

    def told(self, answer: httpx.Response) -> Answer:
        headers = {name: answer.headers[name] for name in TOLD if name in answer.headers}
        spoken = {name: self._named(each) for name, each in headers.items()}
        return Answer(answer.status_code, spoken, self._named(_opened(answer.text)))

    def _spoken(self, words: str) -> str:
        return NAME.sub(lambda found: self.ids.get(found[1], found[0]), words)

    def _named(self, words: str) -> str:
        return ID.sub(lambda found: f"<{self.names.setdefault(found[0], f'new{len(self.names)}')}>", words)


class Twins:
    """Both at once."""

    def __init__(self, worlds: Sequence[World]) -> None:
        self.worlds = worlds

    async def make(self, method: str, path: str, body: Any = None, name: str | None = None) -> None:
        """As the administrator, in both; ``name`` is what is made called from now on."""
        for world in self.worlds:
            answer = await world.ask(world.api.client, method, path, body)
            assert answer.is_success, (method, path, body, answer.text)
            if name:
                world.name(name, answer.json()["id"])

    async def enter(self, user: str, scopes: Sequence[str] = ("read", "write")) -> None:
        for world in self.worlds:
            given = {"name": "Own", "scopes": list(scopes), "user": world.ids[user]}
            world.person = world.api.as_key((await world.api.post("/v1/keys", given))["key"])

    async def ask(self, method: str, path: str, body: Any = None, **options: Any) -> tuple[Answer, Answer]:
        """As the person with the role."""
        first, second = [
            world.told(await world.ask(world.person, method, path, body, **options)) for world in self.worlds
        ]
        return first, second

    async def work(self) -> None:
        for world in self.worlds:
            await world.work()


def _opened(words: str) -> str:
    """A cursor is read, for it may carry ids."""
    return CURSOR.sub(lambda found: f'"next_cursor":{orjson.dumps(_keys(found[1])).decode()}', words)


def _keys(cursor: str) -> Any:
    try:
        return orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        return cursor


@asynccontextmanager
async def twins(postgres_url: str, template: str) -> AsyncIterator[Twins]:
    async with AsyncExitStack() as stack:
        worlds = []
        for number in range(2):
            name = f"records_twin_{number}"
            await create_database(postgres_url, name, template=template)
            stack.push_async_callback(drop_database, postgres_url, name)
            api = await stack.enter_async_context(running(settings(address(postgres_url, name))))
            worlds.append(World(number, api))
        yield Twins(worlds)
