"""Beginning to write records into a file."""

from collections.abc import Mapping
from typing import Any

from records.domain.exporting import columns_of
from records.domain.workspace import Workspace
from records.storage import selected
from shared.database import Transaction
from shared.errors import Forbidden, Invalid
from shared.expressions import parse_filter
from shared.http.authentication import Principal
from shared.jobs import Job, add_job

KIND = "export"


async def start_export(
    transaction: Transaction, workspace: Workspace, caller: Principal, given: Mapping[str, Any]
) -> Job:
    """The job; only what the caller may see, then as now, is in its file. Raises `Invalid`."""
    schema = workspace.schema(given["project"])
    key = schema.project.key
    if not caller.policy.may("export", schema.project):
        raise Forbidden(f"You may not export records of '{key}'.")
    parse_filter(given.get("filter"), key, workspace.expressions)
    columns = columns_of(given.get("fields"), schema)
    if given.get("selection") is not None:
        chosen = await selected.get_seen(transaction.connection, workspace, given["selection"], transaction.now)
        if chosen.project_id != schema.project.id:
            raise Invalid.at("/selection", f"The selection is of another project than '{key}'.")
    wanted = {"project": schema.project.id, "columns": columns, "filter": given.get("filter")}
    wanted |= {"selection": given.get("selection"), "format": given.get("format", "csv")}
    return await add_job(transaction, KIND, wanted | {"safe": given.get("safe", True)}, key=caller.key_id)
