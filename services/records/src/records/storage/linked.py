"""The records that computed fields reach: fetched for a whole page at once, level by level, never one by one."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from records.domain.record import Record
from records.domain.snapshots import record_fields
from records.domain.workspace import Workspace
from records.storage import records
from shared.expressions import Step

Snapshots = dict[str, dict[str, Any]]
# A record reached, the project where the way began, and the references gone so far.
Reached = tuple[Record, str, tuple[Step, ...]]


async def with_linked(
    connection: AsyncConnection, workspace: Workspace, page: Sequence[Record], linked: Mapping[str, Record]
) -> Snapshots:
    """Snapshots, by id, of the records and of all that their lookups and formulas go through.

    ``linked`` are records that were read already, by id.
    """
    known = workspace.shown(linked) | {record.id: record for record in page}
    steps: list[Reached] = [(record, workspace.schemas[record.project_id].project.key, ()) for record in page]
    while steps:
        ways = [(target, start, way) for step in steps for target, start, way in _onward(workspace, step)]
        missing = {target for target, _, _ in ways} - set(known)
        found = await records.find(connection, missing) if missing else {}
        known |= workspace.shown(found)
        steps = [(known[target], start, way) for target, start, way in ways if target in known]
    if {workspace.schemas[record.project_id].project.key for record in page} & workspace.of_stages:
        known = await records.and_stages(connection, known)
    return {key: record_fields(record, workspace.schemas[record.project_id]) for key, record in known.items()}


def _onward(workspace: Workspace, step: Reached) -> Iterable[tuple[str, str, tuple[Step, ...]]]:
    """Where the references lead from here that some computed field of the start goes on through."""
    record, start, gone = step
    for hop in workspace.hops[start]:
        if len(hop) == len(gone) + 1 and hop[:-1] == gone:
            for target in record.links.get(str(hop[-1]), ()):
                yield target, start, hop
