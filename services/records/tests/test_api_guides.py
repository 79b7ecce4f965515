"""Guides: what is suggested, what completing it leads to, and what became of a record."""

import itertools
import json
from types import SimpleNamespace
from typing import Any

import pytest_asyncio
from services.records.tests.running import Api
from services.records.tests.test_events import EXAMPLES, published
from sqlalchemy import text

from records.workers import due

numbers = itertools.count(1)
GUIDE = {
    "key": "new_customer",
    "name": {"en": "Sale to new customer", "nl": "Verkoop aan nieuwe klant"},
    "applies_to": {"field": "sale_type", "values": ["new_customer"]},
    "stages": [
        {"key": "lead", "rank": 1, "probability": 10, "follow_ups": [{"key": "qualify", "name": "Qualify"}]},
        {
            "key": "meeting",
            "rank": 2,
            "probability": 25,
            "follow_ups": [
                {
                    "key": "first_meeting",
                    "name": {"en": "First meeting", "nl": "Eerste gesprek"},
                    "auto_suggest": True,
                    "start_offset_days": 7,
                    "duration_minutes": 60,
                }
            ],
        },
    ],
    "outcomes": {
        "won": {"require": ["reason"], "reasons": [{"key": "best_fit", "name": "Best fit"}]},
        "lost": {"require": ["reason", "competitor"], "reasons": [{"key": "price", "name": "Price"}]},
        "stalled": {"require": ["reason"]},
    },
}


@pytest_asyncio.fixture(loop_scope="session")
async def sale(shared_api: Api) -> Any:
    """A project with a guide and a record that follows it."""
    key = f"sales_{next(numbers)}"
    categories = {"lead": "open", "meeting": "open", "sold": "won", "lost": "lost"}
    fields = [
        {"key": "sale_type", "name": "Type", "type": "select", "config": {"options": ["New customer", "Existing"]}},
        {"key": "competitor", "name": "Competitor", "type": "text"},
    ]
    lists = [{"key": each, "name": each.title(), "category": category} for each, category in categories.items()]
    await shared_api.post("/v1/projects", {"key": key, "name": "Sales", "lists": lists, "fields": fields})
    guide = await shared_api.post(f"/v1/projects/{key}/guides", GUIDE, status=201)
    body = {"title": "Website", "values": {"sale_type": "new_customer"}}
    record = await shared_api.post(f"/v1/projects/{key}/records", body)
    path = f"/v1/records/{record['id']}"
    return SimpleNamespace(api=shared_api, key=key, guide=guide, record=record, path=path)


async def qualified(sale: Any) -> None:
    step = await sale.api.post(f"{sale.path}/guide/items/qualify", {}, status=201)
    await sale.api.patch(f"/v1/activities/{step['activity']}", {"done": True})


async def suggestions(sale: Any, state: str = "open") -> list[tuple[str, str | None]]:
    found = await sale.api.get(f"/v1/suggestions?record={sale.record['id']}&state={state}")
    return [(each["kind"], each["item"] or each["stage"]) for each in found["items"]]


async def test_a_new_record_follows_the_guide_that_suits_it(sale: Any) -> None:
    assert (sale.record["probability"], sale.record["probability_source"]) == ("10", "stage")
    shown = await sale.api.get(f"{sale.path}/guide?language=nl")
    assert (shown["guide"], shown["version"], shown["current_stage"]) == ("new_customer", 1, "lead")
    assert shown["next_step"]["item"] == "qualify"
    assert shown["stages"][1]["items"][0]["name"] == "Eerste gesprek"


async def test_completing_a_follow_up_suggests_the_next_once(sale: Any) -> None:
    await qualified(sale)
    assert await suggestions(sale) == [("follow_up", "first_meeting"), ("stage", "meeting")]
    events = [
        each["data"]
        for each in await published(sale.api, "records.suggestion")
        if each["data"]["record"]["id"] == sale.record["id"]
    ]
    assert [each["text"] for each in events] == ["First meeting", "meeting"]
    example = json.loads((EXAMPLES / "records.suggestion.raised.v1.json").read_text())["data"]
    assert set(events[0]) == set(example)
    await qualified(sale)
    assert (await suggestions(sale)).count(("follow_up", "first_meeting")) == 2
    state = (await sale.api.get(f"{sale.path}/guide"))["stages"][0]["items"][0]
    assert (state["state"], len(state["steps"])) == ("done", 2)


