"""A person is found in whatever spelling and column, and nobody else is; once forgotten nothing finds them."""

import re
from collections.abc import AsyncIterator
from typing import Any

import nats
import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from nats.js.api import StorageType, StreamConfig
from sqlalchemy import Connection, text

from shared.database import Database
from shared.database.tables import create_platform, outbox
from shared.http.application import Parts
from shared.jobs import add_job, create_jobs, get_job
from shared.jobs.running import run_next
from shared.privacy import KIND, Part, Person, part_job
from shared.privacy import sweep as persons

NUMBER, EMAIL, MARK = "+31612345678", "jan.de+work@example.com", "erased-abcdefabcdef"
JAN = Person((NUMBER,), (EMAIL,))
SPELLINGS = [
    NUMBER,
    "31612345678",
    "0031612345678",
    "0612345678",
    "06-12 34 56 78",
    "+31 (0)6 12345678",
    "From=%2B31612345678&To=1",
    "?n=%2031612345678",
    '{"a":"\\n+31612345678"}',
    EMAIL,
    "Jan.De+Work@Example.COM.",
    "email=jan.de%2Bwork%40example.com",
    '"\\njan.de+work@example.com"',
    f"mailto:{EMAIL}?subject=x",
]
OTHERS = [
    "+316123456789",
    "1031612345678",
    "+31612345679",
    "06123456789",
    f"ma{EMAIL}",
    "de+work@example.com",
    "0161234567",
]
TABLE = """
CREATE TABLE note (id int primary key, body text, told jsonb, tags text[], raw bytea, upper text GENERATED ALWAYS AS
    (upper(body)) STORED)
"""


@pytest.mark.parametrize("spelled", SPELLINGS)
def test_every_spelling_is_found(spelled: str) -> None:
    masked = JAN.masked(spelled, MARK)
    assert MARK in masked
    assert not re.search("12345678|example", masked, re.IGNORECASE)


@pytest.mark.parametrize("spelled", OTHERS)
def test_nobody_else_is(spelled: str) -> None:
    assert JAN.masked(spelled, MARK) == spelled


@pytest.fixture
async def parts(database_url: str, bus_url: str) -> AsyncIterator[Parts]:
    database, client = Database(database_url), await nats.connect(bus_url)
    async with database.begin() as connection:
        await connection.run_sync(_create)
    jetstream = client.jetstream()
    await jetstream.add_stream(StreamConfig("CALLS", subjects=["calls.>"], storage=StorageType.FILE))
    yield Parts(None, database, client, jetstream, {})
    await client.close()
    await database.dispose()


def _create(connection: Connection) -> None:
    operations = Operations(MigrationContext.configure(connection))
    create_platform(operations)
    create_jobs(operations)
    operations.execute(TABLE)


async def _plant(parts: Parts) -> None:
    insert = text(
        "INSERT INTO note VALUES (:id, :word, jsonb_build_object('n', CAST(:word AS text), 'bare', 31612345678,"
        " 'list', jsonb_build_array(31612345678, 'x')), ARRAY['kept', :word], convert_to(:word, 'utf8'))"
    )
    async with parts.database.begin() as connection:
        for number, word in enumerate([*SPELLINGS, *OTHERS]):
            await connection.execute(insert, {"id": number, "word": word})
        await connection.execute(text("UPDATE note SET told = '{}' WHERE id >= :first"), {"first": len(SPELLINGS)})


async def _send(parts: Parts, body: str, *, sent: bool = True) -> None:
    sequence = (await parts.jetstream.publish("calls.call", body.encode())).seq if sent else None
    async with parts.database.begin() as connection:
        row = {"event_id": body, "type": "calls.call", "aggregate": "1", "envelope": body, "stream_sequence": sequence}
        await connection.execute(outbox.insert().values({**row, "event_id": "1"}))


async def _forget(parts: Parts, **given: Any) -> Any:
    async with parts.database.transaction() as transaction:
        job = await add_job(transaction, KIND, {"numbers": [NUMBER], "emails": [EMAIL], "mark": MARK, **given})
    await run_next({KIND: part_job(Part("CALLS"))}, parts)
    async with parts.database.transaction() as transaction:
        return await get_job(transaction, job.id)


async def test_a_person_is_forgotten_in_every_column_and_nobody_else(parts: Parts) -> None:
    await _plant(parts)
    job = await _forget(parts)
    assert (job.state, job.error) == ("done", None)
    assert job.result["stores"]["postgresql:note"] == len(SPELLINGS)
    async with parts.database.begin() as connection:
        assert await persons.count(connection, JAN) == {}
        left = (await connection.execute(text("SELECT body FROM note WHERE id >= 14 ORDER BY id"))).scalars()
        assert list(left) == OTHERS
        told = (await connection.execute(text("SELECT told, tags, raw FROM note WHERE id = 0"))).one()
        assert told == ({"n": MARK, "bare": None, "list": [None, "x"]}, ["kept", MARK], MARK.encode())
    assert NUMBER not in str(job)


async def test_messages_leave_the_stream_and_what_waits_is_sent_without_them(parts: Parts) -> None:
    await _send(parts, f'{{"from":"{NUMBER}"}}')
    await _send(parts, '{"from":"+4930123"}')
    await _send(parts, f'{{"from":"{NUMBER}"}}', sent=False)
    await _send(parts, '{"data":{"record":{"id":"r1","title":"Jan"}}}')
    job = await _forget(parts, records=["r1"])
    assert job.result["stores"] == {"postgresql:outbox": 2, "nats:CALLS": 2}
    state = (await parts.jetstream.stream_info("CALLS")).state
    assert state.messages == 1
    async with parts.database.begin() as connection:
        left = (await connection.execute(text("SELECT envelope FROM outbox ORDER BY position"))).scalars()
        assert list(left) == [f'{{"from":"{MARK}"}}', '{"from":"+4930123"}', f'{{"from":"{MARK}"}}']
