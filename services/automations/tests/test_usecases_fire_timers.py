"""Timers: set, moved on lazily, fired once, repeated, skipped; all by the database's clock."""

import asyncio
import itertools
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from automations.usecases.follow_project import follow_project
from automations.workers.timers import fire
from shared.contracts.records import (
    Activity,
    ActivityLogged,
    ProjectChanged,
    RecordCreated,
    RecordDeleted,
    RecordMoved,
    RecordSnapshot,
    RecordUpdated,
)

Record = Callable[..., RecordSnapshot]
DAY = timedelta(days=1)
QUIET = {"type": "record.inactive", "for": "P7D", "lists": ["new", "talking", "sent"]}


def comment(record: RecordSnapshot, at: datetime) -> ActivityLogged:
    return ActivityLogged(activity=Activity(id=f"a{at}", type="comment", at=at), record=record)


async def pending(world: Any) -> list[Any]:
    found: list[Any] = await world.rows("SELECT * FROM timer WHERE state = 'pending' ORDER BY record_id")
    return found


async def test_silence_fires_once(world: Any, record: Record, monday: datetime) -> None:
    rule = await world.rule(trigger=QUIET)
    await world.tell(RecordCreated(record=record()))
    await world.go_to(monday + 6 * DAY)
    await world.fire()
    assert await world.runs() == []
    await world.go_to(monday + 7 * DAY + timedelta(minutes=1))
    await world.fire()
    await world.fire()
    (run,) = await world.runs()
    assert (run.rule_id, run.record_id, run.state) == (rule.id, "r1", "running")
    (timer,) = await world.rows("SELECT * FROM timer")
    assert (timer.state, timer.number) == ("done", 1)
    assert run.timer_id == str(timer.id)


async def test_a_firing_is_told_in_a_new_trace(world: Any, record: Record, monday: datetime) -> None:
    await world.rule(trigger=QUIET)
    await world.tell(RecordCreated(record=record()))
    await world.go_to(monday + 8 * DAY)
    await world.fire()
    (told,) = await world.rows("SELECT envelope FROM outbox WHERE type = 'automations.timer.fired.v1'")
    data = json.loads(told.envelope)["data"]
    assert data["record"] == "r1"
    assert data["occurrence"].endswith("/1")
    assert data["fired_at"] > data["due_at"]


async def test_activity_moves_the_timer_on_when_it_fires_not_before(
    world: Any, record: Record, monday: datetime
) -> None:
    await world.rule(trigger=QUIET)
    await world.tell(RecordCreated(record=record()))
    (before,) = await pending(world)
    await world.tell(comment(record(), monday + 5 * DAY))
    assert [each.due_at for each in await pending(world)] == [before.due_at]
    await world.go_to(monday + 8 * DAY)
    await world.fire()
    assert await world.runs() == []
    assert [each.due_at for each in await pending(world)] == [monday + 12 * DAY]
    await world.go_to(monday + 12 * DAY + timedelta(seconds=1))
    await world.fire()
    assert len(await world.runs()) == 1


async def test_what_rules_do_does_not_move_it_on(world: Any, record: Record, monday: datetime) -> None:
    await world.rule(trigger=QUIET)
    await world.tell(RecordCreated(record=record()))
    await world.tell(comment(record(), monday + 5 * DAY), depth=1, origin=("another",))
    await world.go_to(monday + 7 * DAY + timedelta(seconds=1))
    await world.fire()
    assert len(await world.runs()) == 1


async def test_it_repeats_so_often_and_no_more(world: Any, record: Record, monday: datetime) -> None:
    await world.rule(trigger=QUIET | {"repeat": {"every": "P2D", "max": 3}})
    await world.tell(RecordCreated(record=record()))
    fired = []
    for day in range(30):
        await world.go_to(monday + day * DAY + timedelta(hours=1))
        await world.fire()
        fired.append(len(await world.runs()))
    assert [fired[day] for day in (6, 7, 8, 9, 10, 11, 29)] == [0, 1, 1, 2, 2, 3, 3]


async def test_activity_starts_the_repetitions_anew(world: Any, record: Record, monday: datetime) -> None:
    await world.rule(trigger=QUIET | {"repeat": {"every": "P2D", "max": 2}})
    await world.tell(RecordCreated(record=record()))
    for day in (7, 9, 11):
        await world.go_to(monday + day * DAY + timedelta(hours=1))
        await world.fire()
    assert len(await world.runs()) == 2
    await world.tell(comment(record(), monday + 12 * DAY))
    await world.go_to(monday + 19 * DAY + timedelta(hours=1))
    await world.fire()
    assert len(await world.runs()) == 3


