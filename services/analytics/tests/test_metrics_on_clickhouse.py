"""The numbers, computed by the real engine over calls and deals of which the answer is known."""

import random
import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from services.analytics.tests.running import MARCH, NOON, Asking, abandoned, answered, call

import analytics
from analytics.domain.metric import Limits
from analytics.domain.question import Period
from analytics.storage.clickhouse import DataRefused
from shared.contracts.calls import CallSnapshot
from shared.errors import Invalid

SOURCE = Path(analytics.__file__).parent


def icmi() -> list[CallSnapshot]:
    """ICMI's example: 1000 answered, 860 within 20 s; 60 abandoned, 20 within 20 s, 10 of them within 5 s."""
    waits = [10.0] * 860 + [40.0] * 140
    gone = [3.0] * 10 + [12.0] * 10 + [60.0] * 40
    calls = [answered(number, wait, at=_on_day(number)) for number, wait in enumerate(waits)]
    return calls + [abandoned(f"gone-{number}", wait, at=_on_day(number)) for number, wait in enumerate(gone)]


def _on_day(number: int) -> datetime:
    return NOON + timedelta(days=number % 10)


async def test_icmis_example_gives_every_service_level_there_is(asking: Asking) -> None:
    await asking.keep(icmi())
    expected = {
        "SL-A": 880 / 1060,
        "SL-B": 860 / 1000,
        "SL-C": 860 / 1060,
        "SL-D": 860 / 1040,
        "SL-E": 860 / 1050,
        "SL-F": 860 / 1000,
    }
    assert {key: await asking.value("service_level", key) for key in expected} == pytest.approx(expected)


async def test_a_missed_call_is_a_success_only_to_the_variant_that_says_so(asking: Asking) -> None:
    missed = [call("missed-soon", outcome="missed", wait_s=5.0), call("missed-late", outcome="voicemail", wait_s=50.0)]
    await asking.keep([answered(1, 10.0), answered(2, 30.0), *missed])
    assert await asking.value("service_level", "SL-F") == 0.5
    assert await asking.value("service_level", "SL-E") == 0.25
    assert await asking.value("service_level", "SL-C") == 0.5


async def test_the_service_level_of_a_month_is_that_of_its_calls_not_the_mean_of_its_days(asking: Asking) -> None:
    busy = [answered(number, 60.0) for number in range(9)]
    await asking.keep([*busy, answered("alone", 1.0, at=NOON + timedelta(days=1))])
    days = [each.value for each in await asking.points("service_level", bucket="day") if each.n]
    assert days == [0.0, 1.0]
    assert await asking.value("service_level") == 0.1


async def test_the_service_level_counts_with_the_workspaces_limits(asking: Asking) -> None:
    await asking.keep(icmi())
    patient = replace(asking, limits=Limits(threshold_s=40, short_abandon_s=13))
    assert await patient.value("service_level") == pytest.approx(1000 / 1040)


async def test_abandonment_is_with_and_without_those_who_left_at_once(asking: Asking) -> None:
    await asking.keep(icmi())
    short_out, raw = await asking.point("abandonment_rate"), await asking.point("abandonment_rate", "raw")
    assert (short_out.numerator, short_out.denominator) == (50, 1050)
    assert (raw.numerator, raw.denominator) == (60, 1060)


async def test_a_queue_where_everybody_hangs_up_has_no_speed_of_answer(asking: Asking) -> None:
    await asking.keep(abandoned(number, 30.0) for number in range(5))
    found = await asking.point("asa")
    assert found.value is None
    assert found.interval is None
    assert found.reason
    assert found.beside["abandoned_after"] == 30


async def test_speed_of_answer_leaves_abandons_and_unknown_waits_out(asking: Asking) -> None:
    calls = [answered(1, 4.0), answered(2, 8.0), abandoned(3, 300.0), call(4, outcome="answered", talk_s=1.0)]
    await asking.keep(calls)
    found = await asking.point("asa")
    assert (found.value, found.n) == (6.0, 2)
    assert found.quantiles["median"].value == 4.0


async def test_handle_time_adds_its_components_and_says_how_often_each_was_known(asking: Asking) -> None:
    whole = answered(1, talk_s=100.0, hold_s=20.0, wrap_up_s=30.0, basis={"talk_s": "without_hold"})
    bare = answered(2, talk_s=50.0, basis={"talk_s": "with_hold"})
    still_talking = answered(3, status="answered", ended_at=None, talk_s=None)
    await asking.keep([whole, bare, still_talking, abandoned(4, 10.0)])
    found = await asking.point("aht")
    assert (found.value, found.n) == (100.0, 2)
    assert found.computed_from == {"talk_s": 1.0, "hold_s": 0.5, "wrap_up_s": 0.5}
    assert set(found.basis) == {"without_hold", "with_hold"}
    assert await asking.value("aht", "talk_hold") == 85.0
    assert await asking.value("aht", "talk") == 75.0


async def test_call_duration_is_of_outbound_calls_that_someone_answered(asking: Asking) -> None:
    out = [
        answered(number, direction="outbound", talk_s=talk, hold_s=10.0) for number, talk in enumerate((20.0, 110.0))
    ]
    silent = call("silent", direction="outbound", outcome="unanswered", ring_s=30.0)
    await asking.keep([*out, silent, answered("inbound", talk_s=999.0)])
    assert await asking.value("avg_call_duration") == 75.0
    assert await asking.value("avg_call_duration", "conversations") == 120.0


