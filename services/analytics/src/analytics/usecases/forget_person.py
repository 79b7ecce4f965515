"""A person out of ClickHouse: rewritten, not only hidden."""

from collections.abc import Mapping

from analytics.storage import persons
from shared.jobs import RunningJob
from shared.privacy import Part, Person


async def forget_rows(running: RunningJob, person: Person, mark: str) -> Mapping[str, int]:
    """Counts by table: of all versions, merged or not."""
    return await persons.forget(running.parts.state["clickhouse"], person, mark)


FORGETTING = Part(
    "ANALYTICS",
    forget_rows,
    {"clickhouse:call": "Calls stay, for their numbers; the mark stands in the caller's place."},
)
