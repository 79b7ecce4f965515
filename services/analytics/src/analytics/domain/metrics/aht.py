"""Average handle time: how long a call kept an agent busy, from hello to the last note."""

from analytics.domain.metric import Limits, Measure, Metric, Text, Variant
from analytics.domain.populations import HANDLED

PARTS = {"talk_s": "talk_s IS NOT NULL", "hold_s": "hold_s IS NOT NULL", "wrap_up_s": "wrap_up_s IS NOT NULL"}


def _measure(*parts: str) -> Measure:
    """A part that the provider does not tell counts as nothing, and ``computed_from`` says how often it was told."""
    duration = " + ".join(f"ifNull({part}, 0)" for part in parts)
    return Measure(
        population=HANDLED,
        numerator=duration,
        at="ended_at",
        spread=duration,
        components={part: PARTS[part] for part in parts},
        basis="talk_basis",
    )


def whole(_limits: Limits) -> Measure:
    return _measure("talk_s", "hold_s", "wrap_up_s")


def talk_and_hold(_limits: Limits) -> Measure:
    return _measure("talk_s", "hold_s")


def talk(_limits: Limits) -> Measure:
    return _measure("talk_s")


METRIC = Metric(
    key="aht",
    title=Text("Handle time", "Afhandeltijd"),
    description=Text(
        "How long a call occupies an agent: talk, hold and wrap-up. Ringing and queueing are not in it.",
        "Hoe lang een gesprek een medewerker bezighoudt: praten, wachtstand en nawerk. Overgaan en wachtrij niet.",
    ),
    unit="seconds",
    direction="target",
    shape="mean",
    population="Inbound calls that reached a human and ended. Counted by call.",
    time_anchor="ended_at",
    n_minimum=100,
    variants=(
        Variant("talk_hold_wrap", "Σ (talk + hold + wrap-up) ÷ handled calls", whole),
        Variant("talk_hold", "Σ (talk + hold) ÷ handled calls", talk_and_hold),
        Variant("talk", "Σ talk ÷ handled calls", talk),
    ),
    comparable_variants=("talk_hold_wrap",),
    nothing="No inbound call was handled to its end in this period.",
)
