"""The board says who waits, who talks and who is rung, from calls' snapshots in any order."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from services.analytics.tests.running import ZONE, call

from analytics.domain.agents import Word
from analytics.domain.live import LONGEST_TALK, LONGEST_WAIT, Board, Counts, glimpse
from shared.contracts.calls import CallSnapshot, Segment

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def going_on(number: int, *, at: datetime, **known: Any) -> CallSnapshot:
    return call(number, at=at, **({"status": "ringing", "ended_at": None} | known))


def in_queue(queue: str, since: datetime, until: datetime | None = None) -> Segment:
    return Segment(position=0, queue=queue, started_at=since, ended_at=until)


def with_agent(agent: str, since: datetime, answered_at: datetime | None = None) -> Segment:
    return Segment(position=1, agent=agent, started_at=since, answered_at=answered_at)


def counted(*calls: CallSnapshot, now: datetime = NOW) -> Counts:
    board = Board(ZoneInfo(ZONE))
    board.see(map(glimpse, calls))
    return board.counts(now)


def test_a_caller_waits_from_the_queue_on_and_while_an_agent_is_rung() -> None:
    in_menu_before = going_on(1, at=ago(90), segments=[in_queue("Sales", ago(60))])
    rung = going_on(2, at=ago(30), segments=[in_queue("Sales", ago(25)), with_agent("ada", ago(5))])
    counts = counted(in_menu_before, rung)
    assert (counts.waiting, counts.ringing, counts.longest_wait_s) == (2, 1, 60.0)
    (sales,) = counts.queues
    assert (sales.queue, sales.waiting, sales.ringing, sales.longest_wait_s) == ("Sales", 2, 1, 60.0)


def test_who_is_passed_on_waits_in_the_new_queue_since_the_first() -> None:
    moved = going_on(1, at=ago(80), segments=[in_queue("Sales", ago(80), ago(20)), in_queue("Support", ago(20))])
    (support,) = counted(moved).queues
    assert (support.queue, support.longest_wait_s) == ("Support", 80.0)


def test_nobody_waits_for_a_call_we_make_or_one_that_is_no_customers() -> None:
    dialled = going_on(1, at=ago(10), direction="outbound")
    test = going_on(2, at=ago(10), flags=["test"])
    counts = counted(dialled, test)
    assert (counts.waiting, counts.dialling, counts.longest_wait_s, counts.queues) == (0, 1, None, [])


def test_a_call_is_counted_where_its_highest_version_stands() -> None:
    told = [
        going_on(1, at=ago(60), version=1, segments=[in_queue("Sales", ago(60))]),
        going_on(1, at=ago(60), version=2, segments=[in_queue("Sales", ago(60)), with_agent("ada", ago(30))]),
        going_on(1, at=ago(60), version=3, status="answered", answered_at=ago(20)),
    ]
    for order in permutations(told):
        counts = counted(*order)
        assert (counts.waiting, counts.talking) == (0, 1)
    assert counted(*told, call(1, at=ago(60), version=4)).ended_today == 1


@pytest.mark.parametrize(
    ("known", "longest"),
    [({}, LONGEST_WAIT), ({"direction": "outbound"}, LONGEST_WAIT), ({"status": "answered"}, LONGEST_TALK)],
)
def test_a_call_that_its_provider_never_ended_leaves_the_board(known: dict[str, Any], longest: timedelta) -> None:
    lost = going_on(1, at=NOW, **known)
    shortly = counted(lost, now=NOW + longest - timedelta(seconds=1))
    assert shortly.waiting + shortly.talking + shortly.dialling == 1
    late = counted(lost, now=NOW + longest)
    assert late.waiting + late.talking + late.dialling == 0


def test_a_new_day_begins_at_midnight_where_the_workspace_is() -> None:
    over = call(1, at=datetime(2026, 3, 10, 22, 58, tzinfo=UTC))
    assert counted(over, now=datetime(2026, 3, 10, 22, 59, 59, tzinfo=UTC)).ended_today == 1
    assert counted(over, now=datetime(2026, 3, 10, 23, 0, 1, tzinfo=UTC)).ended_today == 0


def test_nobody_is_called_free_or_not_whose_provider_does_not_tell() -> None:
    talking = going_on(1, at=ago(90), status="answered", answered_at=ago(60), queue="Sales", agent="ada")
    (sales,) = (counts := counted(talking)).queues
    assert (sales.agents_free, sales.agents_busy) == (None, 1)
    assert [(each.agent, each.told) for each in counts.people] == [("ada", False)]


def test_a_queue_shows_its_agents_free_and_busy() -> None:
    talking = going_on(1, at=ago(90), status="answered", answered_at=ago(60), queue="Sales", agent="ada")
    board = Board(ZoneInfo(ZONE))
    board.see([glimpse(talking)])
    board.roll.hear([Word("bo", None, "Sales", "available", ago(60)), Word("cy", None, "Sales", "away", ago(60))])
    counts = board.counts(NOW)
    (sales,) = counts.queues
    assert (sales.talking, sales.agents_free, sales.agents_busy) == (1, 1, 1)
    assert [(each.agent, each.state) for each in counts.people] == [
        ("ada", "busy"),
        ("bo", "available"),
        ("cy", "away"),
    ]
    assert {state: number for state, number in counts.agents.items() if number} == {
        "busy": 1,
        "available": 1,
        "away": 1,
    }
