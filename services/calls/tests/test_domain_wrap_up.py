"""Wrap-up belongs to the agent's last call before it."""

import random
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from calls.domain.wrap_up import Mark, Talk, wrap_ups

NOON = datetime(2025, 11, 18, 12, tzinfo=UTC)


def talk(seconds: int, call: str, agent: str = "mira") -> Talk:
    return Talk(NOON + timedelta(seconds=seconds), call, agent)


def began(seconds: int, agent: str = "mira") -> Mark:
    return Mark(NOON + timedelta(seconds=seconds), finished=False, agent_id=agent)


def finished(seconds: int, agent: str = "mira") -> Mark:
    return Mark(NOON + timedelta(seconds=seconds), finished=True, agent_id=agent)


def test_it_goes_to_the_last_call_that_ended_before_it() -> None:
    first, second = talk(0, "a"), talk(60, "b")
    assert wrap_ups([first, second], [began(61), finished(91)]) == {second: 30}
    assert wrap_ups([first], [began(61), finished(91)]) == {first: 30}


def test_each_agent_has_their_own() -> None:
    mine, theirs = talk(0, "a"), talk(0, "b", "jonas")
    assert wrap_ups([mine, theirs], [began(1), finished(6), began(2, "jonas"), finished(9, "jonas")]) == {
        mine: 5,
        theirs: 7,
    }


def test_one_long_after_any_call_belongs_to_none() -> None:
    assert wrap_ups([talk(0, "a")], [began(600), finished(630)]) == {}


def test_half_of_one_says_nothing_yet() -> None:
    assert wrap_ups([talk(0, "a")], [began(1)]) == {}
    assert wrap_ups([talk(0, "a")], [finished(31)]) == {}


def test_clocks_that_differ_by_a_few_seconds_do_not_matter() -> None:
    ended = talk(3, "a")
    assert wrap_ups([ended], [began(0), finished(30)]) == {ended: 30}


moments = st.integers(0, 400)
agents = st.sampled_from(["mira", "jonas"])


@given(
    st.lists(st.builds(talk, moments, st.sampled_from("abcd"), agents)),
    st.lists(st.one_of(st.builds(began, moments, agents), st.builds(finished, moments, agents))),
    st.randoms(),
)
@settings(max_examples=200, deadline=None, derandomize=True)
def test_order_does_not_matter(talks: list[Talk], marks: list[Mark], chance: random.Random) -> None:
    before = wrap_ups(talks, marks)
    chance.shuffle(talks)
    chance.shuffle(marks)
    assert wrap_ups(talks * 2, marks * 2) == before