async def test_what_was_missed_while_away_is_told_once(world: Any, record: Record, monday: datetime) -> None:
    await world.rule(trigger=QUIET | {"repeat": {"every": "P1D"}})
    await world.tell(RecordCreated(record=record()))
    await world.go_to(monday + 60 * DAY)
    await world.fire()
    assert len(await world.runs()) == 1
    (again,) = await pending(world)
    assert monday + 61 * DAY <= again.due_at < monday + 62 * DAY


async def test_a_timer_is_skipped_while_something_is_planned(world: Any, record: Record, monday: datetime) -> None:
    planned = monday + 10 * DAY
    skip = {"any": [{"field": "next_activity_at", "op": "in_future"}, {"field": "snoozed_until", "op": "in_future"}]}
    await world.rule(trigger=QUIET | {"skip_when": skip})
    await world.tell(RecordCreated(record=record(next_activity_at=planned)))
    await world.go_to(monday + 8 * DAY)
    await world.fire()
    (skipped,) = await world.runs()
    assert (skipped.state, skipped.reason) == ("skipped", "skip_when")
    assert [each["holds"] for each in skipped.why] == [True, False]
    assert (await pending(world))[0].due_at <= planned
    await world.go_to(planned + timedelta(minutes=1))
    await world.fire()
    assert [each.state for each in await world.runs()] == ["skipped", "running"]


async def test_a_condition_is_asked_when_the_timer_fires(world: Any, record: Record, monday: datetime) -> None:
    await world.rule(trigger=QUIET, conditions={"field": "region", "op": "eq", "value": "north"})
    await world.tell(RecordCreated(record=record()))
    await world.tell(RecordUpdated(record=record(values={"region": "north"}, version=2)))
    await world.go_to(monday + 8 * DAY)
    await world.fire()
    assert [each.state for each in await world.runs()] == ["running"]


async def test_a_record_that_left_is_watched_no_more(world: Any, record: Record) -> None:
    await world.rule(trigger=QUIET)
    await world.tell(RecordCreated(record=record()))
    await world.tell(RecordMoved(record=record(list="won", version=2), from_list="new", to_list="won"))
    assert await pending(world) == []
    await world.tell(RecordMoved(record=record(list="talking", version=3), from_list="won", to_list="talking"))
    assert len(await pending(world)) == 1
    await world.tell(RecordDeleted(record=record(list="talking", version=4)))
    assert await pending(world) == []


async def test_a_rule_switched_off_fires_nothing(world: Any, record: Record, monday: datetime) -> None:
    rule = await world.rule(trigger=QUIET)
    await world.tell(RecordCreated(record=record()))
    rule = await world.change(rule, enabled=False)
    assert await pending(world) == []
    await world.go_to(monday + 8 * DAY)
    await world.change(rule, enabled=True)
    await world.fire()
    assert await world.runs() == []
    assert [each.due_at for each in await pending(world)] >= [monday + 15 * DAY]


async def test_a_new_rule_looks_at_the_records_there_are(world: Any, record: Record, monday: datetime) -> None:
    await world.tell(RecordCreated(record=record(id="quiet")))
    await world.tell(RecordCreated(record=record(id="over", list="won")))
    await world.go_to(monday + 30 * DAY)
    await world.rule(trigger=QUIET)
    await world.rule(trigger=QUIET, settings={"existing": "from_state_entry"})
    await world.fire()
    assert [each.record_id for each in await world.runs()] == ["quiet"]
    (later,) = await pending(world)
    assert later.due_at >= monday + 37 * DAY


async def test_an_edit_counts_for_timers_that_are_set(world: Any, record: Record, monday: datetime) -> None:
    rule = await world.rule(trigger=QUIET)
    await world.tell(RecordCreated(record=record()))
    await world.change(rule, trigger=QUIET | {"for": "P3D"})
    await world.fire()
    assert [each.due_at.date() for each in await pending(world)] == [(monday + 3 * DAY).date()]
    await world.go_to(monday + 4 * DAY)
    await world.fire()
    (run,) = await world.runs()
    assert run.rule_version == 2


