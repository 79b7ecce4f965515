"""Working jobs off: claimed one at a time, each in steps whose effect and checkpoint are one commit."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from shared import telemetry
from shared.database.database import Database
from shared.database.transaction import Transaction
from shared.database.wakeup import Wakeup
from shared.errors import Forbidden, Problem, Unavailable
from shared.jobs import storage
from shared.jobs.job import Job, JobCancelled, JobLost

if TYPE_CHECKING:
    from shared.http.application import Parts, Worker

HEARTBEAT_S = storage.LEASE.total_seconds() / 3
POLL_S = 5.0

log = logging.getLogger(__name__)


@dataclass
class RunningJob:
    """A job in the hands of a worker. What it has to do goes through `step`, so that nothing is done twice."""

    job: Job
    database: Database
    parts: "Parts"
    position: Mapping[str, Any] = field(default_factory=dict)

    @property
    def input(self) -> Mapping[str, Any]:
        return self.job.input

    @asynccontextmanager
    async def step(
        self, position: Mapping[str, Any] | None = None, *, done: int | None = None, total: int | None = None
    ) -> AsyncIterator[Transaction]:
        """One transaction: the work of the block and where the job stands after it.

        ``position`` (JSON) comes back as `position` when the job is resumed; ``done`` and ``total`` are its progress.
        Raises `JobCancelled` or `JobLost`, and then the block's work was not done.
        """
        told = {"position": position, "done": done, "total": total}
        news = {name: value for name, value in told.items() if value is not None}
        async with self.database.transaction(actor=self.job.actor) as transaction:
            await self._keep(transaction, **news)
            await self.bind(transaction)
            yield transaction
        if position is not None:
            self.position = position

    async def checkpoint(self, transaction: Transaction, position: Mapping[str, Any], *, done: int) -> None:
        """Within a step: where the job stands, where that is known only once the step's work is done."""
        await self._keep(transaction, position=position, done=done)

    async def bind(self, transaction: Transaction) -> None:
        """The job acts with the rights that whoever asked for it has now. Raises `Forbidden` where they are gone."""
        from shared.http.authentication import principal_of  # whose module knows of jobs' routes, too

        if self.job.key is None:
            return
        asker = await principal_of(transaction, self.job.key)
        if asker is None:
            raise Forbidden("Whoever asked for this may do so no longer.")
        transaction.policy = asker.policy

    async def _keep(self, transaction: Transaction, **news: Any) -> None:
        cancelling = await storage.keep(transaction, self.job, **news)
        if cancelling is None:
            raise JobLost(self.job.id)
        if cancelling:
            raise JobCancelled(self.job.id)


# What works off jobs of a kind: it goes on from `RunningJob.position` and returns the job's result (JSON).
Handler = Callable[[RunningJob], Awaitable[Mapping[str, Any]]]
Kinds = Mapping[str, Handler]


def run_jobs(kinds: Kinds) -> "Worker":
    """A worker of a service: runs jobs of these kinds until cancelled, one at a time."""

    async def jobs(parts: "Parts") -> None:
        async with Wakeup(parts.database.url, "job") as wakeup:
            while True:
                if not await run_next(kinds, parts):
                    await wakeup.wait(POLL_S)

    return jobs


async def run_next(kinds: Kinds, parts: "Parts") -> bool:
    """Work off the next job, if there is one; whether there was."""
    try:
        async with parts.database.transaction() as transaction:
            job = await storage.claim(transaction, kinds.keys())
    except Unavailable as error:
        log.warning("jobs wait for the database: %s", error)
        return False
    if job is None:
        return False
    with telemetry.span(f"job {job.kind}", parent=job.traceparent):
        await _run(kinds[job.kind], RunningJob(job, parts.database, parts, job.position or {}))
    return True


async def _run(handler: Handler, running: RunningJob) -> None:
    """To its end, whichever that is; a database that went away leaves it to be resumed."""
    job = running.job
    beating = asyncio.create_task(_beat(running))
    try:
        if job.attempt > storage.MOST_ATTEMPTS:
            await _finish(running, state="failed", error="It was begun too often and never came to its end.")
            return
        result = await handler(running)
        await _finish(running, state="done", result=dict(result))
    except JobCancelled:
        await _finish(running, state="cancelled")
    except JobLost:
        log.warning("job %s went on elsewhere", job.id)
    except Unavailable as error:
        log.warning("job %s will be resumed: %s", job.id, error)
    except Problem as problem:
        errors = [{"pointer": each.pointer, "detail": each.detail} for each in problem.errors]
        await _finish(running, state="failed", error=problem.detail, result={"errors": errors} if errors else None)
    except Exception as error:
        log.exception("job %s (%s) failed", job.id, job.kind)
        await _finish(running, state="failed", error=f"{type(error).__name__}: {error}"[:1_000])
    finally:
        beating.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await beating


async def _finish(running: RunningJob, **news: Any) -> None:
    async with running.database.transaction(actor=running.job.actor) as transaction:
        if not await storage.finish(transaction, running.job, **news):
            log.warning("job %s went on elsewhere", running.job.id)


async def _beat(running: RunningJob) -> None:
    """Keep the lease while a step takes long."""
    while True:
        await asyncio.sleep(HEARTBEAT_S)
        with contextlib.suppress(Unavailable):
            async with running.database.transaction() as transaction:
                await storage.keep(transaction, running.job)
