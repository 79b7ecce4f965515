"""A connection that is silent while it is open has a warning."""

from datetime import UTC, datetime

import pytest

from calls.domain.silence import silence

OFFICE = {
    "timezone": "Europe/Amsterdam",
    "opening_hours": [{"days": [1, 2, 3, 4, 5], "start": "09:00", "end": "17:30"}],
}
NOON = datetime(2025, 11, 18, 11, tzinfo=UTC)
CASES = [
    (OFFICE, datetime(2025, 11, 18, 8, 30, tzinfo=UTC), NOON, True),
    (OFFICE, datetime(2025, 11, 18, 9, 30, tzinfo=UTC), NOON, False),
    (OFFICE, None, NOON, True),
    (OFFICE, datetime(2025, 11, 17, 16, tzinfo=UTC), datetime(2025, 11, 18, 9, tzinfo=UTC), False),
    (OFFICE, datetime(2025, 11, 17, 16, tzinfo=UTC), datetime(2025, 11, 22, 11, tzinfo=UTC), False),
    (OFFICE | {"silent_after_min": 15}, datetime(2025, 11, 18, 10, 40, tzinfo=UTC), NOON, True),
    ({}, None, NOON, False),
]


@pytest.mark.parametrize(("settings", "delivered_at", "now", "warned"), CASES)
def test_silence_counts_in_opening_hours_only(
    settings: dict[str, object], delivered_at: datetime | None, now: datetime, *, warned: bool
) -> None:
    assert (silence(settings, delivered_at, now) is not None) == warned
