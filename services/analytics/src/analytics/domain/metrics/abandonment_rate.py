"""Abandonment: the share of callers who left before anyone answered."""

from analytics.domain.metric import Limits, Measure, Metric, Text, Variant
from analytics.domain.populations import ABANDONED, OFFERED, short_abandon


def _measure(seconds: str) -> Measure:
    counted = f"NOT {short_abandon(seconds)}"
    return Measure(
        population=OFFERED,
        numerator=f"{ABANDONED} AND {counted}",
        denominator=counted,
        components={"wait_s": "waited_s IS NOT NULL"},
        basis="wait_basis",
    )


def without_short_ones(limits: Limits) -> Measure:
    return _measure(limits.sql("short_abandon_s"))


def raw(_limits: Limits) -> Measure:
    return _measure("0")


METRIC = Metric(
    key="abandonment_rate",
    title=Text("Abandonment", "Ophangers"),
    description=Text(
        "Of the callers who waited for someone, the share who gave up. Those who left within seconds do not count.",
        "Van de bellers die op iemand wachtten, het deel dat ophing. Wie binnen enkele seconden ophing, telt niet mee.",
    ),
    unit="ratio",
    direction="lower",
    shape="share",
    population="Inbound calls past the menu, or with the menu unknown, within opening hours. Counted by call.",
    time_anchor="arrived_at",
    n_minimum=200,
    variants=(
        Variant("short_out", "abandoned ≥ N ÷ (offered − abandoned < N)", without_short_ones),
        Variant("raw", "abandoned ÷ offered", raw, "every abandon counts, however short"),
    ),
    comparable_variants=("short_out", "raw"),
    parameters=("short_abandon_s",),
    ungrouped={"agent": "An abandoned call never reached an agent. Group by queue."},
    nothing="No inbound call was offered in this period.",
)
