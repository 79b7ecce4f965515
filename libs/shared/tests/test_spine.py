"""The spine end to end: a request becomes an event, the event an effect, each once, in one trace."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

import httpx
import pytest
from fastapi import Depends
from prometheus_client import REGISTRY, Metric
from prometheus_client.registry import Collector
from pydantic import BaseModel
from pydantic_settings import SettingsConfigDict
from sqlalchemy import func, select, text

from shared.contracts.records import KeyChanged
from shared.database import Database, Tx
from shared.database.tables import dead_letter, inbox, outbox
from shared.errors import Conflict, Unavailable
from shared.http.application import Service, create_service
from shared.http.authentication import Principal, replicate_key, requires
from shared.http.command import CommandRouter
from shared.messaging import Consumers
from shared.messaging.streams import pending
from shared.settings import ServiceSettings
from shared.testing.service import PATIENCE_SECONDS, give_key, running

MIGRATIONS = Path(__file__).parent / "sample_migrations"
TRACE = "0af7651916cd43dd8448eb211c80319c"


class Settings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="SAMPLE_", frozen=True)


class Note(BaseModel):
    id: str
    body: str


Writer = Annotated[Principal, Depends(requires("write"))]


def key_changed(name: str, version: int = 1) -> KeyChanged:
    return KeyChanged(id=name, name=name, hash="0", user=None, scopes=["read"], version=version)


class Sample:
    """A small service with a note table: writing a note publishes an event that its own consumer counts."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.failures = 0
        router = CommandRouter()
        consumers = Consumers("records")

        @router.post("/notes", status_code=201)
        async def add(note: Note, transaction: Tx, _writer: Writer) -> Note:
            await transaction.execute(text("INSERT INTO note VALUES (:id, :body)"), note.model_dump())
            transaction.publish(key_changed(note.id))
            if note.body == "refuse":
                raise Conflict("Refused after writing.")
            await asyncio.sleep(0.05)
            return note

        @consumers.on(KeyChanged, heeding=lambda event: event.id != "dull")
        async def hear(event: KeyChanged, transaction: Tx) -> None:
            if event.id == "poison":
                raise Conflict("This one can never work.")
            if event.id == "flaky" and self.failures < 2:
                self.failures += 1
                raise RuntimeError("not yet")
            await replicate_key(event, transaction)
            self.heard.append(event.id)

        self.router, self.consumers = router, consumers

    def app(self, database_url: str, nats_url: str, spans: Path) -> Any:
        settings = Settings(database_url=database_url, nats_url=nats_url, spans_file=spans)
        return create_service(
            Service(
                name="records",
                summary="a sample",
                settings=settings,
                migrations=MIGRATIONS,
                consumers=self.consumers,
                routers=[self.router],
                publishes=[KeyChanged],
            )
        )


@pytest.fixture
def sample() -> Sample:
    return Sample()


