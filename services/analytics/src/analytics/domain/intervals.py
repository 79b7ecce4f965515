"""How sure one can be of a number: 95 % intervals that keep their promise for the data at hand.

Calls of one day resemble each other, so intervals over several days come from the days, not from the calls:
treating calls as independent would cover the truth in 60 of 100 cases instead of 95.
"""

import math
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

from analytics.domain.student import NORMAL, cumulative, quantile

LEVEL = 0.95
UPPER = (1 + LEVEL) / 2
Z = NORMAL.inv_cdf(UPPER)
# Fewer days than this say nothing about how days differ.
FEWEST_CLUSTERS = 5
# With so many values the mean of a skewed duration is near enough to normal.
MANY = 300
# Up to here binomial ranks are summed exactly.
EXACT_RANKS = 2_000

Method = Literal["wilson", "cluster_by_day", "t", "log_t", "order_statistics", "square_and_add"]


@dataclass(frozen=True, slots=True)
class Interval:
    """Between ``low`` and ``high`` lies the truth in 95 of 100 cases. ``clusters``: days it was computed from."""

    low: float
    high: float
    method: Method
    clusters: int = 1

    def bounded(self, low: float, high: float) -> "Interval":
        """Cut off where no value can be: a share has no 103 %."""
        return Interval(max(low, self.low), min(high, self.high), self.method, self.clusters)


@dataclass(frozen=True, slots=True)
class Sums:
    """All an interval needs, added up by the engine. A ratio is ``x ÷ n``; capital letters are over days.

    ``xx``, ``xn``, ``nn``: sums over days of x², x·n, n². ``squares``, ``logs``, ``log_squares``: sums over single
    values, for means; ``logs`` counts only if every value is above zero (``positive`` says how many are).
    """

    x: float
    n: float
    clusters: int = 1
    xx: float = 0.0
    xn: float = 0.0
    nn: float = 0.0
    squares: float = 0.0
    logs: float = 0.0
    log_squares: float = 0.0
    positive: int = 0


def wilson(successes: float, trials: float) -> Interval:
    """For a share of independent cases (Wilson 1927)."""
    share = successes / trials
    middle = share + Z * Z / (2 * trials)
    half = Z * math.sqrt(share * (1 - share) / trials + Z * Z / (4 * trials * trials))
    scale = 1 + Z * Z / trials
    low = (middle - half) / scale if successes else 0.0
    high = (middle + half) / scale if successes < trials else 1.0
    return Interval(low, high, "wilson")


def cluster_by_day(sums: Sums) -> Interval:
    """For Σx ÷ Σn over days that differ: the ratio estimator, its error from the days' residuals, t of D − 1."""
    ratio, days = sums.x / sums.n, sums.clusters
    residuals = max(0.0, sums.xx - 2 * ratio * sums.xn + ratio * ratio * sums.nn)
    error = math.sqrt(days / (days - 1) * residuals) / sums.n
    half = quantile(UPPER, days - 1) * error
    return Interval(ratio - half, ratio + half, "cluster_by_day", days)


def t_interval(total: float, squares: float, n: int) -> Interval:
    """For the mean of n values of which the sum and the sum of squares are known; n ≥ 2."""
    mean = total / n
    variance = max(0.0, squares - n * mean * mean) / (n - 1)
    half = quantile(UPPER, n - 1) * math.sqrt(variance / n)
    return Interval(mean - half, mean + half, "t")


def log_t_interval(logs: float, log_squares: float, n: int) -> Interval:
    """For the mean of few positive, right-skewed values, log-normal ones (Cox; see Zhou and Gao 1997); n ≥ 2."""
    mean = logs / n
    variance = max(0.0, log_squares - n * mean * mean) / (n - 1)
    middle = mean + variance / 2
    half = quantile(UPPER, n - 1) * math.sqrt(variance / n + variance * variance / (2 * (n - 1)))
    return Interval(math.exp(middle - half), math.exp(middle + half), "log_t")


