"""The steps of a run: in order, each effect once, whatever breaks on the way."""

import asyncio
from collections import Counter
from typing import Any

from services.automations.tests.stepping import MOVED, Record, hurry, started, states, won

from automations.usecases.replay_run import replay_run
from shared.contracts.records import (
    RecordCreated,
)


async def test_steps_run_in_order_and_the_run_is_done(world: Any, record: Record) -> None:
    run = await started(
        world,
        record(list="won"),
        {"type": "move", "list": "lost"},
        {"type": "create_task", "title": "Call {{record.title}}", "due_in": "P1D"},
        {"type": "post_comment", "body": "{{from_list.name}} → {{to_list.name}}"},
    )
    await world.work()
    assert [each[:2] for each in world.stand_in.effects] == [
        ("POST", "/v1/records/r1/move"),
        ("POST", "/v1/records/r1/activities"),
        ("POST", "/v1/records/r1/comments"),
    ]
    task, comment = world.stand_in.effects[1][2], world.stand_in.effects[2][2]
    assert (task["type"], task["body"], task["due_at"][:10]) == ("task", "Call Twelve seats", "2026-03-03")
    assert comment == {"body": "Sent → Won"}
    (ended,) = await world.runs()
    assert (ended.state, ended.finished_at is not None) == ("done", True)
    assert await states(world, run) == ["done", "done", "done"]


async def test_a_request_carries_the_key_the_chain_and_the_rule(world: Any, record: Record) -> None:
    run = await started(world, record(list="won"), {"type": "move", "list": "lost"})
    await world.work()
    headers = world.stand_in.requests[0].headers
    assert headers["idempotency-key"] == f"{run.id}:1"
    assert headers["trunkline-actor"] == f"rule:{run.rule_id}"
    assert headers["trunkline-depth"] == "1"
    assert headers["trunkline-origin"] == run.rule_id
    assert headers["trunkline-causation"] == "event-1"
    assert headers["authorization"] == "Bearer key"


async def test_a_move_to_where_the_record_is_does_nothing_and_says_so(world: Any, record: Record) -> None:
    run = await started(world, record(list="won"), {"type": "move", "list": "won"})
    await world.work()
    assert world.stand_in.requests == []
    (step,) = await world.steps_of(run.id)
    assert (step.state, step.says) == ("done", "The record is in 'won' already.")


async def test_a_refusal_fails_the_run_with_its_sentence(world: Any, record: Record) -> None:
    run = await started(
        world, record(list="won"), {"type": "move", "list": "lost"}, {"type": "post_comment", "body": "Never"}
    )
    world.stand_in.answers = [422]
    await world.work()
    (failed,) = await world.runs()
    assert (failed.state, failed.reason) == ("failed", "Answered 422.")
    assert await states(world, run) == ["failed", "cancelled"]
    assert world.stand_in.effects == []


async def test_trouble_is_tried_again_with_the_same_key_and_body(world: Any, record: Record) -> None:
    run = await started(world, record(list="won"), {"type": "post_comment", "body": "{{record.title}}"})
    world.stand_in.answers = [503]
    await world.work()
    assert await states(world, run) == ["pending"]
    # The record changes meanwhile; what is sent must not.
    await world.tell(RecordCreated(record=record(list="won", title="Thirteen", version=2)))
    await hurry(world)
    await world.work()
    assert await states(world, run) == ["done"]
    assert [each.headers["idempotency-key"] for each in world.stand_in.requests] == [f"{run.id}:1"] * 2
    assert world.stand_in.effects == [("POST", "/v1/records/r1/comments", {"body": "Twelve seats"})]


async def test_a_twin_that_is_still_running_is_waited_for(world: Any, record: Record) -> None:
    run = await started(world, record(list="won"), {"type": "move", "list": "lost"})
    world.stand_in.answers = [409]
    world.stand_in.title = "Request still running"
    await world.work()
    assert await states(world, run) == ["pending"]
    await hurry(world)
    world.stand_in.answers, world.stand_in.title = [409], "Conflict"
    await world.work()
    assert await states(world, run) == ["failed"]


async def test_trouble_without_end_fails_the_run(world: Any, record: Record) -> None:
    await started(world, record(list="won"), {"type": "move", "list": "lost"})
    world.stand_in.answers = [500, 502, 503]
    for _ in range(3):
        await world.work()
        await hurry(world)
    (run,) = await world.runs()
    assert (run.state, run.reason) == ("failed", "Answered 503.")


async def test_an_effect_whose_answer_was_lost_happens_once(world: Any, record: Record) -> None:
    """The worker dies between the success of the request and its own commit."""
    run = await started(world, record(list="won"), {"type": "move", "list": "lost"})
    (prepared,) = await world.claim(10)
    assert (await world.worker.send(prepared)).status == 201
    assert await world.claim(10) == []  # still leased
    await hurry(world)
    await world.work()
    assert len(world.stand_in.requests) == 2
    assert len(world.stand_in.effects) == 1
    assert await states(world, run) == ["done"]


async def test_whoever_comes_too_late_changes_nothing(world: Any, record: Record) -> None:
    """A worker that slept through its lease must not write over the one that took over."""
    run = await started(
        world, record(list="won"), {"type": "move", "list": "lost"}, {"type": "post_comment", "body": "Second"}
    )
    (slow,) = await world.claim(10)
    reply = await world.worker.send(slow)
    await hurry(world)
    await world.work()
    assert await world.worker.conclude([(slow, reply)]) == []
    assert [each.state for each in await world.steps_of(run.id)] == ["done", "done"]
    assert [each[1].rsplit("/", 1)[1] for each in world.stand_in.effects] == ["move", "comments"]


async def test_many_workers_share_the_steps(world: Any, record: Record) -> None:
    await world.rule(trigger=MOVED, actions=[{"type": "post_comment", "body": "Once"}])
    for number in range(24):
        await world.tell(won(record(id=f"r{number}", list="won")))

    async def work() -> None:
        while prepared := await world.claim(3):
            await world.worker.conclude([(each, await world.worker.send(each)) for each in prepared])

    await asyncio.gather(*(work() for _ in range(4)))
    assert Counter(each[1] for each in world.stand_in.effects) == {
        f"/v1/records/r{number}/comments": 1 for number in range(24)
    }
    assert {each.state for each in await world.runs()} == {"done"}


async def test_a_replay_keeps_the_keys(world: Any, record: Record) -> None:
    run = await started(
        world,
        record(list="won"),
        {"type": "post_comment", "body": "First"},
        {"type": "move", "list": "lost"},
        {"type": "post_comment", "body": "Third"},
    )
    world.stand_in.after = None
    prepared = await world.claim(10)
    prepared = await world.worker.conclude([(each, await world.worker.send(each)) for each in prepared])
    world.stand_in.answers = [422]
    await world.worker.conclude([(each, await world.worker.send(each)) for each in prepared])
    assert await states(world, run) == ["done", "failed", "cancelled"]
    await replay(world, run)
    await world.work()
    assert await states(world, run) == ["done", "done", "done"]
    assert world.stand_in.keys == [f"{run.id}:{number}" for number in (1, 2, 3)]
    await replay(world, run)
    await world.work()
    assert len(world.stand_in.effects) == 3


async def replay(world: Any, run: Any) -> None:
    async with world.database.transaction() as transaction:
        await replay_run(transaction, run.id)
