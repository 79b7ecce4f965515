"""What a route or a consumer may ask for, beside its transaction and its caller."""

from typing import Annotated

import fastapi
import faststream
from fastapi import Request

from records.domain.workspace import Workspace
from records.gateways.automations import Automations
from records.storage import workspaces
from shared.database import Tx


async def current_workspace(transaction: Tx) -> Workspace:
    """The schema of all projects, as of this transaction."""
    return await workspaces.current(transaction.connection)


async def automations(request: Request) -> Automations | None:
    """None where no automations service is configured."""
    found: Automations | None = request.app.state.parts.get("automations")
    return found


CurrentWorkspace = Annotated[Workspace, fastapi.Depends(current_workspace), faststream.Depends(current_workspace)]
