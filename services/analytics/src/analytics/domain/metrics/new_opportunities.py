"""New opportunities: how many deals came in."""

from analytics.domain.metric import Measure, Metric, Pipeline, Text, Variant


def made(_: Pipeline) -> Measure:
    return Measure(population="1", numerator="1", at="r.created_at")


METRIC = Metric(
    key="new_opportunities",
    title=Text("New opportunities", "Nieuwe kansen"),
    description=Text("The deals that were made in the period.", "De deals die in de periode zijn gemaakt."),
    unit="count",
    direction="higher",
    shape="count",
    source="record",
    population="Records of projects that have a forecast.",
    time_anchor="created_at",
    variants=(Variant("made", "count of deals", of_records=made),),
    nothing="No project has a forecast yet: give a list a forecast weight.",
)
