"""What may be said about a number: every verdict, and what leads to it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.domain.benchmarks import Benchmark
from analytics.domain.intervals import Interval
from analytics.domain.metric import Limits
from analytics.domain.metrics import metric
from analytics.domain.verdicts import Own, Verdict, Zone, against_benchmark, against_history, believed, judge

LIMITS = Limits(threshold_s=20, short_abandon_s=5)
LEVEL, ABANDONMENT, HANDLE, SPEED = (metric(key) for key in ("service_level", "abandonment_rate", "aht", "asa"))
quick = settings(max_examples=100, derandomize=True, deadline=None)


def own(value: float, half: float, n: int = 1_000, days: int = 20) -> Own:
    return Own(value, Interval(value - half, value + half, "cluster_by_day", days), n)


def others(low: float | None, high: float | None = None, **known: object) -> Benchmark:
    high = low if high is None else high
    return Benchmark("b", "service_level", low, high, "A", "someone", **known)  # type: ignore[arg-type]


def level(value: float, half: float, benchmark: Benchmark | None, n: int = 1_000, days: int = 20) -> Verdict:
    return against_benchmark(LEVEL, "SL-E", own(value, half, n, days), benchmark, LIMITS)


def test_an_interval_wholly_on_the_good_side_is_better() -> None:
    found = level(0.90, 0.02, others(0.80))
    assert found.word == "better"
    assert found.gap_abs == pytest.approx(0.10)
    assert found.gap_rel == pytest.approx(0.125)
    assert "clearly better" in found.reason


def test_an_interval_wholly_on_the_bad_side_is_worse() -> None:
    found = level(0.70, 0.02, others(0.80))
    assert found.word == "worse"
    assert found.gap_abs == pytest.approx(-0.10)


def test_where_less_is_better_the_sides_are_swapped() -> None:
    benchmark = others(0.05, variants=("short_out",))
    low, high = own(0.02, 0.01), own(0.09, 0.01)
    assert against_benchmark(ABANDONMENT, "short_out", low, benchmark, LIMITS).word == "better"
    assert against_benchmark(ABANDONMENT, "short_out", high, benchmark, LIMITS).word == "worse"


def test_an_interval_within_two_points_of_a_share_is_on_par() -> None:
    assert level(0.805, 0.01, others(0.80)).word == "on_par"
    assert level(0.805, 0.03, others(0.80)).word == "inconclusive"


def test_what_is_no_share_is_on_par_within_five_percent() -> None:
    benchmark = others(100.0, variants=("mean",))
    assert against_benchmark(SPEED, "mean", own(101, 3), benchmark, LIMITS).word == "on_par"
    assert against_benchmark(SPEED, "mean", own(101, 6), benchmark, LIMITS).word == "inconclusive"


def test_a_difference_within_the_noise_is_inconclusive_and_says_what_is_likely() -> None:
    found = level(0.85, 0.10, others(0.80))
    assert found.word == "inconclusive"
    assert found.place == "overlapping"
    assert "75.0 % to 95.0 %" in found.reason


def test_a_point_stands_for_all_that_rounds_to_it() -> None:
    """10 % published to the percent is 9.5 to 10.5 %."""
    exact, rounded = others(0.80), others(0.80, precision=0.10)
    assert level(0.84, 0.03, exact).word == "better"
    assert level(0.84, 0.03, rounded).word != "better"


def test_a_range_stays_a_range_and_an_open_end_stays_open() -> None:
    assert level(0.85, 0.02, others(0.80, 0.90)).word == "on_par"
    assert level(0.95, 0.02, others(0.80, 0.90)).word == "better"
    at_least = Benchmark("b", "service_level", 0.80, None, "own", "us")
    assert level(0.99, 0.005, at_least).word == "on_par"
    assert level(0.70, 0.02, at_least).word == "worse"


@pytest.mark.parametrize(("n", "days"), [(199, 20), (1_000, 4)])
def test_too_few_cases_or_days_are_insufficient_and_still_show_the_gap(n: int, days: int) -> None:
    found = level(0.90, 0.02, others(0.80), n, days)
    assert found.word == "insufficient_data"
    assert found.gap_abs == pytest.approx(0.10)
    assert found.reason


def test_no_value_is_insufficient_with_the_values_own_reason() -> None:
    nothing = Own(None, None, 0, "Nobody called.")
    found = against_benchmark(LEVEL, "SL-E", nothing, others(0.80), LIMITS)
    assert (found.word, found.reason, found.gap_abs) == ("insufficient_data", "Nobody called.", None)


def test_a_number_of_another_definition_is_not_comparable() -> None:
    good = own(0.90, 0.02)
    assert against_benchmark(LEVEL, "SL-A", good, others(0.80), LIMITS).word == "not_comparable"
    assert against_benchmark(LEVEL, "SL-A", good, others(0.80, variants=("SL-A",)), LIMITS).word == "better"


def test_a_number_for_another_threshold_is_not_comparable() -> None:
    found = level(0.90, 0.02, others(0.80, limits={"threshold_s": 30.0}))
    assert found.word == "not_comparable"
    assert "30 s" in found.reason


def test_a_number_that_proves_nothing_is_not_comparable_and_says_why() -> None:
    found = level(0.90, 0.02, others(0.80, why_not="A survey of eight people."))
    assert (found.word, found.reason) == ("not_comparable", "A survey of eight people.")


def test_doubt_about_the_definition_comes_before_doubt_about_the_data() -> None:
    assert level(0.90, 0.02, others(0.80, why_not="No source."), n=1).word == "not_comparable"


def test_where_nobody_published_anything_there_is_no_benchmark() -> None:
    assert level(0.90, 0.02, None).word == "no_benchmark"
    empty = against_benchmark(LEVEL, "SL-E", Own(None, None, 0, "Nobody called."), None, Limits())
    assert (empty.word, empty.reason) == ("no_benchmark", "Nobody called.")


@pytest.mark.parametrize(
    ("value", "word", "place"),
    [(300, "on_par", "inside"), (400, "inconclusive", "outside"), (315, "inconclusive", "overlapping")],
)
def test_of_a_handle_time_neither_more_nor_less_is_better(value: float, word: str, place: str) -> None:
    benchmark = others(300.0, variants=("talk_hold_wrap",))
    found = against_benchmark(HANDLE, "talk_hold_wrap", own(value, 10), benchmark, LIMITS)
    assert (found.word, found.place) == (word, place)


@quick
@given(st.floats(0, 1_000), st.floats(0, 500), st.floats(0, 1_000), st.floats(0, 100))
def test_a_target_is_never_better_or_worse(value: float, half: float, reference: float, tolerated: float) -> None:
    interval = Interval(value - half, value + half, "t")
    assert judge(interval, Zone(reference, reference), "target", tolerated)[0] in ("on_par", "inconclusive")


@quick
@given(st.floats(-1, 1), st.floats(0, 1), st.floats(-1, 1), st.floats(0, 0.2))
def test_mirrored_numbers_get_mirrored_verdicts(value: float, half: float, reference: float, tolerated: float) -> None:
    here = judge(Interval(value - half, value + half, "t"), Zone(reference, reference), "higher", tolerated)
    there = judge(Interval(-value - half, half - value, "t"), Zone(-reference, -reference), "lower", tolerated)
    assert here == there


def test_the_own_past_is_as_uncertain_as_the_present() -> None:
    assert against_history(LEVEL, own(0.90, 0.02), own(0.80, 0.02), "May").word == "better"
    assert against_history(LEVEL, own(0.83, 0.02), own(0.80, 0.025), "May").word == "inconclusive"
    assert against_history(LEVEL, own(0.80, 0.01), own(0.80, 0.01), "May").word == "on_par"
    assert against_history(LEVEL, own(0.70, 0.02), own(0.80, 0.02), "May").word == "worse"


def test_a_past_with_nothing_in_it_is_no_benchmark_and_one_with_little_is_insufficient() -> None:
    assert against_history(LEVEL, own(0.9, 0.02), Own(None, None, 0), "May").word == "no_benchmark"
    assert against_history(LEVEL, own(0.9, 0.02), own(0.8, 0.02, n=50), "May").word == "insufficient_data"


def test_among_many_comparisons_a_lone_small_gap_is_taken_back() -> None:
    """One of 40 at p = 0.03 is what chance does; 1e-9 is not."""
    chance = Verdict("worse", "odd", -0.1, -0.1, "outside", 0.03)
    real = Verdict("better", "plain", 0.1, 0.1, "outside", 1e-9)
    dull = [Verdict("inconclusive", "", 0.0, 0.0, "overlapping", 0.6)] * 38
    untested = Verdict("no_benchmark", "nothing")
    first, second, *rest = believed([chance, real, *dull, untested])
    assert first.word == "inconclusive"
    assert "by chance" in first.reason
    assert second == real
    assert rest == [*dull, untested]


def test_a_lone_comparison_is_kept() -> None:
    alone = Verdict("worse", "odd", -0.1, -0.1, "outside", 0.03)
    assert believed([alone]) == [alone]
