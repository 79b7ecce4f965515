"""Pipeline generated: what the deals that came in are worth."""

from analytics.domain.metric import Measure, Metric, Pipeline, Text, Variant


def made(pipeline: Pipeline) -> Measure:
    return Measure(
        population="1",
        numerator=f"round({pipeline.amount}, 2)",
        at="r.created_at",
        components={"amount": f"isNotNull({pipeline.amount})"},
    )


METRIC = Metric(
    key="pipeline_generated",
    title=Text("Pipeline generated", "Nieuwe pijplijn"),
    description=Text(
        "The amounts of all deals, at the moment they were made, whatever became of them. `n` is how many.",
        "De bedragen van alle deals, op het moment dat ze zijn gemaakt, wat er ook van werd. `n` is het aantal.",
    ),
    unit="money",
    direction="higher",
    shape="sum",
    source="record",
    population="Records of projects that have a forecast.",
    time_anchor="created_at",
    variants=(Variant("amount", "Σ amount, each in the base currency", of_records=made),),
    nothing="No project has a forecast yet: give a list a forecast weight.",
)
