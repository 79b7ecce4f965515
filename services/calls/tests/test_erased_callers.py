"""A caller who was erased is told of again: late, repeated, or out of the provider's history."""

import asyncio
from typing import Any

from services.calls.tests.running import Running
from services.calls.tests.stories import EXPECTED, bodies, changed
from sqlalchemy import text

from shared.testing.service import PATIENCE_SECONDS

NUMBER, MARK = "+12025550147", "erased-0123456789ab"
ANSWERED = EXPECTED["inbound_answered"]["provider_call_id"]


async def erase(service: Running) -> dict[str, Any]:
    asked = await service.client.post("/v1/persons/part", json={"numbers": [NUMBER], "mark": MARK})
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (job := (await service.get(f"/v1/jobs/calls/{asked.json()['id']}")))["state"] in ("waiting", "running"):
            await asyncio.sleep(0.02)
    assert job["state"] == "done", job["error"]
    return job


async def rows_naming(service: Running, number: str) -> dict[str, int]:
    """By table that deliveries, facts, calls and messages lie in."""
    looking = " UNION ALL ".join(
        f"SELECT '{table}', count(*) FROM {table} AS one WHERE to_jsonb(one)::text LIKE :like"  # noqa: S608 — ours
        + (" OR encode(one.body, 'escape') LIKE :like" if table == "delivery" else "")
        for table in ("delivery", "call_fact", "call", "outbox", "job")
    )
    async with service.database.transaction() as transaction:
        found = await transaction.execute(text(looking), {"like": f"%{number.lstrip('+')}%"})
        return {table: rows for table, rows in found if rows}


async def test_calls_of_the_erased_count_and_name_nobody(service: Running) -> None:
    await service.connect()
    told = bodies("inbound_answered")
    await service.deliver(told[:2])
    await erase(service)
    await service.deliver([*told[2:], told[0], changed(told[0], id=4_711)])
    await service.deliver([changed(each, id=4_712) for each in told])
    for call_id in (ANSWERED, "4711", "4712"):
        call = await service.call(call_id)
        assert (call["external_number"], call["from_number"]) == (MARK, MARK)
    late = await service.call("4712")
    assert (late["outcome"], late["talk_s"], late["note"]) == (
        "answered",
        (await service.call(ANSWERED))["talk_s"],
        None,
    )
    assert await rows_naming(service, NUMBER) == {}
