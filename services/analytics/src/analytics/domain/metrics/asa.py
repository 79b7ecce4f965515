"""Average speed of answer: how long those waited who were answered."""

from analytics.domain.metric import Limits, Measure, Metric, Text, Variant
from analytics.domain.populations import ABANDONED, OFFERED


def mean(_limits: Limits) -> Measure:
    """Abandons are not in it: where everybody hangs up there is no speed of answer, not one of zero."""
    return Measure(
        population=f"{OFFERED} AND (answered OR {ABANDONED})",
        numerator="if(answered, ifNull(waited_s, 0), 0)",
        denominator="answered AND waited_s IS NOT NULL",
        spread="waited_s",
        components={"wait_s": "waited_s IS NOT NULL"},
        basis="wait_basis",
        beside={
            "abandoned_after": (f"if({ABANDONED}, ifNull(waited_s, 0), 0)", f"{ABANDONED} AND waited_s IS NOT NULL")
        },
    )


METRIC = Metric(
    key="asa",
    title=Text("Speed of answer", "Wachttijd tot antwoord"),
    description=Text(
        "How long callers who were answered had waited, on average. The median says what most lived through.",
        "Hoe lang bellers die werden opgenomen gemiddeld wachtten. De mediaan zegt wat de meesten meemaakten.",
    ),
    unit="seconds",
    direction="lower",
    shape="mean",
    population="Answered inbound calls with a known wait, counted after the menu where the provider tells of it.",
    time_anchor="arrived_at",
    n_minimum=100,
    variants=(Variant("mean", "Σ wait of answered calls ÷ answered calls", mean),),
    comparable_variants=("mean",),
    nothing="No inbound call with a known wait was answered in this period.",
)
