"""Win rate: of the deals that were decided, how many were won."""

from analytics.domain.metric import Measure, Metric, Pipeline, Text, Variant


def decided(_: Pipeline) -> Measure:
    return Measure(
        population="r.list_category IN ('won', 'lost')",
        numerator="r.list_category = 'won'",
        at="r.entered_list_at",
    )


METRIC = Metric(
    key="win_rate",
    title=Text("Win rate", "Winratio"),
    description=Text(
        "Of the deals that were won or lost, the share that was won, at the moment they were.",
        "Van de deals die gewonnen of verloren zijn het deel dat gewonnen is, op het moment dat dat gebeurde.",
    ),
    unit="ratio",
    direction="higher",
    shape="share",
    source="record",
    population="Records in a list of category `won` or `lost`, of projects that have a forecast.",
    time_anchor="entered_list_at",
    variants=(Variant("decided", "won ÷ (won + lost)", of_records=decided),),
    n_minimum=30,
    nothing="No deal was won or lost in this period.",
)
