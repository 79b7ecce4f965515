"""Sales: what was won."""

from analytics.domain.metric import Measure, Metric, Pipeline, Text, Variant


def won(pipeline: Pipeline) -> Measure:
    """A deal counts once, when it last entered the list it was won in."""
    return Measure(
        population="r.list_category = 'won'",
        numerator=f"round({pipeline.amount}, 2)",
        at="r.entered_list_at",
        components={"amount": f"isNotNull({pipeline.amount})"},
    )


METRIC = Metric(
    key="sales",
    title=Text("Sales", "Verkoop"),
    description=Text(
        "The amounts of deals won, at the moment they entered the list of won deals. `n` is how many.",
        "De bedragen van gewonnen deals, op het moment dat ze in de lijst met winst kwamen. `n` is het aantal.",
    ),
    unit="money",
    direction="higher",
    shape="sum",
    source="record",
    population="Records in a list of category `won`, of projects that have a forecast.",
    time_anchor="entered_list_at",
    variants=(Variant("amount", "Σ amount, each in the base currency", of_records=won),),
    nothing="No project has a forecast yet: give a list a forecast weight.",
)
