"""What may be said about a number: better, worse, on par, or honestly that one cannot tell, and why.

Seven words, in this order of doubt: not comparable, no benchmark, insufficient data; then by the interval:
better, worse, on par, inconclusive.
"""

from dataclasses import dataclass, replace
from typing import Literal

from analytics.domain import intervals
from analytics.domain.benchmarks import Benchmark
from analytics.domain.intervals import FEWEST_CLUSTERS, Interval
from analytics.domain.metric import Direction, Limits, Metric, Unit
from analytics.domain.wording import amount, days

Word = Literal["better", "worse", "on_par", "inconclusive", "insufficient_data", "not_comparable", "no_benchmark"]
Place = Literal["inside", "outside", "overlapping"]
# What does not matter: 2 percentage points of a share, 5 % of anything else.
POINTS = 0.02
SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Zone:
    """What a number is held against: from ``low`` to ``high``, either end may be open."""

    low: float
    high: float

    def widened(self, by: float) -> "Zone":
        return Zone(self.low - by, self.high + by)

    def gap(self, value: float) -> float:
        """How far the value is outside; negative below, 0 inside."""
        return min(0.0, value - self.low) + max(0.0, value - self.high)


@dataclass(frozen=True, slots=True)
class Own:
    """The number that is judged, with what its judgement depends on."""

    value: float | None
    interval: Interval | None
    n: int
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """``gap_abs`` is in the metric's unit, ``gap_rel`` a share of what it was held against; both signed.

    ``place`` says where the interval lies; for numbers of which neither more nor less is better that is all there
    is to say. ``probability`` is that of such a gap by chance.
    """

    word: Word
    reason: str
    gap_abs: float | None = None
    gap_rel: float | None = None
    place: Place | None = None
    probability: float | None = None


def against_benchmark(metric: Metric, variant: str, own: Own, benchmark: Benchmark | None, limits: Limits) -> Verdict:
    """The verdict on a value held against a value from outside, which is taken as exact but for its rounding."""
    if benchmark is None:
        # Without a value, why there is none says more than that there is nothing to hold it against.
        missing = own.reason if own.value is None else None
        return Verdict("no_benchmark", missing or f"There is no benchmark for {metric.title.en.lower()}.")
    obstacle = _obstacle(metric, variant, benchmark, limits)
    if obstacle:
        return Verdict("not_comparable", obstacle)
    zone = zone_of(benchmark)
    if own.value is None or own.interval is None:
        return Verdict("insufficient_data", own.reason or "There is too little to go by.")
    gap = _exact_gap(own.value, benchmark)
    reference = _reference(benchmark)
    relative = gap / reference if reference else None
    too_little = _too_little(metric, own)
    if too_little:
        return Verdict("insufficient_data", too_little, gap, relative)
    word, place = judge(own.interval, zone, metric.direction, margin(metric.unit, reference))
    outside = zone.gap(own.value)
    shifted = Interval(
        own.interval.low - own.value + outside,
        own.interval.high - own.value + outside,
        own.interval.method,
        own.interval.clusters,
    )
    chance = intervals.probability_of(outside, shifted) if outside else 1.0
    reason = _sentence(word, place, own.value, own.interval, metric.unit, _named(benchmark, metric.unit))
    return Verdict(word, reason, gap, relative, place, chance)


def against_history(metric: Metric, own: Own, before: Own, name: str) -> Verdict:
    """The verdict on a value held against the workspace's own past: both are uncertain."""
    if before.value is None or before.interval is None:
        return Verdict("no_benchmark", f"There is nothing to compare with in {name}.")
    if own.value is None or own.interval is None:
        return Verdict("insufficient_data", own.reason or "There is too little to go by.")
    gap = own.value - before.value
    relative = gap / before.value if before.value else None
    too_little = _too_little(metric, own) or _too_little(metric, before)
    if too_little:
        return Verdict("insufficient_data", too_little, gap, relative)
    interval = intervals.difference(own.value, own.interval, before.value, before.interval)
    word, place = judge(interval, Zone(0, 0), metric.direction, margin(metric.unit, before.value))
    past = f"{amount(before.value, metric.unit)} in {name}"
    reason = _sentence(word, place, own.value, own.interval, metric.unit, past)
    return Verdict(word, reason, gap, relative, place, intervals.probability_of(gap, interval))


