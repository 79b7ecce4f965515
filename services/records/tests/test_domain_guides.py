"""The engine of guides, without anything around it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records.domain.guide import Guide, Item, Stage, check_guide, guide_from, said_in
from records.domain.guide_progress import Progress, Step
from shared.errors import Invalid

NOW = datetime(2030, 1, 10, 9, tzinfo=UTC)


def item(key: str, rank: int = 1, **others: Any) -> Item:
    return Item(key, {"en": key}, rank, **others)


GUIDE = Guide(
    "sale",
    {"en": "Sale", "nl": "Verkoop"},
    [
        Stage("lead", {}, 1, 10, [item("call")]),
        Stage(
            "meeting",
            {},
            2,
            25,
            [item("meet", auto_suggest=True, start_offset_days=7)],
            [item("confirm", template="confirm")],
        ),
        Stage(
            "quote",
            {},
            3,
            50,
            [
                item("ring", 2, auto_suggest=True, start_offset_days=5),
                item("prepare", 1, auto_suggest=True, start_offset_days=2),
            ],
        ),
    ],
)


def step(key: str, state: Any = "done", day: int = 0) -> Step:
    return Step(f"{key}{day}", "r", "g", key, state, NOW, NOW + timedelta(days=day))


def progress(*steps: Step, current: str = "lead", guide: Guide = GUIDE) -> Progress:
    return Progress(guide, steps, current)


def test_a_finished_follow_up_leads_to_the_next_that_suggests_itself() -> None:
    found = progress(step("call")).next_follow_up("call")
    assert found
    assert (found[0].key, found[1].key) == ("meeting", "meet")


def test_follow_ups_are_suggested_by_rank_and_never_twice() -> None:
    found = progress(step("meet")).next_follow_up("meet")
    assert found
    assert found[1].key == "prepare"
    found = progress(step("meet"), step("prepare", "created")).next_follow_up("meet")
    assert found
    assert found[1].key == "ring"


def test_nothing_beyond_the_next_stage_is_suggested() -> None:
    assert progress(step("call"), step("meet", "dismissed")).next_follow_up("call") is None
    assert progress(step("ring")).next_follow_up("ring") is None


def test_a_sale_counts_days_from_the_follow_up_before() -> None:
    meet = GUIDE.find("meet")[1]
    assert progress(step("call", "created", 3)).starts_at(meet, NOW) == NOW + timedelta(days=10)
    assert progress().starts_at(meet, NOW) == NOW + timedelta(days=7)


def test_a_project_counts_days_from_today() -> None:
    delivery = Guide("delivery", {}, GUIDE.stages, kind="project")
    meet = GUIDE.find("meet")[1]
    assert progress(step("call", "created", 3), guide=delivery).starts_at(meet, NOW) == NOW + timedelta(days=7)


def test_of_several_instances_the_last_counts() -> None:
    meet = GUIDE.find("meet")[1]
    assert progress(step("call", day=1), step("call", day=4)).starts_at(meet, NOW) == NOW + timedelta(days=11)


def test_a_stage_is_complete_when_all_made_is_done_and_all_required_is_done_or_waved_away() -> None:
    meeting = GUIDE.stages[1]
    assert not progress(step("meet")).is_complete(meeting)
    assert progress(step("meet"), step("confirm", "dismissed")).is_complete(meeting)
    assert not progress(step("meet"), step("confirm"), step("meet", "created", 1)).is_complete(meeting)
    assert not progress(step("meet", "dismissed"), step("confirm", "dismissed")).is_complete(meeting)


def test_going_on_ticks_the_stages_behind_and_going_back_unticks_them() -> None:
    ticked = [progress(current="quote").is_ticked(stage) for stage in GUIDE.stages]
    assert ticked == [True, True, False]
    assert [progress(current="lead").is_ticked(stage) for stage in GUIDE.stages] == [False, False, False]


def test_a_text_falls_back_to_english_and_then_to_any() -> None:
    assert said_in({"en": "Sale", "nl": "Verkoop"}, "nl") == "Verkoop"
    assert said_in({"en": "Sale", "nl": "Verkoop"}, "de") == "Sale"
    assert said_in({"nl": "Verkoop"}, "de") == "Verkoop"


def test_every_mistake_of_a_definition_is_named() -> None:
    broken = Guide(
        "broken",
        {},
        [Stage("lead", {}, 1, None, [item("call"), item("call")]), Stage("nowhere", {}, 1)],
    )
    with pytest.raises(Invalid) as caught:
        check_guide(broken, ["lead"], [])
    places = {each.pointer for each in caught.value.errors}
    assert places == {"/stages/1/key", "/stages/1", "/stages/1/follow_ups", "/stages/0/follow_ups/1/key"}


STEPS = st.lists(
    st.builds(
        step,
        st.sampled_from(["call", "meet", "confirm", "ring", "prepare"]),
        st.sampled_from(["created", "done", "dismissed"]),
        st.integers(-20, 20),
    ),
    max_size=8,
)


@settings(max_examples=60)
@given(
    STEPS, st.sampled_from(["lead", "meeting", "quote"]), st.sampled_from([each.key for _, each in GUIDE.follow_ups])
)
def test_what_is_suggested_is_new_lies_ahead_and_begins_in_the_future(
    steps: list[Step], current: str, done: str
) -> None:
    here = progress(*steps, current=current)
    keys = [each.key for _, each in GUIDE.follow_ups]
    found = here.next_follow_up(done)
    if found:
        stage, suggested = found
        assert here.state(suggested) == "suggested"
        assert suggested.auto_suggest
        assert keys.index(suggested.key) > keys.index(done)
        assert stage.rank <= GUIDE.find(done)[0].rank + 1
        assert here.starts_at(suggested, NOW) >= NOW


def test_a_stored_definition_comes_back_whole() -> None:
    definition = {
        "key": "k",
        "name": {"en": "K"},
        "kind": "sale",
        "stages_are": "own",
        "advance_mode": "auto",
        "rank": 3,
        "applies_to": {"field": "type", "values": ["new"]},
        "stages": [{"key": "a", "name": {}, "rank": 1, "probability": 5, "follow_ups": [], "documents": []}],
        "outcomes": {"lost": {"require": ["reason"], "reasons": [{"key": "price", "name": {"en": "Price"}}]}},
    }
    guide = guide_from(definition)
    assert guide.suits({"type": "new"})
    assert not guide.suits({"type": "old"})
    assert guide.outcomes["lost"].reasons[0].key == "price"