async def test_calls_are_counted_by_direction(asking: Asking) -> None:
    await asking.keep([call(1), call(2), call(3, direction="outbound"), call(4, status="ringing", ended_at=None)])
    found = await asking.points("call_volume", group_by="direction")
    assert {each.group: each.value for each in found} == {"inbound": 3, "outbound": 1}
    assert await asking.value("call_volume") == 4
    assert await asking.value("call_volume", "dialled") == 1


async def test_a_call_shortly_before_midnight_in_utc_belongs_to_the_next_day_in_amsterdam(asking: Asking) -> None:
    late = datetime(2026, 3, 10, 23, 30, tzinfo=UTC)
    await asking.keep([call(1, at=late)])
    period = Period(late - timedelta(days=1), late + timedelta(days=1))
    found = {each.bucket: each.value for each in await asking.points("call_volume", bucket="day", period=period)}
    assert found == {date(2026, 3, 10): 0, date(2026, 3, 11): 1, date(2026, 3, 12): 0}
    in_utc = replace(asking, timezone="UTC")
    found = {each.bucket: each.value for each in await in_utc.points("call_volume", bucket="day", period=period)}
    assert found[date(2026, 3, 10)] == 1


async def test_the_night_the_clock_goes_forward_has_23_hours_and_loses_no_call(asking: Asking) -> None:
    midnight = datetime(2026, 3, 28, 23, tzinfo=UTC)
    await asking.keep(call(hour, at=midnight + timedelta(hours=hour, minutes=30)) for hour in range(23))
    period = Period(midnight, midnight + timedelta(hours=23))
    hours = await asking.points("call_volume", bucket="hour", period=period)
    assert [each.value for each in hours] == [1] * 23
    assert [each.value for each in await asking.points("call_volume", bucket="day", period=period)] == [23]


async def test_the_end_of_a_period_is_not_in_it(asking: Asking) -> None:
    await asking.keep([call(1, at=NOON), call(2, at=NOON + timedelta(hours=1))])
    assert await asking.value("call_volume", period=Period(NOON, NOON + timedelta(hours=1))) == 1


async def test_the_highest_version_wins_in_whatever_order_and_however_often_it_comes(asking: Asking) -> None:
    story = versions_of_twenty_calls()
    expected = {"call_volume": 20, "aht": 69.5, "asa": 10.0}
    dice = random.Random(7)
    for _ in range(3):
        told = story + dice.choices(story, k=40)
        dice.shuffle(told)
        for start in range(0, len(told), 50):
            await asking.keep(told[start : start + 50])
        assert {key: await asking.value(key) for key in expected} == expected
        assert Counter(each.group for each in await asking.points("call_volume", group_by="queue")) == {"sales": 1}


def versions_of_twenty_calls() -> list[CallSnapshot]:
    versions: list[dict[str, Any]] = [
        {"status": "ringing", "ended_at": None},
        {"status": "answered", "outcome": "answered", "wait_s": 10.0, "ended_at": None},
        {"outcome": "answered", "wait_s": 10.0, "talk_s": 60.0},
        {"outcome": "answered", "wait_s": 10.0, "talk_s": 60.0, "queue": "sales"},
    ]
    return [
        call(number, version=version, **known, wrap_up_s=float(number) if version == len(versions) else None)
        for number in range(20)
        for version, known in enumerate(versions, 1)
    ]


async def test_a_late_version_moves_a_call_to_another_day_without_counting_it_twice(asking: Asking) -> None:
    seen = datetime(2026, 3, 31, 21, 59, tzinfo=UTC)
    await asking.keep([call(1, at=seen, version=1)])
    await asking.keep([call(1, at=seen, version=2, started_at=seen + timedelta(minutes=2))])
    april = Period(MARCH.end, MARCH.end + timedelta(days=30))
    assert await asking.value("call_volume", period=MARCH) == 0
    assert await asking.value("call_volume", period=april) == 1


async def test_a_filter_binds_what_was_written_and_groups_are_fields_only(asking: Asking) -> None:
    await asking.keep([call(1, queue="it's; DROP TABLE call"), call(2, queue="sales")])
    tree = {"all": [{"field": "queue", "op": "eq", "value": "it's; DROP TABLE call"}]}
    assert await asking.value("call_volume", filter=tree) == 1
    with pytest.raises(Invalid):
        await asking.points("call_volume", group_by="queue) FROM call --")
    assert await asking.value("call_volume") == 2


async def test_a_row_the_engine_cannot_hold_is_refused_with_all_that_came_with_it(asking: Asking) -> None:
    with pytest.raises(DataRefused):
        await asking.clickhouse.insert("call", [{"id": "fine", "version": 1}, {"id": "bad", "version": "many"}])
    assert await asking.value("call_volume") == 0


def test_every_read_of_snapshots_takes_each_thing_once() -> None:
    """Nothing in src reads a table of versions but through `newest` or with FINAL."""
    reads = re.compile(r"\bFROM\s+(?!\{newest\()(call|record|stage_entry|activity|migration)\b(?!.{0,20}\bFINAL\b)")
    sources = {path: path.read_text() for path in SOURCE.rglob("*.py")}
    assert {path.name: found for path, text in sources.items() if (found := reads.findall(text))} == {}
    assert any("{newest('call')}" in text for text in sources.values())