async def test_many_claimers_fire_each_timer_once(world: Any, record: Record, monday: datetime) -> None:
    await world.rule(trigger=QUIET)
    for number in range(30):
        await world.tell(RecordCreated(record=record(id=f"r{number}")))
    await world.go_to(monday + 8 * DAY)
    settings = world.settings.model_copy(update={"timers_at_once": 7})

    async def claim() -> None:
        while await fire(world.database, settings):
            pass

    await asyncio.gather(*(claim() for _ in range(4)))
    assert sorted(each.record_id for each in await world.runs()) == sorted(f"r{number}" for number in range(30))


async def test_a_timer_that_cannot_be_fired_does_not_hold_up_the_others(
    world: Any, record: Record, monday: datetime
) -> None:
    await world.rule(trigger=QUIET)
    for name in ("broken", "fine"):
        await world.tell(RecordCreated(record=record(id=name)))
    await world.rows("UPDATE record SET snapshot = snapshot - 'title' WHERE id = 'broken' RETURNING 1")
    await world.go_to(monday + 8 * DAY)
    await fire(world.database, world.settings)
    assert [each.record_id for each in await world.runs()] == ["fine"]
    (broken,) = await pending(world)
    assert (broken.record_id, broken.attempts) == ("broken", 1)


async def test_an_imported_record_counts_from_its_import_unless_history_is_asked_for(
    world: Any, record: Record, monday: datetime
) -> None:
    now = await world.rule(trigger=QUIET)
    past = await world.rule(trigger=QUIET, settings={"run_on_history": True, "existing": "from_state_entry"})
    old = record(imported=True, created_at=monday - 90 * DAY, last_activity_at=monday - 30 * DAY)
    await world.tell(RecordCreated(record=old))
    await world.fire()
    assert [each.rule_id for each in await world.runs()] == [past.id]
    await world.go_to(monday + 8 * DAY)
    await world.fire()
    assert [each.rule_id for each in await world.runs()] == [past.id, now.id]


AGED = {"type": "record.time_in_list_exceeded", "per_list": "max_age_days", "repeat": {"every": "P7D", "max": 2}}


VERSIONS = itertools.count(100)


def _with_ages(project: ProjectChanged, **ages: int) -> ProjectChanged:
    """A version of the schema that no other test knows."""
    lists = [each.model_copy(update={"max_age_days": ages.get(each.key)}) for each in project.lists]
    return project.model_copy(update={"lists": lists, "version": next(VERSIONS)})


async def _follow(world: Any, project: ProjectChanged) -> None:
    async with world.database.transaction() as transaction:
        await follow_project(transaction, project)


async def test_a_deal_that_ages_in_its_list_is_told_and_told_again(
    world: Any, record: Record, monday: datetime, deals: ProjectChanged
) -> None:
    await _follow(world, _with_ages(deals, new=3))
    later = {"type": "set_color", "color": "red", "when": {"occurrence": {"gte": 2}}}
    await world.rule(trigger=AGED, actions=[{"type": "post_comment", "body": "Old"}, later])
    await world.tell(RecordCreated(record=record()))
    await world.tell(RecordCreated(record=record(id="r2", list="talking")))
    await world.go_to(monday + 4 * DAY)
    await world.fire()
    await world.work()
    assert [each[2] for each in world.stand_in.effects] == [{"body": "Old"}]
    await world.go_to(monday + 30 * DAY)
    await world.fire()
    await world.work()
    assert [each[2] for each in world.stand_in.effects[1:]] == [{"body": "Old"}, {"color": "red"}]


async def test_a_move_starts_its_age_anew(world: Any, record: Record, monday: datetime, deals: ProjectChanged) -> None:
    await _follow(world, _with_ages(deals, new=3, talking=5))
    await world.rule(trigger=AGED)
    await world.tell(RecordCreated(record=record()))
    moved = record(list="talking", entered_list_at=monday + 2 * DAY, version=2)
    await world.tell(RecordMoved(record=moved, from_list="new", to_list="talking"))
    await world.go_to(monday + 6 * DAY)
    await world.fire()
    assert await world.runs() == []
    await world.go_to(monday + 7 * DAY + timedelta(seconds=1))
    await world.fire()
    assert len(await world.runs()) == 1


async def test_a_shorter_limit_counts_for_records_that_are_there(
    world: Any, record: Record, monday: datetime, deals: ProjectChanged
) -> None:
    await world.rule(trigger=AGED)
    await world.tell(RecordCreated(record=record()))
    await world.go_to(monday + 2 * DAY)
    await world.fire()
    assert await pending(world) == []
    await _follow(world, _with_ages(deals, new=1))
    await world.fire()
    assert len(await world.runs()) == 1
