"""When a timer rule fires: first, again, later, or not at all."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from automations.domain.activity import LastActivity
from automations.domain.clauses import read
from automations.domain.occurrences import Occurrence, Watched, first, following, is_outdated
from automations.domain.rules import RuleSettings
from automations.domain.trigger import TimerTrigger
from automations.domain.triggers import TYPES
from shared.contracts.records import RecordSnapshot

Record = Callable[..., RecordSnapshot]
DAY = timedelta(days=1)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def trigger(**configuration: Any) -> TimerTrigger:
    found = read({"type": "record.inactive", "for": "P7D"} | configuration, TYPES, "trigger")
    assert isinstance(found, TimerTrigger)
    return found


def watched(record: RecordSnapshot, **by_people: datetime) -> Watched:
    return Watched(
        record, LastActivity({key.replace("_", "."): at for key, at in by_people.items()}), record.created_at
    )


def due(waits: TimerTrigger, known: Watched, **wanted: Any) -> datetime | None:
    occurrence = first(waits, RuleSettings(**wanted), LONG_AGO, known, None)
    return occurrence.due_at if occurrence else None


def test_silence_counts_from_the_making_of_the_record(record: Record, monday: datetime) -> None:
    assert due(trigger(), watched(record())) == monday + 7 * DAY


def test_silence_counts_from_the_last_activity(record: Record, monday: datetime) -> None:
    assert due(trigger(), watched(record(), call_completed=monday + 2 * DAY)) == monday + 9 * DAY


def test_only_the_activity_that_is_named_counts(record: Record, monday: datetime) -> None:
    known = watched(record(), call_completed=monday + 2 * DAY, field_changed=monday + 5 * DAY)
    assert due(trigger(activity_is=["call.completed"]), known) == monday + 9 * DAY


def test_reset_on_names_more_activity(record: Record, monday: datetime) -> None:
    known = watched(record(), list_changed=monday + 3 * DAY)
    assert due(trigger(activity_is=["call.completed"]), known) == monday + 7 * DAY
    assert due(trigger(activity_is=["call.completed"], reset_on=["record.moved"]), known) == monday + 10 * DAY


def test_what_automations_do_is_no_activity(record: Record, monday: datetime) -> None:
    past = LastActivity({}, {"comment.created": monday + 4 * DAY})
    known = Watched(record(), past, monday)
    assert due(trigger(), known) == monday + 7 * DAY
    assert due(trigger(ignore_actors=[]), known) == monday + 11 * DAY


def test_a_record_that_is_done_or_elsewhere_is_left_alone(record: Record, monday: datetime) -> None:
    assert due(trigger(lists=["new"]), watched(record(list="won"))) is None
    assert due(trigger(), watched(record(done_at=monday))) is None


def test_an_imported_record_counts_from_when_it_came_unless_history_is_asked_for(
    record: Record, monday: datetime
) -> None:
    moved_in = record(imported=True, created_at=monday - 90 * DAY, last_activity_at=monday - 30 * DAY)
    known = Watched(moved_in, LastActivity({"record.created": monday - 30 * DAY}), seen_at=monday)
    assert due(trigger(), known) == monday + 7 * DAY
    assert due(trigger(), known, run_on_history=True) == monday - 23 * DAY


def test_records_from_before_the_rule_are_counted_as_it_says(record: Record, monday: datetime) -> None:
    known, enabled_at = watched(record()), monday + 20 * DAY
    firings = {
        existing: first(trigger(), RuleSettings(existing=existing), enabled_at, known, None)
        for existing in ("from_now", "from_state_entry", "ignore")
    }
    assert {key: each.due_at if each else None for key, each in firings.items()} == {
        "from_now": monday + 27 * DAY,
        "from_state_entry": monday + 7 * DAY,
        "ignore": None,
    }


def test_repetitions_end(monday: datetime) -> None:
    waits = trigger(repeat={"every": "P7D", "max": 3})
    fired = Occurrence(monday, 1, monday + 7 * DAY)
    second = following(waits, fired, fired.due_at)
    assert second == Occurrence(monday, 2, monday + 14 * DAY)
    third = following(waits, second, second.due_at)
    assert third == Occurrence(monday, 3, monday + 21 * DAY)
    assert following(waits, third, third.due_at) is None


def test_without_repeat_it_fires_once(monday: datetime) -> None:
    assert following(trigger(), Occurrence(monday, 1, monday), monday) is None


def test_what_was_missed_is_not_made_up_for_in_a_burst(monday: datetime) -> None:
    late = monday + 100 * DAY
    again = following(trigger(repeat={"every": "P7D"}), Occurrence(monday, 1, monday + 7 * DAY), late)
    assert again == Occurrence(monday, 2, late + 7 * DAY)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(activities=st.lists(st.integers(0, 40), max_size=8), wait=st.integers(1, 9), horizon=st.integers(1, 60))
def test_a_lazy_timer_fires_exactly_when_a_patient_watcher_would(
    record: Record, monday: datetime, activities: list[int], wait: int, horizon: int
) -> None:
    """Against brute force, day by day: one firing for each silence that lasts long enough."""
    waits, moments = trigger(**{"for": f"P{wait}D"}), sorted({0, *activities})
    ends = [*moments[1:], horizon + wait + 1]
    expected = [start + wait for start, end in zip(moments, ends, strict=True) if start + wait < end]

    fired: list[int] = []
    pending: Occurrence | None = None
    for day in range(horizon + 1):
        now = monday + day * DAY
        latest = max(each for each in moments if each <= day)
        current = first(waits, RuleSettings(), LONG_AGO, watched(record(), call_completed=monday + latest * DAY), None)
        assert current
        if latest == day:  # an event came in: set a timer unless one is pending
            pending = pending or current
        while pending and pending.due_at <= now:
            outdated = is_outdated(pending, current, now)
            fired += [] if outdated else [day]
            pending = current if outdated else None
    assert fired == [each for each in expected if each <= horizon]
