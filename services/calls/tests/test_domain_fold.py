"""Facts to calls: whatever order they come in, however often, there is one result."""

import itertools
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from services.calls.tests.stories import EXPECTED, PROVIDERS, expected_calls, fold_all, sent, shown, understood

from calls.domain.call import Identity, Segment
from calls.domain.fact import SAID_HERE, Fact, Kind
from calls.domain.fold import fold
from calls.domain.marketing import Marketing

FACTS = {each: understood(each, sent(each)) for each in PROVIDERS}
RESULTS = {provider: fold_all(FACTS[provider], provider) for provider in PROVIDERS}
STORIES = [(provider, scenario) for provider in PROVIDERS for scenario in expected_calls(provider)]
SHORT = 6
RESULT = RESULTS["aircall"]
MORNING = datetime(2025, 11, 18, 9, tzinfo=UTC)
IDENTITY = Identity("id", "connection", "made up", "1", MORNING)


def at(seconds: float) -> datetime:
    return MORNING + timedelta(seconds=seconds)


def said(kind: Kind, seconds: float, **values: Any) -> Fact:
    return Fact("1", kind, at(seconds), values, key=f"{kind}/{seconds}/{sorted(values)}")


def agent(name: str) -> dict[str, str]:
    return {"agent_id": name, "agent": f"{name}@example.com", "name": name}


@pytest.mark.parametrize(("provider", "scenario"), STORIES)
def test_each_story_becomes_the_expected_call(provider: str, scenario: str) -> None:
    expected = expected_calls(provider)[scenario]
    assert shown(RESULTS[provider][expected["provider_call_id"]], expected) == expected


@pytest.mark.parametrize("provider", PROVIDERS)
@given(st.data())
@settings(max_examples=150, deadline=None, derandomize=True)
def test_any_order_and_any_repeats_give_one_result(provider: str, data: st.DataObject) -> None:
    order = data.draw(st.permutations(FACTS[provider]))
    repeats = data.draw(st.lists(st.sampled_from(FACTS[provider])))
    assert fold_all(order + repeats, provider) == RESULTS[provider]


@pytest.mark.parametrize(("provider", "scenario"), STORIES)
def test_every_order_of_a_calls_deliveries_gives_one_result(provider: str, scenario: str) -> None:
    """All of a short call's, some of a long one's; each delivered twice."""
    told = [understood(provider, [request]) for request in sent(provider, scenario)]
    first = fold_all(list(itertools.chain(*told)), provider)
    chance = random.Random(scenario)
    sampled = (chance.sample(told, len(told)) for _ in range(100))
    for order in itertools.permutations(told) if len(told) <= SHORT else sampled:
        assert fold_all(list(itertools.chain(*order, *order)), provider) == first


@pytest.mark.parametrize("provider", PROVIDERS)
@given(st.data(), st.randoms())
@settings(max_examples=100, deadline=None, derandomize=True)
def test_what_arrived_so_far_also_gives_one_result(provider: str, data: st.DataObject, chance: random.Random) -> None:
    some = data.draw(st.lists(st.sampled_from(FACTS[provider]), min_size=1))
    before = fold_all(some, provider)
    chance.shuffle(some)
    assert fold_all(some, provider) == before


def test_a_late_ringing_never_reopens_an_ended_call() -> None:
    ended = said("ended", 50, direction="inbound", started_at=at(0).isoformat(), ended_at=at(50).isoformat())
    call = fold(IDENTITY, [ended, said("ringing", 60, rung=agent("mira"))])
    assert (call.status, call.outcome) == ("ended", "missed")


def test_an_end_without_its_time_is_estimated_and_says_so() -> None:
    begun = said("created", 0, direction="inbound", started_at=at(0).isoformat())
    call = fold(IDENTITY, [begun, said("ended", 40), said("ended", 45)])
    assert (call.ended_at, call.ended_at_estimated) == (at(40), True)
    stated = said("noted", 50, ended_at=at(39).isoformat())
    call = fold(IDENTITY, [begun, said("ended", 40), stated])
    assert (call.ended_at, call.ended_at_estimated) == (at(39), False)


def test_hold_counts_until_whatever_ends_it() -> None:
    facts = [
        said("answered", 0, direction="inbound", started_at=at(0).isoformat(), answered_at=at(0).isoformat()),
        said("held", 10),
        said("resumed", 15),
        said("held", 20),
        said("transferred", 26, agent=agent("jonas")),
        said("held", 90),
        said("ended", 103, ended_at=at(100).isoformat()),
    ]
    call = fold(IDENTITY, facts, measures_hold=True)
    assert (call.hold_s, call.talk_s) == (5 + 6 + 10, 79)
    assert call.basis["talk_s"] == "without_hold"


def test_where_hold_is_not_told_it_is_unknown_and_talk_says_so() -> None:
    facts = [
        said("answered", 0, direction="inbound", started_at=at(0).isoformat(), answered_at=at(0).isoformat()),
        said("ended", 100, ended_at=at(100).isoformat()),
    ]
    call = fold(IDENTITY, facts)
    assert (call.hold_s, call.talk_s, call.basis["talk_s"]) == (None, 100, "with_hold")


