"""Intervals are held against scipy, and against their promise: 95 of 100 contain the truth."""

import math
import random
import statistics

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from analytics.domain import intervals, student
from analytics.domain.intervals import Interval, Sums

quick = settings(max_examples=60, derandomize=True, deadline=None)


@quick
@given(st.integers(1, 5_000), st.floats(-60, 60))
def test_students_t_is_scipys(df: int, t: float) -> None:
    assert student.cumulative(t, df) == pytest.approx(stats.t.cdf(t, df), abs=1e-9)


@quick
@given(st.integers(1, 5_000), st.floats(0.001, 0.999))
def test_its_quantiles_are_scipys(df: int, p: float) -> None:
    assert student.quantile(p, df) == pytest.approx(stats.t.ppf(p, df), rel=1e-6, abs=1e-9)


@quick
@given(st.integers(1, 3_000), st.data())
def test_wilson_is_scipys(n: int, data: st.DataObject) -> None:
    k = data.draw(st.integers(0, n))
    expected = stats.binomtest(k, n).proportion_ci(method="wilson")
    found = intervals.wilson(k, n)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-9)


@quick
@given(st.lists(st.floats(0, 4_000), min_size=2, max_size=60).filter(lambda v: max(v) - min(v) > 0.01))
def test_the_t_interval_of_a_mean_is_scipys(values: list[float]) -> None:
    found = intervals.t_interval(sum(values), sum(v * v for v in values), len(values))
    expected = stats.t.interval(0.95, len(values) - 1, statistics.fmean(values), stats.sem(values))
    assert (found.low, found.high) == pytest.approx(expected, rel=1e-4, abs=1e-3)


@quick
@given(st.integers(2, 60), st.integers(2, 60), st.data())
def test_the_difference_of_shares_is_newcombes(n: int, m: int, data: st.DataObject) -> None:
    k, j = data.draw(st.integers(0, n)), data.draw(st.integers(0, m))
    found = intervals.difference(k / n, intervals.wilson(k, n), j / m, intervals.wilson(j, m))
    a, b = stats.binomtest(k, n).proportion_ci(method="wilson"), stats.binomtest(j, m).proportion_ci(method="wilson")
    gap = k / n - j / m
    assert found.low == pytest.approx(gap - math.sqrt((k / n - a.low) ** 2 + (b.high - j / m) ** 2), abs=1e-9)
    assert found.high == pytest.approx(gap + math.sqrt((a.high - k / n) ** 2 + (j / m - b.low) ** 2), abs=1e-9)


@pytest.mark.parametrize("share", [0.5, 0.9, 0.95])
@pytest.mark.parametrize("n", [40, 100, 1_000, 10_000])
def test_the_ranks_around_a_quantile_hold_95_percent(n: int, share: float) -> None:
    ranks = intervals.order_statistics(n, share)
    if ranks is None:
        assert n < 59
        return
    below = stats.binom.cdf(ranks[0] - 1, n, share)
    above = stats.binom.sf(ranks[1] - 1, n, share)
    assert 0.9499 <= 1 - below - above <= 0.985


@pytest.mark.parametrize(("share", "enough"), [(0.5, 6), (0.9, 29), (0.95, 59)])
def test_too_few_values_have_no_interval_around_a_quantile(share: float, enough: int) -> None:
    assert intervals.order_statistics(enough - 1, share) is None
    assert intervals.order_statistics(enough, share) is not None


@quick
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_what_is_believed_is_what_scipy_believes(probabilities: list[float]) -> None:
    adjusted = stats.false_discovery_control(probabilities, method="bh")
    certain = [abs(p - 0.05) > 1e-9 for p in adjusted]
    found = intervals.real_ones(probabilities)
    assert all(kept == (p <= 0.05) for kept, p, sure in zip(found, adjusted, certain, strict=True) if sure)


def month(chance: random.Random, *, spread: float, days: int = 20, calls: int = 100) -> Sums:
    """A month in which good and bad days differ by ``spread`` around 80 %."""
    shares = [min(1.0, max(0.0, chance.gauss(0.8, spread))) for _ in range(days)]
    per_day = [(sum(chance.random() < share for _ in range(calls)), calls) for share in shares]
    return Sums(
        x=sum(x for x, _ in per_day),
        n=sum(n for _, n in per_day),
        clusters=days,
        xx=sum(x * x for x, _ in per_day),
        xn=sum(x * n for x, n in per_day),
        nn=sum(n * n for _, n in per_day),
    )


def test_intervals_over_differing_days_keep_their_promise_where_naive_ones_do_not() -> None:
    chance = random.Random(11)
    months = [month(chance, spread=0.087) for _ in range(250)]
    held = sum(1 for sums in months if (i := intervals.cluster_by_day(sums)).low <= 0.8 <= i.high)
    naive = sum(1 for sums in months if (i := intervals.wilson(sums.x, sums.n)).low <= 0.8 <= i.high)
    assert held / 250 > 0.92
    assert naive / 250 < 0.72


def test_few_skewed_durations_keep_their_promise_on_the_logarithm() -> None:
    chance = random.Random(5)
    truth = math.exp(5 + 0.9**2 / 2)
    held = 0
    for _ in range(250):
        logs = [chance.gauss(5, 0.9) for _ in range(15)]
        found = intervals.log_t_interval(sum(logs), sum(v * v for v in logs), 15)
        held += found.low <= truth <= found.high
    assert held / 250 > 0.91


def test_the_kind_of_interval_follows_the_data() -> None:
    few_days = Sums(x=80, n=100, clusters=3)
    assert getattr(intervals.of_share(few_days), "method", "") == "wilson"
    assert getattr(intervals.of_share(month(random.Random(1), spread=0.1)), "method", "") == "cluster_by_day"
    few_values = Sums(x=300, n=3, clusters=1, squares=30_200, logs=13.8, log_squares=63.5, positive=3)
    assert getattr(intervals.of_mean(few_values), "method", "") == "log_t"
    with_zero = Sums(x=300, n=3, clusters=1, squares=50_000, logs=9, log_squares=41, positive=2)
    assert getattr(intervals.of_mean(with_zero), "method", "") == "t"


def test_nothing_and_one_value_have_no_interval() -> None:
    assert intervals.of_share(Sums(x=0, n=0, clusters=0)) is None
    assert intervals.of_mean(Sums(x=12, n=1)) is None


def test_days_without_any_difference_fall_back_to_the_count_of_cases() -> None:
    perfect = Sums(x=500, n=500, clusters=5, xx=50_000, xn=50_000, nn=50_000)
    found = intervals.of_share(perfect)
    assert found is not None
    assert found.low < 1 == found.high


@quick
@given(st.floats(0.1, 9), st.floats(0.1, 4))
def test_chance_is_one_in_twenty_exactly_where_the_interval_touches_zero(gap: float, half: float) -> None:
    assume(abs(gap - half) > 1e-6)
    interval = Interval(gap - half, gap + half, "cluster_by_day", 9)
    assert (intervals.probability_of(gap, interval) < 0.05) == (interval.low > 0)
