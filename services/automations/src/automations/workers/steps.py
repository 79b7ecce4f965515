"""Runs the steps of runs: many requests under way, their answers written down together."""

import asyncio
import logging
from dataclasses import dataclass, field

from automations.gateways.records import Records, Reply
from automations.settings import Settings
from automations.usecases.run_steps import Prepared, claim_steps, conclude_steps
from shared import telemetry
from shared.database import Database, Wakeup
from shared.http.application import Parts

# New steps wake the worker; this is how long a retry or a lost lease may go unnoticed.
POLL_S = 2.0
PAUSE_S = 0.5
# Under load steps are claimed, and answers written down, so far apart: what gathers meanwhile shares a transaction.
GAP_S = 0.02
BATCH = 50

log = logging.getLogger(__name__)
taken = telemetry.meter.create_counter("steps_taken", description="Requests to records by action and HTTP status")


async def run_steps(parts: Parts) -> None:
    """Run until cancelled."""
    await Steps(parts.database, parts.state["records"], parts.settings).run()


@dataclass
class Steps:
    """One worker; any number may run, since steps are leased."""

    database: Database
    records: Records
    settings: Settings
    _answered: "asyncio.Queue[tuple[Prepared, Reply]]" = field(default_factory=asyncio.Queue)
    _under_way: set[asyncio.Task[None]] = field(default_factory=set)

    async def run(self) -> None:
        async with Wakeup(self.database.url, "step") as wakeup, asyncio.TaskGroup() as tasks:
            tasks.create_task(self._write_down(tasks, wakeup))
            while True:
                gap = asyncio.create_task(asyncio.sleep(GAP_S))
                room = self.settings.steps_at_once - len(self._under_way)
                if await self._take(room, tasks) < room or room <= 0:
                    await wakeup.wait(POLL_S)
                await gap

    async def claim(self, limit: int) -> tuple[int, list[Prepared]]:
        """How many steps were due, and what is to be sent for them."""
        async with self.database.transaction() as transaction:
            return await claim_steps(transaction, self.settings, limit)

    async def send(self, prepared: Prepared) -> Reply:
        """Ask records, in the trace of the run."""
        request = prepared.request
        with telemetry.span(f"step {prepared.action}", parent=prepared.traceparent):
            traceparent = telemetry.traceparent()
            headers = dict(prepared.headers) | ({"traceparent": traceparent} if traceparent else {})
            reply = await self.records.send(request["method"], request["path"], request["body"], headers)
        taken.add(1, {"action": prepared.action, "status": str(reply.status)})
        return reply

    async def conclude(self, answered: list[tuple[Prepared, Reply]]) -> list[Prepared]:
        async with self.database.transaction() as transaction:
            return await conclude_steps(transaction, answered, self.settings)

    async def _take(self, room: int, tasks: asyncio.TaskGroup) -> int:
        """A fault here must not break off the requests that are under way."""
        if room <= 0:
            return 0
        try:
            due, prepared = await self.claim(room)
        except Exception as error:  # noqa: BLE001 — whatever it is, the steps are still there
            log.warning("steps will be claimed later: %s", error or type(error).__name__)
            await asyncio.sleep(PAUSE_S)
            return room
        self._send_all(prepared, tasks)
        return due

    def _send_all(self, prepared: list[Prepared], tasks: asyncio.TaskGroup) -> None:
        for each in prepared:
            task = tasks.create_task(self._ask(each))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def _ask(self, prepared: Prepared) -> None:
        self._answered.put_nowait((prepared, await self.send(prepared)))

    async def _write_down(self, tasks: asyncio.TaskGroup, wakeup: Wakeup) -> None:
        """Whatever answers have come in share a transaction, and so do the steps that follow them."""
        while True:
            answered = [await self._answered.get()]
            gap = asyncio.create_task(asyncio.sleep(GAP_S))
            while not self._answered.empty() and len(answered) < BATCH:
                answered.append(self._answered.get_nowait())
            was_full = len(self._under_way) + len(answered) >= self.settings.steps_at_once
            self._send_all(await self._insist(answered), tasks)
            if was_full:
                wakeup.wake()
            await gap

    async def _insist(self, answered: list[tuple[Prepared, Reply]]) -> list[Prepared]:
        """Until the database takes it. Should another worker take the steps over meanwhile, its attempt counts."""
        while True:
            try:
                return await self.conclude(answered)
            except Exception as error:  # noqa: BLE001 — whatever it is, the answers must not be lost
                log.warning("answers of records will be written down later: %s", error or type(error).__name__)
                await asyncio.sleep(PAUSE_S)
