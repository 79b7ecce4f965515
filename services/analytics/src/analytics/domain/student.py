"""Student's t: its distribution and its quantiles, for whole degrees of freedom, with nothing but `math`."""

import math
from functools import lru_cache
from statistics import NormalDist

NORMAL = NormalDist()
# Above this the expansion in 1/df is exact to 1e-9 and the finite series only slow.
MANY = 200


def cumulative(t: float, df: int) -> float:
    """P(T ≤ t); the finite series of Abramowitz and Stegun 26.7.3 and 26.7.4."""
    if df > MANY:
        return NORMAL.cdf(_normal_deviate(t, df))
    angle = math.atan(t / math.sqrt(df))
    return 0.5 + (_odd(angle, df) if df % 2 else _even(angle, df)) / 2


@lru_cache(maxsize=4_096)
def quantile(p: float, df: int) -> float:
    """The t below which a share ``p`` lies; by bisection, to twelve digits."""
    if p < 0.5:  # noqa: PLR2004 — the distribution is symmetric
        return -quantile(1 - p, df)
    low, high = 0.0, 1.0
    while cumulative(high, df) < p:
        low, high = high, high * 2
    while high - low > 1e-12 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if cumulative(middle, df) < p else (low, middle)
    return high


def _even(angle: float, df: int) -> float:
    cosine, term, total = math.cos(angle) ** 2, 1.0, 1.0 if df > 1 else 0.0
    for k in range(1, df // 2):
        term *= cosine * (2 * k - 1) / (2 * k)
        total += term
    return math.sin(angle) * total


def _odd(angle: float, df: int) -> float:
    cosine, term, total = math.cos(angle), math.cos(angle), 0.0
    for k in range(1, (df + 1) // 2):
        total += term
        term *= cosine * cosine * (2 * k) / (2 * k + 1)
    return 2 / math.pi * (angle + math.sin(angle) * total)


def _normal_deviate(t: float, df: int) -> float:
    """The normal deviate of equal probability (Hill 1970, the inverse of his expansion for t)."""
    a, b = df - 0.5, 48 * (df - 0.5) ** 2
    z = math.copysign(math.sqrt(a * math.log1p(t * t / df)), t)
    first = (z**3 + 3 * z) / b
    second = (4 * z**7 + 33 * z**5 + 240 * z**3 + 855 * z) / (10 * b * (b + 0.8 * z**4 + 100))
    return z + first - second
