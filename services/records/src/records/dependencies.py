"""What a route or a consumer may ask for, beside its transaction and its caller."""

from collections.abc import Mapping
from typing import Annotated

import fastapi
import faststream
from fastapi import Request

from records.domain.workspace import Workspace
from records.gateways.owners import Owner
from records.storage import workspaces
from shared.database import Tx


async def current_workspace(transaction: Tx) -> Workspace:
    """The schema of all projects, as of this transaction and as its caller sees it."""
    return await workspaces.seen(transaction)


async def owners(request: Request) -> Mapping[str, Owner]:
    """The services that own parts of a configuration, by name: those that are configured."""
    found: Mapping[str, Owner] = request.app.state.parts.get("owners", {})
    return found


CurrentWorkspace = Annotated[Workspace, fastapi.Depends(current_workspace), faststream.Depends(current_workspace)]
