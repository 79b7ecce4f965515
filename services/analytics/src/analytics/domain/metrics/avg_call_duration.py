"""Average call duration: how long outbound conversations last."""

from analytics.domain.metric import Limits, Measure, Metric, Text, Variant
from analytics.domain.populations import CONNECTED

DURATION = "ifNull(talk_s, 0) + ifNull(hold_s, 0)"
# Seconds from which sales teams speak of a conversation.
CONVERSATION = 60


def _measure(population: str) -> Measure:
    return Measure(
        population=population,
        numerator=DURATION,
        at="ended_at",
        spread=DURATION,
        components={"talk_s": "talk_s IS NOT NULL", "hold_s": "hold_s IS NOT NULL"},
        basis="talk_basis",
    )


def connected(_limits: Limits) -> Measure:
    return _measure(CONNECTED)


def conversations(_limits: Limits) -> Measure:
    return _measure(f"{CONNECTED} AND {DURATION} >= {CONVERSATION}")


METRIC = Metric(
    key="avg_call_duration",
    title=Text("Call duration, outbound", "Gespreksduur, uitgaand"),
    description=Text(
        "How long outbound calls last once someone answered: talk and hold, without the notes afterwards.",
        "Hoe lang uitgaande gesprekken duren zodra iemand opneemt: praten en wachtstand, zonder het nawerk.",
    ),
    unit="seconds",
    direction="target",
    shape="mean",
    population="Outbound calls that a human answered and that ended.",
    time_anchor="ended_at",
    n_minimum=100,
    variants=(
        Variant("connected", "Σ (talk + hold) ÷ connected outbound calls", connected),
        Variant("conversations", "the same over calls of 60 s or more", conversations),
    ),
    comparable_variants=("connected",),
    nothing="No outbound call was answered in this period.",
)
