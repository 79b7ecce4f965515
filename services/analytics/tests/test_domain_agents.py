"""Who is free: the latest word of each queue, the call an agent has, and what is no longer believed."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from analytics.domain.agents import LONGEST_STAY, LONGEST_WRAP_UP, Agent, Engaged, Roll, State, Word

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def word(state: State, seconds_ago: float, queue: str | None = None, **told: Any) -> Word:
    return Word("ada", "Ada", queue, state, ago(seconds_ago), **told)


def talks(seconds_ago: float, state: State = "busy") -> Engaged:
    return Engaged("ada", state, ago(seconds_ago), "Sales")


def called(words: list[Word], *calls: Engaged, now: datetime = NOW) -> list[Agent]:
    roll = Roll()
    roll.hear(words)
    return roll.call(calls, {}, now)


def state(words: list[Word], *calls: Engaged) -> str:
    (ada,) = called(words, *calls)
    return ada.state


def test_the_latest_word_counts_in_whatever_order_words_come() -> None:
    told = [word("available", 300), word("wrap_up", 200), word("away", 100, reason="lunch")]
    for order in permutations(told):
        (ada,) = called(list(order))
        assert (ada.state, ada.since, ada.reason, ada.name) == ("away", ago(100), "lunch", "Ada")


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([word("away", 60, "Sales"), word("available", 300, "Support")], "available"),
        ([word("offline", 60, "Sales"), word("away", 300, "Support")], "away"),
        ([word("available", 300, "Sales"), word("offline", 60)], "offline"),
        ([word("offline", 300), word("available", 60, "Sales")], "available"),
    ],
)
def test_who_works_in_several_queues_is_free_where_one_of_them_says_so(told: list[Word], expected: str) -> None:
    assert state(told) == expected


def test_whoever_has_a_call_is_busy_with_it() -> None:
    assert state([word("available", 300)], talks(60)) == "busy"
    assert state([word("available", 300)], talks(5, "ringing")) == "ringing"
    assert state([word("away", 10)], talks(60)) == "busy"
    assert state([word("available", 300)], talks(60, "ringing"), talks(120)) == "busy"


@pytest.mark.parametrize("later", ["available", "wrap_up", "offline"])
def test_a_later_word_says_that_a_call_must_be_over(later: State) -> None:
    assert state([word(later, 10)], talks(60)) == later


def test_nobody_wraps_up_for_ever_and_no_word_is_believed_for_ever() -> None:
    (ada,) = called([word("wrap_up", LONGEST_WRAP_UP.total_seconds())])
    assert (ada.state, ada.since) == ("available", NOW)
    assert called([word("available", LONGEST_STAY.total_seconds())]) == []


def test_an_agent_works_in_the_queues_they_are_told_in_and_have_talked_in() -> None:
    roll = Roll()
    roll.hear([word("available", 60, "Sales")])
    (ada,) = roll.call([], {"ada": ["Support"]}, NOW)
    assert ada.queues == ("Sales", "Support")
