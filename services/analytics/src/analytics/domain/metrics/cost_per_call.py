"""Cost per call: what was spent on a source or a campaign, by the calls that came of it."""

from analytics.domain.metric import Limits, Measure, Metric, Text, Variant
from analytics.domain.populations import EVERY
from analytics.domain.spend import SPENT

OF_A_SOURCE = f"{EVERY} AND direction = 'inbound' AND source != ''"
NOTHING_SPENT = "toDecimal256(0, 20)"


def calls(_limits: Limits) -> Measure:
    return Measure(population=OF_A_SOURCE, numerator=NOTHING_SPENT)


def calls_answered(_limits: Limits) -> Measure:
    return Measure(population=f"{OF_A_SOURCE} AND answered", numerator=NOTHING_SPENT)


def conversions(_limits: Limits) -> Measure:
    return Measure(population=f"{OF_A_SOURCE} AND ifNull(converted, false)", numerator=NOTHING_SPENT)


METRIC = Metric(
    key="cost_per_call",
    title=Text("Cost per call", "Kosten per gesprek"),
    description=Text(
        "What was spent on marketing, by the inbound calls that came from a source. Group it by source or campaign.",
        "Wat aan marketing is uitgegeven, per inkomend gesprek uit een bron. Groepeer op bron of campagne.",
    ),
    unit="money",
    direction="lower",
    shape="quotient",
    population="Inbound calls that have a source. What was spent counts evenly on the days it was spent for.",
    time_anchor="arrived_at",
    variants=(
        Variant("per_call", "Σ spent ÷ inbound calls with a source", calls, of_spend=SPENT),
        Variant("per_answered_call", "Σ spent ÷ those of them answered", calls_answered, of_spend=SPENT),
        Variant("per_conversion", "Σ spent ÷ those of them converted", conversions, of_spend=SPENT),
    ),
    nothing="No inbound call came from a source in this period.",
)
