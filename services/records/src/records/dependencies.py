"""What a route or a consumer may ask for, beside its transaction and its caller."""

from collections.abc import Mapping
from typing import Annotated

import fastapi
import faststream
from fastapi import Request

from records.domain.workspace import Workspace
from records.gateways.peers import Peer
from records.storage import workspaces
from shared.database import Tx
from shared.errors import Forbidden
from shared.http.authentication import Principal, requires


async def current_workspace(transaction: Tx) -> Workspace:
    """The schema of all projects, as of the transaction's beginning and as its caller sees it."""
    return await workspaces.seen(transaction, transaction.stamp)


async def peers(request: Request) -> Mapping[str, Peer]:
    """The other services by name: those that are configured."""
    found: Mapping[str, Peer] = request.app.state.parts.get("peers", {})
    return found


async def whole_workspace(transaction: Tx) -> Workspace:
    """The schema of all projects, for what acts by itself, whoever calls: public forms."""
    transaction.policy = None
    return await workspaces.current(transaction.connection)


CurrentWorkspace = Annotated[Workspace, fastapi.Depends(current_workspace), faststream.Depends(current_workspace)]
WholeWorkspace = Annotated[Workspace, fastapi.Depends(whole_workspace)]
Peers = Annotated[Mapping[str, Peer], fastapi.Depends(peers)]


async def configures(
    project: str, workspace: CurrentWorkspace, caller: Annotated[Principal, fastapi.Depends(requires("read"))]
) -> Principal:
    """The caller, if they may change the fields, lists and tags of the project.

    Whose roles hide a part of it may not: what they would change could be made of that.
    """
    if "admin" in caller.scopes:
        return caller
    schema = workspace.schema(project)
    if "write" not in caller.scopes or not caller.policy.may_configure(schema.project):
        raise Forbidden("You lack the scope 'admin', or a role that lets you manage fields.")
    if not schema.is_whole:
        raise Forbidden("Your roles hide a part of this project; who changes its schema sees all of it.")
    return caller