def judge(interval: Interval, zone: Zone, direction: Direction, tolerated: float) -> tuple[Word, Place]:
    """Where the interval lies, and what that means."""
    above, below = interval.low > zone.high, interval.high < zone.low
    wide = zone.widened(tolerated)
    near = wide.low <= interval.low and interval.high <= wide.high
    if direction not in ("higher", "lower"):
        outside = interval.low > wide.high or interval.high < wide.low
        place: Place = "inside" if near else "outside" if outside else "overlapping"
        return ("on_par" if near else "inconclusive"), place
    if above or below:
        return ("better" if above == (direction == "higher") else "worse"), "outside"
    return ("on_par", "inside") if near else ("inconclusive", "overlapping")


def believed(verdicts: list[Verdict]) -> list[Verdict]:
    """The verdicts of one page: of many comparisons some differ by chance, and those are taken back."""
    tested = [number for number, each in enumerate(verdicts) if each.probability is not None]
    real = intervals.real_ones([verdicts[number].probability or 0.0 for number in tested])
    kept = list(verdicts)
    for number, is_real in zip(tested, real, strict=True):
        if verdicts[number].word in ("better", "worse") and not is_real:
            kept[number] = _taken_back(verdicts[number], len(tested))
    return kept


def zone_of(benchmark: Benchmark) -> Zone:
    """A point stands for all that rounds to it; a range stays a range; an open end is open."""
    low = -float("inf") if benchmark.low is None else benchmark.low
    high = float("inf") if benchmark.high is None else benchmark.high
    return Zone(low, high).widened(benchmark.precision / 2) if low == high else Zone(low, high)


def margin(unit: Unit, reference: float | None) -> float:
    return POINTS if unit == "ratio" else SHARE * abs(reference or 0)


def _obstacle(metric: Metric, variant: str, benchmark: Benchmark, limits: Limits) -> str | None:
    if not benchmark.comparable:
        return benchmark.why_not or "The benchmark is no number."
    if variant not in (benchmark.variants or metric.comparable_variants):
        return f"The benchmark does not speak of the variant {variant}."
    for name, value in benchmark.limits.items():
        if limits.of_queues.get(name):
            return f"The benchmark is for {value:g} s, and here queues have times of their own."
        if getattr(limits, name) != value:
            return f"The benchmark is for {value:g} s, the workspace counts with {getattr(limits, name):g} s."
    return None


def _too_little(metric: Metric, own: Own) -> str | None:
    if own.n < metric.n_minimum:
        return f"{own.n} cases are too few for a verdict: it takes {metric.n_minimum}."
    if own.interval and own.interval.clusters < FEWEST_CLUSTERS:
        return f"Only {days(own.interval.clusters)} with data: it takes {FEWEST_CLUSTERS} to see how days differ."
    return None


def _exact_gap(value: float, benchmark: Benchmark) -> float:
    low = -float("inf") if benchmark.low is None else benchmark.low
    high = float("inf") if benchmark.high is None else benchmark.high
    return Zone(low, high).gap(value)


def _reference(benchmark: Benchmark) -> float:
    known = [end for end in (benchmark.low, benchmark.high) if end is not None]
    return sum(known) / len(known)


def _named(benchmark: Benchmark, unit: Unit) -> str:
    ends = [amount(end, unit) for end in (benchmark.low, benchmark.high) if end is not None]
    return " to ".join(dict.fromkeys(ends))


def _sentence(word: Word, place: Place, value: float, interval: Interval, unit: Unit, other: str) -> str:
    here = f"{amount(value, unit)} against {other}"
    likely = f"{amount(interval.low, unit)} to {amount(interval.high, unit)} is likely"
    if word in ("better", "worse"):
        return f"{here}: clearly {word}, whatever in {likely.removesuffix(' is likely')} is the truth."
    if word == "on_par":
        return f"{here}: the same for all practical purposes."
    if place == "outside":
        return f"{here}: a clear difference, of which neither direction is good by itself."
    return f"{here}: the difference is within what chance does ({likely})."


def _taken_back(verdict: Verdict, comparisons: int) -> Verdict:
    reason = f"Among {comparisons} comparisons a gap like this one turns up by chance. ({verdict.reason})"
    return replace(verdict, word="inconclusive", place="overlapping", reason=reason)
