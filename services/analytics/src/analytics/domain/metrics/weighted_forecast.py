"""Weighted forecast: what the open deals are worth, each by the weight of the list it is in."""

from analytics.domain.metric import Measure, Metric, Pipeline, Text, Variant


def configured(pipeline: Pipeline) -> Measure:
    """Rounded deal by deal, so that the parts add up to the whole that is shown."""
    return Measure(
        population=f"r.list_category = 'open' AND isNotNull({pipeline.weight})",
        numerator=f"round({pipeline.amount} * {pipeline.weight}, 2)",
        at=pipeline.closes or "NULL",
        components={"amount": f"isNotNull({pipeline.amount})"},
        timeless=True,
    )


METRIC = Metric(
    key="weighted_forecast",
    title=Text("Weighted forecast", "Gewogen prognose"),
    description=Text(
        "What open deals are worth: each amount times the weight of its list, rounded to cents. Lists without a "
        "weight are not in it. The state of this moment; by month it goes by the expected close date.",
        "Wat open deals waard zijn: elk bedrag maal het gewicht van de lijst, afgerond op centen. Lijsten zonder "
        "gewicht tellen niet mee. De stand van dit moment; per maand volgens de verwachte sluitdatum.",
    ),
    unit="money",
    direction="higher",
    shape="sum",
    source="record",
    population="Records in an open list with a forecast weight.",
    time_anchor="now",
    variants=(
        Variant(
            "configured",
            "Σ round(amount × forecast weight of its list), each in the base currency",
            of_records=configured,
        ),
    ),
    nothing="No project has a forecast yet: give a list a forecast weight.",
)
