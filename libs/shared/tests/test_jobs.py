"""Long work: each step once, whoever is killed; resumed, cancelled, failed with a reason."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, text, update

from shared.database import Database
from shared.database.tables import api_key, create_platform
from shared.errors import Conflict
from shared.http.application import Parts
from shared.jobs import Job, JobNotFound, RunningJob, add_job, cancel_job, create_jobs, find_jobs, get_job
from shared.jobs.running import Handler, run_next
from shared.jobs.storage import claim
from shared.jobs.tables import job as jobs
from shared.policy.tables import create_rights


@pytest.fixture
async def parts(database_url: str) -> AsyncIterator[Any]:
    database = Database(database_url)
    async with database.begin() as connection:
        await connection.run_sync(_create)
        asker = {"id": "one", "name": "One", "hash": "of one", "scopes": ["read", "write"], "version": 1}
        await connection.execute(api_key.insert().values(asker))
    yield Parts(None, database, None, None, {})  # type: ignore[arg-type]  # jobs use the database only
    await database.dispose()


def _create(connection: Connection) -> None:
    operations = Operations(MigrationContext.configure(connection))
    create_platform(operations)
    create_jobs(operations)
    create_rights(operations)
    operations.execute("CREATE TABLE counted (number int)")


async def _added(parts: Parts, **given: Any) -> Job:
    async with parts.database.transaction(actor="key:one") as transaction:
        return await add_job(transaction, "count", given, key="one")


async def _read(parts: Parts, job: Job) -> Job:
    async with parts.database.transaction() as transaction:
        return await get_job(transaction, job.id)


async def _counted(parts: Parts) -> list[int]:
    async with parts.database.transaction() as transaction:
        return list((await transaction.execute(text("SELECT number FROM counted ORDER BY number"))).scalars())


def counting(dies_at: int | None = None) -> Handler:
    async def count(running: RunningJob) -> Mapping[str, Any]:
        for number in range(running.position.get("next", 0), running.input["until"]):
            async with running.step({"next": number + 1}, done=number + 1, total=running.input["until"]) as transaction:
                await transaction.execute(text("INSERT INTO counted VALUES (:number)"), {"number": number})
                if number == dies_at:
                    raise SystemError("killed")
        return {"counted": running.input["until"]}

    return count


async def test_a_job_runs_to_its_end_and_leaves_a_receipt(parts: Parts) -> None:
    job = await _added(parts, until=3)
    assert await run_next({"count": counting()}, parts)
    after = await _read(parts, job)
    assert (after.state, after.done, after.total, after.result) == ("done", 3, 3, {"counted": 3})
    assert after.actor == "key:one"
    assert not await run_next({"count": counting()}, parts)


async def test_a_job_taken_over_goes_on_after_its_last_committed_step(parts: Parts) -> None:
    job = await _added(parts, until=4)
    async with parts.database.transaction() as transaction:
        lost = await claim(transaction, ["count"])
    assert lost is not None
    running = RunningJob(lost, parts.database, parts)
    async with running.step({"next": 1}, done=1) as transaction:
        await transaction.execute(text("INSERT INTO counted VALUES (0)"))
    await _expire(parts)
    assert await run_next({"count": counting()}, parts)
    assert await _counted(parts) == [0, 1, 2, 3]
    assert (await _read(parts, job)).attempt == 2


async def test_whoever_lost_its_lease_changes_nothing_more(parts: Parts) -> None:
    await _added(parts, until=2)
    async with parts.database.transaction() as transaction:
        lost = await claim(transaction, ["count"])
    assert lost is not None
    await _expire(parts)
    await run_next({"count": counting()}, parts)
    with pytest.raises(Exception, match=lost.id):
        async with RunningJob(lost, parts.database, parts).step({"next": 9}) as transaction:
            await transaction.execute(text("INSERT INTO counted VALUES (9)"))
    assert await _counted(parts) == [0, 1]


async def test_a_step_that_raises_undoes_its_work_and_its_checkpoint(parts: Parts) -> None:
    job = await _added(parts, until=3)
    await run_next({"count": counting(dies_at=1)}, parts)
    after = await _read(parts, job)
    assert (after.state, after.done, after.error) == ("failed", 1, "SystemError: killed")
    assert await _counted(parts) == [0]


async def test_a_problem_is_the_reason_in_its_own_words(parts: Parts) -> None:
    async def refuse(_running: RunningJob) -> Mapping[str, Any]:
        raise Conflict("The list is locked.")

    job = await _added(parts)
    await run_next({"count": refuse}, parts)
    assert (await _read(parts, job)).error == "The list is locked."


async def test_a_waiting_job_is_cancelled_at_once_and_a_running_one_before_its_next_step(parts: Parts) -> None:
    waiting = await _added(parts, until=1)
    async with parts.database.transaction() as transaction:
        assert (await cancel_job(transaction, waiting.id)).state == "cancelled"

    async def cancels_itself(running: RunningJob) -> Mapping[str, Any]:
        async with parts.database.transaction() as transaction:
            await cancel_job(transaction, running.job.id)
        return await counting()(running)

    job = await _added(parts, until=3)
    await run_next({"count": cancels_itself}, parts)
    assert (await _read(parts, job)).state == "cancelled"
    assert await _counted(parts) == []


async def test_a_job_that_kills_its_workers_fails_at_last(parts: Parts) -> None:
    job = await _added(parts, until=1)
    async with parts.database.transaction() as transaction:
        await transaction.execute(update(jobs).values(attempt=5))
    await run_next({"count": counting()}, parts)
    after = await _read(parts, job)
    assert (after.state, await _counted(parts)) == ("failed", [])


async def test_jobs_are_listed_newest_first_and_an_unknown_one_is_named(parts: Parts) -> None:
    first, second = await _added(parts, until=1), await _added(parts, until=1)
    async with parts.database.transaction() as transaction:
        found = await find_jobs(transaction, kind="count")
        assert [each.id for each in found] == [second.id, first.id]
        assert [each.id for each in await find_jobs(transaction, before=(second.created_at, second.id))] == [first.id]
        with pytest.raises(JobNotFound):
            await get_job(transaction, "0193e0a1-5f0b-7c3e-9d52-2a0a4a8f6b11")


async def _expire(parts: Parts) -> None:
    async with parts.database.transaction() as transaction:
        await transaction.execute(text("UPDATE job SET lease_until = clock_timestamp() - interval '1 second'"))
