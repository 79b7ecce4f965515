"""Which records a record waits for, and which wait for it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import Field

from records.api.activities import MAY_READ, MAY_WRITE
from records.api.records import get_record
from records.api.wire import REFUSALS, Body, answer
from records.dependencies import CurrentWorkspace
from records.domain.record import Record
from records.domain.snapshots import optional_text
from records.domain.workspace import Workspace
from records.storage import dependencies, records
from records.usecases.change_dependencies import add_dependency, remove_dependency
from shared.database import Transaction, Tx
from shared.errors import Invalid
from shared.http.command import CommandRouter

router: APIRouter = CommandRouter(prefix="/v1/records/{id}/dependencies", tags=["dependencies"], responses=REFUSALS)


class DependencyIn(Body):
    """One of the two."""

    blocked_by: Annotated[str | None, Field(description="The id of the record that this one waits for")] = None
    blocking: Annotated[str | None, Field(description="The id of a record that waits for this one")] = None


class Neighbour(Body):
    id: str
    project: str
    title: str
    list: str
    done_at: datetime | None


class DependenciesOut(Body):
    blocked_by: Sequence[Neighbour]
    blocking: Sequence[Neighbour]


@router.get("", response_model=DependenciesOut, dependencies=[MAY_READ])
async def list_dependencies(id: str, transaction: Tx, workspace: CurrentWorkspace) -> Response:  # noqa: A002 — the path's word
    return await _answer(transaction, workspace, id)


@router.post("", status_code=201, response_model=DependenciesOut, dependencies=[MAY_WRITE])
async def wait_for(id: str, body: DependencyIn, transaction: Tx, workspace: CurrentWorkspace) -> Response:  # noqa: A002 — as above
    """409, with the way round, where the two would wait for each other in the end."""
    match body.blocked_by, body.blocking:
        case str(blocker), None:
            await add_dependency(transaction, workspace, blocker, id, "/blocked_by")
        case None, str(blocked):
            await add_dependency(transaction, workspace, id, blocked, "/blocking")
        case _:
            raise Invalid.at("/blocked_by", "Name one record, as 'blocked_by' or as 'blocking'.")
    return await _answer(transaction, workspace, id, 201)


@router.delete("/{other}", status_code=204, dependencies=[MAY_WRITE])
async def wait_no_longer(id: str, other: str, transaction: Tx, workspace: CurrentWorkspace) -> None:  # noqa: A002 — as above
    """Whichever of the two waits for the other."""
    await remove_dependency(transaction, workspace, id, other)


async def _answer(transaction: Transaction, workspace: Workspace, record_id: str, status: int = 200) -> Response:
    record = await get_record(transaction, workspace, record_id)
    before = await dependencies.blockers_of(transaction.connection, record.id)
    after = await dependencies.blocked_by(transaction.connection, record.id)
    found = await records.find(transaction.connection, {*before, *after})
    near = {each.id: _neighbour(each) for each in workspace.shown(found).values()}
    ways = {"blocked_by": before, "blocking": after}
    return answer({name: [near[each] for each in ids if each in near] for name, ids in ways.items()}, status)


def _neighbour(record: Record) -> dict[str, Any]:
    parts = {"id": record.id, "project": record.project_id, "title": record.title, "list": record.list}
    return parts | {"done_at": optional_text(record.done_at)}