def test_hold_that_becomes_known_later_corrects_the_talk() -> None:
    facts = [
        said("answered", 0, direction="inbound", started_at=at(0).isoformat(), answered_at=at(0).isoformat()),
        said("ended", 300, ended_at=at(300).isoformat(), connected_s=204, wait_s=23),
        said("noted", 400, hold_s=20),
    ]
    call = fold(IDENTITY, facts)
    assert (call.talk_s, call.hold_s, call.wait_s) == (184, 20, 23)
    assert call.basis["wait_s"] == "stated"


def test_the_newest_word_counts_and_null_takes_it_back() -> None:
    facts = [
        said("noted", 1, disposition="callback", csat=4),
        said("noted", 3, disposition=None),
        said("noted", 2, csat=5),
    ]
    call = fold(IDENTITY, facts)
    assert (call.disposition, call.csat) == (None, 5)


def here(seconds: float, **values: Any) -> Fact:
    return Fact("1", "noted", at(seconds), values, key=f"{SAID_HERE}{seconds}")


@pytest.mark.parametrize(
    ("words", "stands"),
    [
        ([said("noted", 1, note="a"), here(2, note="b"), said("noted", 3, note="a")], "b"),
        ([said("noted", 1, note="a"), here(2, note="b"), said("noted", 3, note="c")], "c"),
        ([said("noted", 1, note=None), here(2, note="b"), said("noted", 3, note=None)], "b"),
        ([said("noted", 1, note="a"), here(2, note="b"), said("noted", 3, note=None)], "b"),
        ([said("noted", 1, note="a"), here(2, note=None), said("noted", 3, note="a")], None),
        ([here(1, note="b"), here(2, note=None)], None),
        ([said("noted", 1, note="a"), said("noted", 2, note=None), said("noted", 3, note="a")], "a"),
    ],
)
def test_what_a_provider_repeats_is_no_new_word_over_what_was_said_here(words: list[Fact], stands: str | None) -> None:
    for order in itertools.permutations(words):
        assert fold(IDENTITY, order).note == stands


def test_a_caller_who_leaves_in_the_menu_never_was_in_a_queue() -> None:
    facts = [
        said("created", 0, direction="inbound", started_at=at(0).isoformat()),
        said("ended", 9, ended_at=at(9).isoformat(), outcome="abandoned", left_in_ivr=True),
    ]
    call = fold(IDENTITY, facts)
    assert (call.outcome, call.ivr_s, call.queue_s, call.wait_s, call.segments) == ("abandoned", 9, None, None, ())


@pytest.mark.parametrize(
    ("direction", "values", "outcome"),
    [
        ("outbound", {}, "unanswered"),
        ("outbound", {"outcome": "busy"}, "busy"),
        ("inbound", {}, "missed"),
        ("inbound", {"outcome": "after_hours"}, "after_hours"),
        ("inbound", {"outcome": "missed", "voicemail": True}, "voicemail"),
        ("inbound", {"outcome": "no such thing"}, "missed"),
    ],
)
def test_a_call_nobody_took_says_why(direction: str, values: dict[str, Any], outcome: str) -> None:
    begun = said("created", 0, direction=direction, started_at=at(0).isoformat())
    assert fold(IDENTITY, [begun, said("ended", 5, ended_at=at(5).isoformat(), **values)]).outcome == outcome


def test_a_tracking_number_stands_for_its_source() -> None:
    facts = [said("created", 0, direction="inbound", to_number="+12025550101", line="Ads - spring")]
    assert fold(IDENTITY, facts).source == "Ads - spring"
    assert fold(IDENTITY, facts, marketing=Marketing(own={"+12025550101": "radio"})).source == "radio"
    outbound = [replace(facts[0], values={**facts[0].values, "direction": "outbound"})]
    assert fold(IDENTITY, outbound).source is None


def test_segments_show_the_way_of_a_transferred_call() -> None:
    call = RESULT[EXPECTED["transfer"]["provider_call_id"]]
    start = datetime(2025, 11, 18, 11, 20, tzinfo=UTC)
    answer, handed, end = (start + timedelta(seconds=s) for s in (12, 120, 330))
    assert call.segments == (
        Segment(0, None, None, start, answer, answer),
        Segment(1, None, "mira.okafor@example.com", answer, answer, handed),
        Segment(2, None, "jonas.weidema@example.com", handed, handed, end),
    )


def test_segments_show_who_rang_in_vain() -> None:
    call = RESULT[EXPECTED["inbound_answered"]["provider_call_id"]]
    assert [(each.queue, each.agent, each.answered_at is not None) for each in call.segments] == [
        ("Sales", None, True),
        (None, "jonas.weidema@example.com", False),
        (None, "mira.okafor@example.com", True),
    ]
    rang, talked = call.segments[1:]
    assert (rang.ended_at - rang.started_at).total_seconds() == 6  # type: ignore[operator]
    assert (talked.answered_at - talked.started_at).total_seconds() == 14  # type: ignore[operator]
