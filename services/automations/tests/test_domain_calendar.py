"""Working time: never a Sunday, never at night, and never lost in between."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automations.domain.calendar import Calendar

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
OFFICE = Calendar(AMSTERDAM, holidays=frozenset({date(2026, 12, 25)}))
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=AMSTERDAM)  # type: ignore[misc,arg-type]  # year to minute


@pytest.mark.parametrize(
    ("start", "offset", "due"),
    [
        (local(2026, 11, 20, 15), DAY, local(2026, 11, 23, 15)),  # Friday → Monday
        (local(2026, 11, 21, 12), DAY, local(2026, 11, 24, 9)),  # Saturday counts from Monday's opening
        (local(2026, 11, 20, 16), 2 * HOUR, local(2026, 11, 23, 10)),  # an hour on Friday, one on Monday
        (local(2026, 11, 23, 7), HOUR, local(2026, 11, 23, 10)),  # before opening
        (local(2026, 11, 23, 20), HOUR, local(2026, 11, 24, 10)),  # after closing
        (local(2026, 12, 24, 11), DAY, local(2026, 12, 28, 11)),  # over Christmas Day and the weekend
        (local(2026, 3, 27, 10), DAY, local(2026, 3, 30, 10)),  # the same hour, though summer time began
    ],
)
def test_a_due_date_falls_into_working_time(start: datetime, offset: timedelta, due: datetime) -> None:
    assert OFFICE.after(start, offset) == due.astimezone(UTC)


@settings(max_examples=200, derandomize=True)
@given(
    start=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 — has one
    minutes=st.integers(1, 20 * 24 * 60),
)
def test_it_is_always_later_and_always_at_work(start: datetime, minutes: int) -> None:
    due = OFFICE.after(start, timedelta(minutes=minutes))
    there = due.astimezone(AMSTERDAM)
    assert due >= start
    assert there.weekday() < 5
    assert there.date() not in OFFICE.holidays
    assert time(9) <= there.time() <= time(17)
