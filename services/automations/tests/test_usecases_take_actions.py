"""What each action does, and to what."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from services.automations.tests.stepping import MOVED, Record, started, states, won

from automations.storage import projects, users
from automations.usecases.run_steps import Prepared
from shared.contracts.records import (
    Change,
    ProjectChanged,
    RecordCreated,
    RecordUpdated,
    TagSchema,
    UserChanged,
)


async def test_notify_tells_each_user_once(world: Any, record: Record) -> None:
    notify = {
        "type": "notify",
        "to": ["assignee", "watchers", {"team": "sales"}],
        "channels": ["in_app", "email"],
        "template": "stage_changed",
        "exclude_actor": True,
        "batch_window": "PT5M",
    }
    run = await started(world, record(list="won", assignees=["u-ann"]), notify, actor="user:u-bob")
    await world.work()
    told = await world.rows("SELECT * FROM notification ORDER BY user_id")
    assert [each.user_id for each in told] == ["u-ann", "u-cas"]
    assert told[0].body == "Bob moved Twelve seats from Sent to Won."
    assert told[0].key == f"{run.id}:1:u-ann"
    (step,) = await world.steps_of(run.id)
    assert step.says == (
        "Notified 2 people in the app. Left out: email is not built; batch_window is not built, so it was told at once."
    )


async def test_an_action_with_a_condition_of_its_own_may_be_left_out(world: Any, record: Record) -> None:
    run = await started(
        world,
        record(list="won"),
        {"type": "post_comment", "body": "Big", "when": {"field": "amount", "op": "gte", "value": "1000.00"}},
        {"type": "post_comment", "body": "Any"},
    )
    await world.work()
    assert await states(world, run) == ["skipped", "done"]
    assert [each[2]["body"] for each in world.stand_in.effects] == ["Any"]


async def test_a_text_asks_lookups_and_references(world: Any, record: Record, customers: ProjectChanged) -> None:
    await world.tell(
        RecordCreated(record=record(id="c1", project=customers, title="Hofstra", values={"industry": "it"}))
    )
    deal = record(list="won", links={"customer": ["c1"]}, values={"amount": {"amount": "12.50", "currency": "EUR"}})
    body = "{{customer_name}}/{{customer.industry}}/{{customer}}/{{amount}}/{{record.amount}}/{{nothing}}"
    await started(world, deal, {"type": "post_comment", "body": body})
    await world.work()
    assert world.stand_in.effects[0][2]["body"] == "Hofstra/it/Hofstra/EUR 12.50/EUR 12.50/"


async def test_values_are_set_of_the_record_that_a_reference_leads_to(world: Any, record: Record) -> None:
    setting = {"type": "set_values", "of": "customer", "values": {"industry": "{{record.title}}"}}
    await started(world, record(list="won", title="it", links={"customer": ["c1"]}), setting)
    await world.work()
    assert [each[1:] for each in world.stand_in.effects] == [("/v1/records/c1", {"values": {"industry": "it"}})]


async def test_values_a_due_date_and_the_end_are_set(world: Any, record: Record) -> None:
    await started(
        world,
        record(list="won"),
        {"type": "set_values", "values": {"region": "north", "amount": {"amount": "5.00", "currency": "EUR"}}},
        {"type": "set_due_date", "offset": "P2D"},
        {"type": "complete"},
    )
    await world.work()
    bodies = [each[2] for each in world.stand_in.effects]
    assert bodies[0] == {"values": {"region": "north", "amount": {"amount": "5.00", "currency": "EUR"}}}
    assert bodies[1]["due_at"][:10] == "2026-03-04"
    assert bodies[2]["done_at"][:10] == "2026-03-02"


async def test_work_is_assigned_by_the_first_branch_that_holds(world: Any, record: Record) -> None:
    assign = {
        "type": "assign",
        "first_match": [
            {"when": {"field": "region", "op": "eq", "value": "north"}, "pool": {"team": "sales", "skill": "north"}},
            {"when": {"field": "region", "op": "eq", "value": "moon"}, "pool": {"team": "astronauts"}},
        ],
        "otherwise": {"pool": {"team": "managers"}, "strategy": "least_open_records"},
        "fallback": {"user": "bob@example.org"},
        "exclude": ["inactive_users"],
    }
    await world.rule(trigger=MOVED, actions=[assign])
    for name, region in (("r1", "north"), ("r2", "moon"), ("r3", "south")):
        await world.tell(won(record(id=name, values={"region": region})))
    await world.work()
    assert [each[2]["assignees"] for each in world.stand_in.effects] == [["u-ann"], ["u-cas"], ["u-cas"]]


async def test_nobody_to_assign_to_fails_the_run(world: Any, record: Record) -> None:
    await started(world, record(list="won"), {"type": "assign", "user": "off@example.org"})
    await world.work()
    (run,) = await world.runs()
    assert run.state == "failed"
    assert "nobody to assign to" in run.reason


async def test_in_turn_is_fair_with_many_workers(world: Any, record: Record) -> None:
    assign = {"type": "assign", "pool": {"team": "sales"}, "strategy": "round_robin"}
    await world.rule(trigger=MOVED, actions=[assign])
    for number in range(32):
        await world.tell(won(record(id=f"r{number}")))
    taken: list[Prepared] = []

    async def claim() -> None:
        while some := await world.claim(2):
            taken.extend(some)

    await asyncio.gather(*(claim() for _ in range(4)))
    shares = Counter(each.request["body"]["assignees"][0] for each in taken)
    assert set(shares) == {"u-ann", "u-bob", "u-cas"}
    assert sorted(shares.values()) == [10, 11, 11]


async def test_the_least_busy_get_the_work(world: Any, record: Record) -> None:
    """Whoever was chosen a moment ago counts as busy, though records has not told so yet."""
    for number, user in enumerate(["u-ann", "u-ann", "u-bob"]):
        await world.tell(RecordCreated(record=record(id=f"old{number}", assignees=[user])))
    assign = {"type": "assign", "pool": {"team": "sales"}, "strategy": "least_open_records"}
    await world.rule(trigger=MOVED, actions=[assign])
    for number in range(3):
        await world.tell(won(record(id=f"new{number}", list="talking"), to_list="talking"))
    for _ in range(3):
        await world.claim(1)
    picks = await world.rows("SELECT user_id FROM pick ORDER BY record_id")
    assert Counter(each.user_id for each in picks) == {"u-cas": 2, "u-bob": 1}


async def test_whoever_has_the_referring_records_is_told(world: Any, record: Record, customers: ProjectChanged) -> None:
    await world.rule(
        project="customers",
        trigger={"type": "field.changed", "fields": ["phone"]},
        actions=[
            {
                "type": "notify",
                "to": [{"via": "deals", "where": {"list_category": "open"}, "user": "assignee"}],
                "title": "{{record.title}} changed",
            }
        ],
    )
    customer = record(id="c1", project=customers, title="Bakery", values={"phone": "+31201234567"}, version=2)
    for number, (stage, user) in enumerate([("new", "u-ann"), ("sent", "u-bob"), ("won", "u-cas")]):
        deal = record(id=f"d{number}", list=stage, assignees=[user], links={"customer": ["c1"]})
        await world.tell(RecordCreated(record=deal))
    await world.tell(RecordUpdated(record=customer, changes={"phone": Change(after="+31201234567")}))
    await world.work()
    told = await world.rows("SELECT user_id, title FROM notification ORDER BY user_id")
    assert [tuple(each) for each in told] == [("u-ann", "Bakery changed"), ("u-bob", "Bakery changed")]


async def test_a_record_of_another_project_is_made_once_and_refers_back(world: Any, record: Record) -> None:
    await started(
        world,
        record(list="won", assignees=["u-ann"]),
        {
            "type": "create_record",
            "project": "deals",
            "list": "new",
            "set": {"title": "Again: {{record.title}}", "customer": "{{record.id}}"},
            "copy": ["assignees", "tags"],
        },
    )
    await world.work()
    body = {"title": "Again: Twelve seats", "list": "new", "values": {"customer": "r1"}, "assignees": ["u-ann"]}
    assert world.stand_in.effects == [("POST", "/v1/projects/deals/records", body)]


async def test_a_due_date_may_count_working_days(world: Any, record: Record, monday: datetime) -> None:
    await world.go_to(monday + timedelta(days=4))
    await started(world, record(list="won"), {"type": "set_due_date", "offset": "P1D", "calendar": "business"})
    await world.work()
    ((_, _, body),) = world.stand_in.effects
    assert body["due_at"][:10] == "2026-03-09"


async def test_tags_values_and_colour_are_changed(world: Any, record: Record, deals: ProjectChanged) -> None:
    tagged = deals.model_copy(update={"tags": [TagSchema(key="hot", name="Hot")], "version": 9})
    async with world.database.transaction() as transaction:
        await projects.keep(transaction, tagged)
    await started(
        world,
        record(list="won"),
        {"type": "add_tags", "tags": ["hot"]},
        {"type": "remove_tags", "tags": ["hot"]},
        {"type": "clear_values", "fields": ["region"]},
        {"type": "set_color", "color": None},
    )
    await world.work()
    assert [each[2] for each in world.stand_in.effects] == [
        {"add_tags": ["hot"]},
        {"remove_tags": ["hot"]},
        {"values": {"region": None}},
    ]


async def test_whoever_is_away_or_has_enough_gets_no_work(
    world: Any, record: Record, people: list[UserChanged]
) -> None:
    ann, bob, cas, _ = people
    away = {"away_until": datetime(2027, 1, 1, tzinfo=UTC), "version": 2}
    async with world.database.transaction() as transaction:
        await users.keep(transaction, ann.model_copy(update=away))
        await users.keep(transaction, bob.model_copy(update={"capacity": 1, "version": 2}))
    assign = {
        "type": "assign",
        "pool": {"team": "sales", "skill": "south"},
        "otherwise": {"pool": {"team": "sales"}, "strategy": "round_robin"},
        "exclude": ["inactive_users", "users_out_of_office", "users_over_capacity"],
    }
    await world.rule(trigger=MOVED, actions=[assign])
    for number in range(3):
        await world.tell(won(record(id=f"r{number}", list="talking", version=2), to_list="talking"))
        await world.work()
    given = [body["assignees"] for _, _, body in world.stand_in.effects]
    assert given == [[bob.id], [cas.id], [cas.id]]
