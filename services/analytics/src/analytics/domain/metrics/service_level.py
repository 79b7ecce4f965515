"""Service level: the share of calls answered within T seconds, in the six ways the industry computes it."""

from analytics.domain.metric import Limits, Measure, Metric, Text, Variant
from analytics.domain.populations import ABANDONED, ANSWERED, MISSED, OFFERED, short_abandon, within

KNOWN_WAIT = f"{OFFERED} AND NOT (answered AND waited_s IS NULL)"


def _measure(numerator: str, denominator: str) -> Measure:
    return Measure(
        population=KNOWN_WAIT,
        numerator=f"({numerator}) AND ({denominator})",
        denominator=denominator,
        components={"wait_s": "waited_s IS NOT NULL"},
        basis="wait_basis",
    )


def everything_removed(limits: Limits) -> Measure:
    """SL-A: leaving within T, by answer or by giving up, counts as success (Amazon Connect, ICMI 1)."""
    soon = f"{within(ANSWERED, limits.sql('threshold_s'))} OR {within(ABANDONED, limits.sql('threshold_s'))}"
    return _measure(soon, "1")


def of_answered(limits: Limits) -> Measure:
    """SL-B: abandons vanish (ICMI 2, which does not recommend it)."""
    return _measure(within(ANSWERED, limits.sql("threshold_s")), ANSWERED)


def of_answered_and_abandoned(limits: Limits) -> Measure:
    """SL-C: every abandon counts against it (Genesys Cloud)."""
    return _measure(within(ANSWERED, limits.sql("threshold_s")), f"{ANSWERED} OR {ABANDONED}")


def of_answered_and_late_abandoned(limits: Limits) -> Measure:
    """SL-D: only abandons after T count against it (Bright Pattern)."""
    late = f"({ABANDONED} AND NOT {within(ABANDONED, limits.sql('threshold_s'))})"
    return _measure(within(ANSWERED, limits.sql("threshold_s")), f"{ANSWERED} OR {late}")


def of_offered(limits: Limits) -> Measure:
    """SL-E: of all offered but short abandons; voicemail and missed calls stay in (Talkdesk, RingCentral)."""
    return _measure(within(ANSWERED, limits.sql("threshold_s")), f"NOT {short_abandon(limits.sql('short_abandon_s'))}")


def with_missed_in_time(limits: Limits) -> Measure:
    """SL-F: missed within T counts as success, abandons are ignored (Talkdesk's calls model)."""
    soon = f"{within(ANSWERED, limits.sql('threshold_s'))} OR {within(MISSED, limits.sql('threshold_s'))}"
    return _measure(soon, f"{ANSWERED} OR {MISSED}")


METRIC = Metric(
    key="service_level",
    title=Text("Service level", "Servicelevel"),
    description=Text(
        "Of the callers who waited for someone, the share answered within the threshold.",
        "Van de bellers die op iemand wachtten, het deel dat binnen de drempel is opgenomen.",
    ),
    unit="ratio",
    direction="higher",
    shape="share",
    population="Inbound calls past the menu, or with the menu unknown, within opening hours. Counted by call.",
    time_anchor="arrived_at",
    n_minimum=200,
    variants=(
        Variant("SL-E", "answered ≤ T ÷ (offered − abandoned < N)", of_offered, "voicemail stays in the denominator"),
        Variant("SL-A", "(answered ≤ T + abandoned ≤ T) ÷ offered", everything_removed, "giving up soon is a success"),
        Variant("SL-B", "answered ≤ T ÷ answered", of_answered, "abandons vanish; not recommended by ICMI"),
        Variant("SL-C", "answered ≤ T ÷ (answered + abandoned)", of_answered_and_abandoned),
        Variant("SL-D", "answered ≤ T ÷ (answered + abandoned > T)", of_answered_and_late_abandoned),
        Variant("SL-F", "(answered ≤ T + missed ≤ T) ÷ (answered + missed)", with_missed_in_time, "abandons ignored"),
    ),
    comparable_variants=("SL-E",),
    parameters=("threshold_s", "short_abandon_s"),
    ungrouped={"agent": "Calls nobody answered have no agent, so every agent would look perfect. Group by queue."},
    nothing="No inbound call was offered in this period.",
)
