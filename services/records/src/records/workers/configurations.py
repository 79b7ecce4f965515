"""Applying a configuration: one transaction here, then each of the other services; again is no harm."""

import asyncio
from dataclasses import asdict
from typing import Any

from records.usecases.configure import Nouns
from records.usecases.configure_all import Wanted, apply_all
from records.usecases.read_configuration import read_configuration
from shared.jobs import RunningJob


async def run_configuration(nouns: Nouns, running: RunningJob) -> dict[str, Any]:
    """A job of kind ``configuration``: its parts are done one after the other, and its result is what was changed."""
    asked, peers = running.input, running.parts.state.get("peers", {})
    content = asked["content"].encode()
    given = await asyncio.to_thread(read_configuration, content, asked["variant"], asked["language"])

    async def tell(done: int, total: int) -> None:
        async with running.step(done=done, total=total):
            pass

    wanted = Wanted(given.read.configuration, asked["destroy"], f"job:{running.job.id}")
    async with running.database.transaction(running.job.actor) as transaction:
        await running.bind(transaction)
        with given.placing():
            plan = await apply_all(transaction, nouns, peers, wanted, tell)
    return asdict(given.told(plan))
