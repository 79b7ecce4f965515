"""Adoption: what people do in the system, rather than how often they open it."""

from analytics.domain.metric import Limits, Measure, Metric, Pipeline, Text, Variant
from analytics.domain.populations import DIALLED

LOGGED = "id IN (SELECT call FROM activity FINAL WHERE type = 'call' AND call != '')"


def registered(_: Limits) -> Measure:
    """A call counts once it stands on a record."""
    return Measure(population=f"{DIALLED} AND status = 'ended' AND {LOGGED}", numerator="1", at="ended_at")


def converted(pipeline: Pipeline) -> Measure:
    """A lead is a deal in the first list; it is converted when it moves on and is not lost."""
    return Measure(
        population=f"r.list_category IN ('open', 'won') AND {pipeline.position} > 0",
        numerator="1",
        at="r.entered_list_at",
    )


METRIC = Metric(
    key="agent_adoption",
    title=Text("Adoption", "Gebruik"),
    description=Text(
        "Outgoing calls that ended and stand on a record; group by `agent`. The variant `leads_converted` counts the "
        "deals that left the first list and are not lost; group by `assignee`.",
        "Uitgaande gesprekken die op een record staan; groepeer op `agent`. De variant `leads_converted` telt de deals "
        "die uit de eerste lijst zijn en niet verloren; groepeer op `assignee`.",
    ),
    unit="count",
    direction="higher",
    shape="count",
    population="Outgoing calls that ended and were logged on a record; or deals past the first list.",
    time_anchor="ended_at",
    variants=(
        Variant("outgoing_calls_registered", "count of outgoing calls on a record", of_calls=registered),
        Variant("leads_converted", "count of deals past the first list, not lost", of_records=converted),
    ),
)
