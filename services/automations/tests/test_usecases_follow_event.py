"""Events come in; every rule that waits for one gets exactly one run."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from automations.storage import rates
from automations.usecases.decide_waiting import decide_waiting
from shared.contracts.records import (
    ActivityLogged,
    ProjectChanged,
    RateChanged,
    RecordCreated,
    RecordDeleted,
    RecordMoved,
    RecordSnapshot,
    RecordUpdated,
)

Record = Callable[..., RecordSnapshot]
Call = Callable[..., ActivityLogged]
LAST_WEEK = datetime(2026, 2, 23, tzinfo=UTC)
MOVED = {"type": "record.moved", "to": ["won"]}


def won(record: RecordSnapshot) -> RecordMoved:
    return RecordMoved(record=record, from_list="sent", to_list="won")


async def settle(world: Any) -> None:
    """Decide what waits, without the pauses between looks."""
    while await world.rows("SELECT 1 FROM run WHERE state = 'waiting'"):
        async with world.database.transaction() as transaction:
            await transaction.execute(text("UPDATE run SET decide_at = now()"))
            await decide_waiting(transaction, world.settings)


async def test_a_matching_event_is_one_run_a_rule(world: Any, record: Record) -> None:
    first, second = await world.rule(trigger=MOVED), await world.rule(trigger=MOVED)
    await world.rule(trigger=MOVED, enabled=False)
    await world.rule(trigger={"type": "record.moved", "to": ["lost"]})
    await world.tell(won(record(list="won")))
    assert {each.rule_id for each in await world.runs()} == {first.id, second.id}


async def test_an_event_that_is_told_again_is_no_second_run(world: Any, record: Record) -> None:
    await world.rule(trigger=MOVED)
    for _ in range(3):
        await world.tell(won(record(list="won")), "the-same")
    assert len(await world.runs()) == 1
    assert len(await world.rows("SELECT 1 FROM step")) == 1


async def test_a_rule_of_another_project_does_not_hear_of_it(
    world: Any, record: Record, customers: ProjectChanged
) -> None:
    await world.rule(trigger={"type": "record.created"})
    await world.tell(RecordCreated(record=record(id="c1", project=customers)))
    assert await world.runs() == []


async def test_a_rule_without_a_project_hears_of_all(world: Any, record: Record, customers: ProjectChanged) -> None:
    await world.rule(trigger={"type": "record.created"}, project=None)
    await world.tell(RecordCreated(record=record(id="c1", project=customers)))
    await world.tell(RecordCreated(record=record()))
    assert len(await world.runs()) == 2


async def test_a_condition_that_does_not_hold_says_why(world: Any, record: Record) -> None:
    condition = {
        "all": [{"field": "amount", "op": "gte", "value": "1000.00"}, {"field": "list", "op": "eq", "value": "won"}]
    }
    await world.rule(trigger=MOVED, conditions=condition)
    await world.tell(won(record(list="won", values={"amount": {"amount": "250.00", "currency": "EUR"}})))
    (run,) = await world.runs()
    assert (run.state, run.reason) == ("skipped", "condition_false")
    assert [(each["field"], each["holds"]) for each in run.why] == [("amount", False), ("list", True)]
    assert run.why[0]["actual"] == {"amount": "250.00", "currency": "EUR"}


async def test_a_condition_sees_through_references(world: Any, record: Record, customers: ProjectChanged) -> None:
    await world.rule(trigger=MOVED, conditions={"field": "customer.industry", "op": "eq", "value": "it"})
    await world.rule(trigger=MOVED, conditions={"field": "customer_industry", "op": "eq", "value": "it"})
    await world.tell(RecordCreated(record=record(id="c1", project=customers, values={"industry": "it"})))
    await world.tell(won(record(list="won", links={"customer": ["c1"]})))
    assert [each.state for each in await world.runs()] == ["running", "running"]


async def test_a_record_that_is_referenced_may_come_late(world: Any, record: Record, customers: ProjectChanged) -> None:
    await world.rule(trigger=MOVED, conditions={"field": "customer.industry", "op": "eq", "value": "it"})
    await world.tell(won(record(list="won", links={"customer": ["c1"]})))
    assert [each.state for each in await world.runs()] == ["waiting"]
    await world.tell(RecordCreated(record=record(id="c1", project=customers, values={"industry": "it"})))
    await settle(world)
    assert [each.state for each in await world.runs()] == ["running"]


async def test_in_the_end_a_run_is_decided_without_what_never_comes(world: Any, record: Record) -> None:
    await world.rule(trigger=MOVED, conditions={"field": "customer.industry", "op": "eq", "value": "it"})
    await world.tell(won(record(list="won", links={"customer": ["never"]})))
    await settle(world)
    assert [(each.state, each.reason) for each in await world.runs()] == [("skipped", "condition_false")]


async def test_the_same_events_in_any_order_leave_the_same_runs(world: Any, record: Record) -> None:
    """Three versions of one record and a comment, each told twice."""
    await world.rule(trigger=MOVED)
    events = [
        ("e1", RecordCreated(record=record(version=1))),
        ("e2", won(record(version=2, list="won"))),
        ("e3", RecordUpdated(record=record(version=3, list="won", title="Thirteen"))),
    ]
    orders = list(itertools.permutations([*events, *events]))[::60]
    for number, order in enumerate(orders):
        for event_id, event in order:
            this = event.record.model_copy(update={"id": f"r{number}"})
            await world.tell(event.model_copy(update={"record": this}), f"{number}-{event_id}")
        (found,) = await world.rows("SELECT version, snapshot FROM record WHERE id = :id", id=f"r{number}")
        assert (found.version, found.snapshot["title"]) == (3, "Thirteen")
        assert len(await world.rows("SELECT 1 FROM run WHERE record_id = :id", id=f"r{number}")) == 1


async def test_a_call_on_a_customer_concerns_the_deal_that_lived_last(
    world: Any, record: Record, logged_call: Call, customers: ProjectChanged, monday: datetime
) -> None:
    await world.rule(trigger={"type": "call.ended"})
    customer = record(id="c1", project=customers)
    for name, stage, hours in (("old", "talking", 1), ("live", "sent", 5), ("over", "won", 9)):
        deal = record(id=name, list=stage, links={"customer": ["c1"]}, last_activity_at=monday + timedelta(hours=hours))
        await world.tell(RecordCreated(record=deal))
    await world.tell(logged_call(customer))
    (run,) = await world.runs()
    assert (run.record_id, run.state) == ("live", "running")


async def test_a_call_on_a_record_of_the_project_concerns_that_record(
    world: Any, record: Record, logged_call: Call
) -> None:
    await world.rule(trigger={"type": "call.ended"})
    await world.tell(logged_call(record(id="mine", list="won")))
    assert [(each.record_id, each.state) for each in await world.runs()] == [("mine", "running")]


async def test_a_deal_that_arrives_after_its_call_is_still_found(
    world: Any, record: Record, logged_call: Call, customers: ProjectChanged
) -> None:
    await world.rule(trigger={"type": "call.ended"})
    await world.tell(logged_call(record(id="c1", project=customers)))
    await world.tell(RecordCreated(record=record(id="late", links={"customer": ["c1"]})))
    await settle(world)
    assert [(each.record_id, each.state) for each in await world.runs()] == [("late", "running")]


async def test_a_call_without_a_deal_ends_without_a_target(
    world: Any, record: Record, logged_call: Call, customers: ProjectChanged
) -> None:
    await world.rule(trigger={"type": "call.ended"})
    await world.tell(logged_call(record(id="c1", project=customers)))
    await settle(world)
    assert [(each.state, each.reason) for each in await world.runs()] == [("skipped", "no_target")]


@pytest.mark.parametrize(("settings", "state"), [({}, "skipped"), ({"run_on_history": True}, "running")])
async def test_a_call_of_last_week_is_history(
    world: Any, record: Record, logged_call: Call, settings: Any, state: str
) -> None:
    await world.rule(trigger={"type": "call.ended"}, settings=settings)
    await world.tell(logged_call(record(), ended_at=LAST_WEEK))
    assert [each.state for each in await world.runs()] == [state]


async def test_an_imported_record_sets_nothing_off(world: Any, record: Record) -> None:
    await world.rule(trigger={"type": "record.created"})
    await world.rule(trigger={"type": "record.created"}, settings={"run_on_import": True})
    await world.tell(RecordCreated(record=record(imported=True)))
    assert [(each.state, each.reason) for each in await world.runs()] == [("skipped", "imported"), ("running", None)]


async def test_a_chain_stops_at_depth_eight(world: Any, record: Record) -> None:
    await world.rule(trigger=MOVED)
    before = tuple(f"rule-{number}" for number in range(8))
    await world.tell(won(record(list="won")), depth=7, origin=before[:7])
    await world.tell(won(record(list="won", version=2)), depth=8, origin=before)
    runs = await world.runs()
    assert [each.state for each in runs] == ["running", "loop_stopped"]
    assert "8 rules deep" in runs[1].reason


async def test_a_rule_does_not_set_itself_off(world: Any, record: Record) -> None:
    rule = await world.rule(trigger=MOVED)
    await world.tell(won(record(list="won")), depth=2, origin=("another", rule.id))
    (run,) = await world.runs()
    assert run.state == "loop_stopped"
    assert "already part of the chain" in run.reason


async def test_every_end_is_told(world: Any, record: Record) -> None:
    await world.rule(trigger=MOVED, conditions={"field": "title", "op": "eq", "value": "Other"})
    await world.tell(won(record(list="won")))
    (told,) = await world.rows("SELECT type, envelope FROM outbox")
    assert told.type == "automations.run.finished.v1"
    assert '"state":"skipped"' in told.envelope.replace(" ", "")


async def test_what_was_seen_is_kept(world: Any, record: Record) -> None:
    await world.tell(won(record(list="won")), "e1")
    (kept,) = await world.rows("SELECT * FROM event")
    assert (kept.id, kept.type, kept.record_id, kept.data["to_list"]) == ("e1", "records.record.moved.v1", "r1", "won")


async def test_a_deleted_record_is_nobodys_target(
    world: Any, record: Record, logged_call: Call, customers: ProjectChanged
) -> None:
    await world.rule(trigger={"type": "call.ended"})
    deal = record(id="gone", links={"customer": ["c1"]})
    await world.tell(RecordCreated(record=deal))
    await world.tell(RecordDeleted(record=deal.model_copy(update={"version": 2})))
    await world.tell(logged_call(record(id="c1", project=customers)))
    await settle(world)
    assert [each.reason for each in await world.runs()] == ["no_target"]


async def test_a_condition_sees_foreign_money_in_the_base_currency(world: Any, record: Record) -> None:
    large = {"field": "amount", "op": "gte", "value": {"amount": "90", "currency": "EUR"}}
    dollars = {"amount": {"amount": "100.00", "currency": "USD"}}
    await world.rule(trigger=MOVED, conditions=large)
    await world.tell(won(record(list="won", values=dollars)))
    async with world.database.transaction() as transaction:
        for version, rate in ((2, "0.9"), (1, "0.1")):
            told = RateChanged(date="2026-01-01", source="USD", target="EUR", rate=rate, version=version)
            await rates.keep(transaction, told)
    await world.tell(won(record(list="won", values=dollars, version=2)))
    assert [each.state for each in await world.runs()] == ["skipped", "running"]


async def test_a_rule_may_ask_in_another_currency(world: Any, record: Record) -> None:
    await world.rule(
        trigger=MOVED, conditions={"field": "amount", "op": "gt", "value": {"amount": "99", "currency": "USD"}}
    )
    async with world.database.transaction() as transaction:
        told = RateChanged(date="2026-01-01", source="EUR", target="USD", rate="1.25", version=1)
        await rates.keep(transaction, told)
    await world.tell(won(record(list="won", values={"amount": {"amount": "80.00", "currency": "EUR"}})))
    assert [each.state for each in await world.runs()] == ["running"]