async def test_an_accepted_suggestion_is_done_and_answered_once(sale: Any) -> None:
    await qualified(sale)
    follow_up, stage = (await sale.api.get(f"/v1/suggestions?record={sale.record['id']}"))["items"]
    await sale.api.post(f"/v1/suggestions/{follow_up['id']}/accept", {})
    await sale.api.post(f"/v1/suggestions/{follow_up['id']}/dismiss", status=409)
    await sale.api.post(f"/v1/suggestions/{stage['id']}/accept", {})
    moved = await sale.api.get(sale.path)
    assert (moved["list"], moved["probability"]) == ("meeting", "25")
    shown = await sale.api.get(f"{sale.path}/guide")
    assert [stage["ticked"] for stage in shown["stages"]] == [True, False]
    assert shown["stages"][1]["items"][0]["state"] == "created"
    assert moved["next_activity_at"] == shown["stages"][1]["items"][0]["steps"][0]["starts_at"]


async def test_whoever_never_wants_to_be_asked_gets_it_at_once_until_reset(sale: Any) -> None:
    preference = "/v1/preferences/confirm_suggested_follow_up"
    await sale.api.ask("PUT", preference, {"value": False})
    await qualified(sale)
    assert ("follow_up", "first_meeting") not in await suggestions(sale)
    shown = await sale.api.get(f"{sale.path}/guide")
    assert shown["stages"][1]["items"][0]["state"] == "created"
    await sale.api.delete(preference)
    assert await sale.api.get(preference) is None


async def test_a_running_record_keeps_its_version(sale: Any) -> None:
    later = {**GUIDE, "stages": [GUIDE["stages"][1], {**GUIDE["stages"][0], "rank": 5}]}  # type: ignore[index] — a list
    changed = await sale.api.patch(f"/v1/projects/{sale.key}/guides/new_customer", {"definition": later})
    assert changed["version"] == 2
    assert (await sale.api.get(f"{sale.path}/guide"))["version"] == 1
    versions = await sale.api.get(f"/v1/projects/{sale.key}/guides/new_customer/versions")
    assert [each["version"] for each in versions["items"]] == [2, 1]


async def test_another_type_leaves_the_guide_and_comes_back_to_what_was_done(sale: Any) -> None:
    await qualified(sale)
    await sale.api.patch(sale.path, {"values": {"sale_type": "existing"}})
    assert await sale.api.get(f"{sale.path}/guide") is None
    await sale.api.post(f"{sale.path}/guide/items/qualify", {}, status=409)
    assert len((await sale.api.get(f"{sale.path}/activities"))["items"]) == 1
    await sale.api.patch(sale.path, {"values": {"sale_type": "new_customer"}})
    assert (await sale.api.get(f"{sale.path}/guide"))["stages"][0]["items"][0]["state"] == "done"


async def test_a_wrong_guide_is_refused_with_its_places(sale: Any) -> None:
    wrong = {**GUIDE, "key": "wrong", "stages": [{"key": "nowhere", "rank": 1}]}
    refused = await sale.api.post(f"/v1/projects/{sale.key}/guides", wrong, status=422)
    assert {each["pointer"] for each in refused["errors"]} == {"/stages", "/stages/0/key", "/stages/0/follow_ups"}
    long = {**GUIDE, "key": "long", "name": "x" * 240}
    refused = await sale.api.post(f"/v1/projects/{sale.key}/guides", long, status=422)
    assert refused["errors"][0]["pointer"].startswith("/name")


async def test_a_probability_set_by_hand_stays_until_the_next_stage(sale: Any) -> None:
    changed = await sale.api.patch(sale.path, {"probability": "60"})
    assert (changed["probability"], changed["probability_source"]) == ("60", "manual")
    assert (await sale.api.patch(sale.path, {"title": "Shop"}))["probability"] == "60"
    assert (await sale.api.patch(sale.path, {"probability": None}))["probability"] == "10"
    await sale.api.patch(sale.path, {"probability": "60"})
    moved = await sale.api.post(f"{sale.path}/guide/stage", {"stage": "meeting"})
    assert (moved["probability"], moved["probability_source"]) == ("25", "stage")
    await sale.api.patch(sale.path, {"probability": "101"}, status=422)