def of_share(sums: Sums) -> Interval | None:
    """A share's interval; below `FEWEST_CLUSTERS` days the cases count as independent, which flatters."""
    if sums.n <= 0:
        return None
    if sums.clusters < FEWEST_CLUSTERS:
        found = wilson(sums.x, sums.n)
        return Interval(found.low, found.high, found.method, sums.clusters)
    # Where no day differs from another the days say nothing about the error; the count of cases does.
    clustered, independent = cluster_by_day(sums).bounded(0, 1), wilson(sums.x, sums.n)
    return (
        clustered
        if clustered.high > clustered.low
        else Interval(independent.low, independent.high, independent.method, sums.clusters)
    )


def of_mean(sums: Sums) -> Interval | None:
    """A mean's interval: from the days; else from the values, on the logarithm where they are few and positive."""
    count = int(sums.n)
    if sums.clusters >= FEWEST_CLUSTERS:
        return cluster_by_day(sums)
    if count < 2:  # noqa: PLR2004 — one value has no spread
        return None
    if count < MANY and sums.positive == count:
        found = log_t_interval(sums.logs, sums.log_squares, count)
    else:
        found = t_interval(sums.x, sums.squares, count)
    return Interval(found.low, found.high, found.method, sums.clusters)


def order_statistics(n: int, share: float) -> tuple[int, int] | None:
    """The ranks (from 1) of the sorted values that enclose a quantile of 0.5 or above; None where n is too small.

    Exact by the binomial distribution, by its normal approximation above `EXACT_RANKS`.
    """
    if n > EXACT_RANKS:
        half = Z * math.sqrt(n * share * (1 - share))
        return math.floor(n * share - half), min(n, math.ceil(n * share + half) + 1)
    at_most = list(accumulate(_binomial(k, n, share) for k in range(n + 1)))
    high = next((k for k in range(n) if at_most[k] >= UPPER), n) + 1
    # Beyond the largest value there is none: the lower end pays for what the upper one cannot enclose.
    spent = share**n if high > n else 1 - UPPER
    low = next(k for k in range(n + 1) if at_most[k] > 1 - LEVEL - spent) if spent < 1 - LEVEL else 0
    return (low, min(high, n)) if low >= 1 else None


def difference(value: float, own: Interval, other_value: float, other: Interval) -> Interval:
    """For ``value − other_value`` of two independent samples, by squaring and adding the ways to the limits.

    With Wilson's limits it is Newcombe's method 10 (1998); with others the same idea (MOVER).
    """
    gap = value - other_value
    low = gap - math.hypot(value - own.low, other.high - other_value)
    high = gap + math.hypot(own.high - value, other_value - other.low)
    return Interval(low, high, "square_and_add", min(own.clusters, other.clusters))


def probability_of(gap: float, interval: Interval) -> float:
    """How probable a gap of this size to zero is by chance alone (two-sided), judged by the interval around it."""
    half = gap - interval.low if gap > 0 else interval.high - gap
    if half <= 0:
        return 0.0 if gap else 1.0
    if interval.method == "cluster_by_day":
        df = interval.clusters - 1
        return 2 * (1 - cumulative(abs(gap) / half * quantile(UPPER, df), df))
    return 2 * (1 - NORMAL.cdf(abs(gap) / half * Z))


def real_ones(probabilities: list[float], rate: float = 1 - LEVEL) -> list[bool]:
    """Which of many findings to believe, so that among those at most ``rate`` are chance (Benjamini, Hochberg)."""
    order = sorted(range(len(probabilities)), key=probabilities.__getitem__)
    believed = 0
    for rank, position in enumerate(order, 1):
        if probabilities[position] <= rate * rank / len(probabilities):
            believed = rank
    kept = set(order[:believed])
    return [position in kept for position in range(len(probabilities))]


def _binomial(k: int, n: int, share: float) -> float:
    logs = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    return math.exp(logs + k * math.log(share) + (n - k) * math.log1p(-share))