@pytest.fixture
async def client(sample: Sample, database_url: str, bus_url: str, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    app = sample.app(database_url, bus_url, tmp_path / "spans.jsonl")
    async with running(app) as opened:
        opened.headers["authorization"] = f"Bearer {await give_key(app.state.database)}"
        opened.app = app  # type: ignore[attr-defined]
        yield opened


async def settled(condition: Any) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():
            await asyncio.sleep(0.02)


async def count(client: Any, table: Any) -> int:
    database: Database = client.app.state.database
    async with database.transaction() as transaction:
        return int((await transaction.execute(select(func.count()).select_from(table))).scalar_one())


async def all_heard(client: Any) -> bool:
    """Whether every event written so far is published and settled."""
    async with client.app.state.database.transaction() as transaction:
        waiting = select(func.count()).select_from(outbox).where(outbox.c.published_at.is_(None))
        unsent = (await transaction.execute(waiting)).scalar_one()
    jetstream = client.app.state.running.client.jetstream()
    return not unsent and not await pending(jetstream, "RECORDS", "records-hear")


async def test_a_change_is_heard_once_however_often_the_request_comes(client: Any, sample: Sample) -> None:
    key = {"Idempotency-Key": "k1"}
    answers = [await client.post("/notes", json={"id": "n1", "body": "x"}, headers=key) for _ in range(3)]
    assert [each.status_code for each in answers] == [201, 201, 201]
    assert answers[0].json() == answers[2].json()
    await settled(lambda: sample.heard)
    await asyncio.sleep(0.2)
    assert sample.heard == ["n1"]
    assert await count(client, outbox) == 1


async def test_a_key_used_for_another_request_is_refused(client: Any) -> None:
    key = {"Idempotency-Key": "k1"}
    await client.post("/notes", json={"id": "n1", "body": "x"}, headers=key)
    answer = await client.post("/notes", json={"id": "n2", "body": "x"}, headers=key)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_running_twin_is_told_so(client: Any) -> None:
    key = {"Idempotency-Key": "k1"}
    both = await asyncio.gather(*(client.post("/notes", json={"id": "n", "body": "x"}, headers=key) for _ in range(2)))
    assert sorted(each.status_code for each in both) == [201, 409]


async def test_an_error_after_writing_leaves_nothing_behind(client: Any, sample: Sample) -> None:
    answer = await client.post("/notes", json={"id": "n1", "body": "refuse"}, headers={"Idempotency-Key": "k"})
    assert answer.status_code == 409
    assert answer.json() == {
        "type": "about:blank", "title": "Conflict", "status": 409, "detail": "Refused after writing.",
    }  # fmt: skip
    assert await count(client, outbox) == 0
    assert await count(client, text("note")) == 0
    assert sample.heard == []


async def test_what_can_never_work_becomes_a_dead_letter_and_the_rest_goes_on(client: Any, sample: Sample) -> None:
    for name in ("poison", "flaky", "fine"):
        await client.post("/notes", json={"id": name, "body": "x"})
    await settled(lambda: {"flaky", "fine"} <= set(sample.heard))
    letters = (await client.get("/v1/dead-letters/records")).json()["items"]
    assert [each["reason"] for each in letters] == ["Conflict: This one can never work."]
    assert letters[0]["consumer"] == "records-hear"


async def test_what_nobody_heeds_is_passed_over_without_a_trace(client: Any, sample: Sample) -> None:
    for name in ("dull", "fine"):
        await client.post("/notes", json={"id": name, "body": "x"})
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not (sample.heard and await all_heard(client)):
            await asyncio.sleep(0.02)
    assert sample.heard == ["fine"]
    assert await count(client, inbox) == 1


async def test_what_cannot_be_understood_becomes_a_dead_letter(client: Any, sample: Sample) -> None:
    jetstream = client.app.state.running.client.jetstream()
    body = b'{"type": "records.key.changed.v1", "data": {"id": "dull"}}'
    await jetstream.publish("records.key.changed.v1", body, headers={"Trunkline-Event": "e1"})
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not (letters := (await client.get("/v1/dead-letters/records")).json()["items"]):
            await asyncio.sleep(0.02)
    assert "ValidationError" in letters[0]["reason"]
    assert sample.heard == []


async def test_a_dead_letter_sent_again_is_tried_again(client: Any, sample: Sample) -> None:
    await client.post("/notes", json={"id": "poison", "body": "x"})
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not (letters := (await client.get("/v1/dead-letters/records")).json()["items"]):
            await asyncio.sleep(0.02)
    answer = await client.post(f"/v1/dead-letters/records/{letters[0]['id']}/replay")
    assert answer.status_code == 200
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await count(client, dead_letter) < 2:
            await asyncio.sleep(0.02)


async def test_many_changes_at_once_all_arrive_once(client: Any, sample: Sample) -> None:
    names = [f"n{number}" for number in range(120)]
    await asyncio.gather(*(client.post("/notes", json={"id": name, "body": "x"}) for name in names))
    await settled(lambda: len(sample.heard) >= len(names))
    assert sorted(sample.heard) == sorted(names)
    assert await count(client, inbox) == len(names)


async def test_request_and_effect_are_one_trace(client: Any, sample: Sample, tmp_path: Path) -> None:
    headers = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
    await client.post("/notes", json={"id": "n1", "body": "+31612345678"}, headers=headers)
    await settled(lambda: sample.heard)
    async with client.app.state.database.transaction() as transaction:
        envelope = json.loads((await transaction.execute(select(outbox.c.envelope))).scalar_one())
    assert envelope["traceparent"].split("-")[1] == TRACE


async def test_strangers_are_turned_away_and_places_are_named(client: Any) -> None:
    nobody = await client.post("/notes", json={"id": "n", "body": "x"}, headers={"authorization": "Bearer tl_x"})
    assert nobody.status_code == 401
    wrong = await client.post("/notes", json={"id": 7})
    assert wrong.status_code == 422
    assert {each["pointer"] for each in wrong.json()["errors"]} == {"/id", "/body"}
    assert (await client.get("/nowhere")).json()["status"] == 404
    assert (await client.post("/notes", content=b"x" * (11 << 20))).status_code == 413
    assert (await client.post("/notes", content=b"{", headers={"content-type": "application/json"})).status_code == 422


async def test_the_service_describes_itself(client: Any) -> None:
    events = (await client.get("/asyncapi.json")).json()
    schemas = events["components"]["schemas"]
    told = next(each for each in events["components"]["messages"].values() if each["payload"]["title"] == "KeyChanged")
    envelope, carried = told["payload"]["allOf"]
    assert "causation" in schemas[envelope["$ref"].rpartition("/")[2]]["properties"]
    assert carried["properties"]["type"] == {"const": "records.key.changed.v1"}
    assert "hash" in schemas[carried["properties"]["data"]["$ref"].rpartition("/")[2]]["properties"]
    assert (await client.get("/asyncapi")).is_success
    assert (await client.get("/metrics")).status_code == 200
    assert (await client.get("/openapi.json")).json()["paths"]["/notes"]


class Slow(Collector):
    """Metrics that are not there until somebody else was answered."""

    def __init__(self) -> None:
        self.asked, self.answered = threading.Event(), threading.Event()

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> list[Metric]:
        self.asked.set()
        self.answered.wait(PATIENCE_SECONDS)
        return []


async def test_others_are_answered_while_metrics_are_collected(client: Any) -> None:
    slow = Slow()
    REGISTRY.register(slow)
    metrics = asyncio.create_task(client.get("/metrics"))
    await asyncio.to_thread(slow.asked.wait, PATIENCE_SECONDS)
    assert (await client.get("/livez")).is_success
    assert not metrics.done()
    slow.answered.set()
    REGISTRY.unregister(slow)
    assert "otel_scope" not in (await metrics).text


async def test_a_deadlock_is_a_try_again(client: Any) -> None:
    database: Database = client.app.state.database
    for name in "ab":
        await client.post("/notes", json={"id": name, "body": "x"})

    async def lock(first: str, second: str) -> None:
        async with database.transaction() as transaction:
            for name in (first, second):
                await transaction.execute(text("SELECT 1 FROM note WHERE id = :id FOR UPDATE"), {"id": name})
                await asyncio.sleep(0.2)

    ended = await asyncio.gather(lock("a", "b"), lock("b", "a"), return_exceptions=True)
    assert [type(each) for each in ended if each] == [Unavailable]
