"""Call volume: how many calls there were."""

from analytics.domain.metric import Limits, Measure, Metric, Text, Variant
from analytics.domain.populations import DIALLED, ENTERED, EVERY


def every(_limits: Limits) -> Measure:
    return Measure(population=EVERY, numerator="1")


def offered(_limits: Limits) -> Measure:
    return Measure(population=ENTERED, numerator="1")


def dialled(_limits: Limits) -> Measure:
    return Measure(population=DIALLED, numerator="1")


METRIC = Metric(
    key="call_volume",
    title=Text("Calls", "Gesprekken"),
    description=Text(
        "How many calls came in and went out, answered or not.",
        "Hoeveel gesprekken er binnenkwamen en uitgingen, opgenomen of niet.",
    ),
    unit="count",
    direction="none",
    shape="count",
    population="All calls, from their first ring.",
    time_anchor="arrived_at",
    variants=(
        Variant("all", "number of calls", every),
        Variant("offered", "number of inbound calls past the menu", offered),
        Variant("dialled", "number of outbound calls", dialled),
    ),
)