async def test_losing_asks_for_what_the_guide_wants(sale: Any) -> None:
    refused = await sale.api.post(f"{sale.path}/outcome", {"outcome": "lost"}, status=422)
    assert refused["errors"][0]["pointer"] == "/reason"
    refused = await sale.api.post(f"{sale.path}/move", {"list": "lost", "outcome": {"reason": "price"}}, status=422)
    assert refused["errors"][0]["pointer"] == "/values/competitor"
    lost = {"outcome": "lost", "reason": "price", "values": {"competitor": "Acme"}}
    ended = await sale.api.post(f"{sale.path}/outcome", lost)
    assert (ended["list"], ended["probability"], ended["outcome"]["reason"]) == ("lost", "0", "price")
    history = (await sale.api.get(f"{sale.path}/history"))["items"][0]
    assert (history["kind"], history["changes"]["outcome"]["after"]["reason"]) == ("moved", "price")
    opened = await sale.api.post(f"{sale.path}/move", {"list": "lead"})
    assert (opened["outcome"], opened["probability"]) == (None, "10")


async def test_sold_is_another_word_for_won(sale: Any) -> None:
    refused = await sale.api.post(f"{sale.path}/outcome", {"outcome": "sold", "reason": "luck"}, status=422)
    assert "best_fit" in refused["detail"]
    won = await sale.api.post(f"{sale.path}/outcome", {"outcome": "sold", "reason": "best_fit"})
    assert (won["list"], won["outcome"]["state"], won["probability"]) == ("sold", "won", "100")


async def test_a_stalled_record_waits_for_its_day_and_is_then_suggested(sale: Any) -> None:
    stalled = {"outcome": "stalled", "reason": "budget moved", "reopen_on": "2099-03-01"}
    await sale.api.post(f"{sale.path}/outcome", {**stalled, "reopen_on": None}, status=422)
    await sale.api.post(f"{sale.path}/outcome", {**stalled, "reopen_on": "2020-03-01"}, status=422)
    waiting = await sale.api.post(f"{sale.path}/outcome", stalled)
    assert (waiting["list"], waiting["next_activity_at"]) == ("lead", "2099-02-28T23:00:00Z")
    task = {"type": "task", "body": "Call", "due_at": "2040-01-01T09:00:00Z"}
    await sale.api.post(f"{sale.path}/activities", task)
    assert (await sale.api.get(sale.path))["next_activity_at"] == "2099-02-28T23:00:00Z"
    async with sale.api.database.begin() as connection:
        past = """UPDATE record SET outcome = outcome || '{"reopen_on": "2020-01-01"}' WHERE id = CAST(:id AS uuid)"""
        await connection.execute(text(past), {"id": sale.record["id"]})
    for _ in range(2):
        await due.once(SimpleNamespace(database=sale.api.database, state={}))  # type: ignore[arg-type] — all it looks at
    assert await suggestions(sale) == [("reopen", None)]
    (asked,) = (await sale.api.get(f"/v1/suggestions?record={sale.record['id']}"))["items"]
    await sale.api.post(f"/v1/suggestions/{asked['id']}/accept", {})
    opened = await sale.api.get(sale.path)
    assert (opened["outcome"], opened["next_activity_at"]) == (None, "2040-01-01T09:00:00Z")


async def test_stages_of_the_guides_own_stand_beside_the_lists(sale: Any) -> None:
    own = {
        "key": "own",
        "name": "Delivery",
        "kind": "project",
        "stages_are": "own",
        "advance_mode": "auto",
        "rank": 1,
        "stages": [
            {"key": "planned", "rank": 1, "probability": 40, "follow_ups": [{"key": "kickoff", "name": "Kick-off"}]},
            {"key": "ongoing", "rank": 2, "probability": 70, "follow_ups": [{"key": "progress", "name": "Progress"}]},
        ],
    }
    await sale.api.post(f"/v1/projects/{sale.key}/guides", own)
    record = await sale.api.post(f"/v1/projects/{sale.key}/records", {"title": "Build"})
    path = f"/v1/records/{record['id']}"
    assert (await sale.api.get(f"{path}/guide"))["current_stage"] == "planned"
    assert record["probability"] == "40"
    step = await sale.api.post(f"{path}/guide/items/kickoff", {"body": "Plan it"})
    await sale.api.patch(f"/v1/activities/{step['activity']}", {"done": True})
    shown = await sale.api.get(path)
    assert (shown["list"], shown["probability"]) == ("lead", "70")
    assert (await sale.api.get(f"{path}/guide"))["current_stage"] == "ongoing"
    back = await sale.api.post(f"{path}/guide/stage", {"stage": "planned"})
    assert back["probability"] == "40"
