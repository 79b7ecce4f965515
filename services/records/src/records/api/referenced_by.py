"""The records that refer to a record."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel

from records.api.present import RecordOut, present
from records.api.records import get_record
from records.api.wire import REFUSALS, answer
from records.dependencies import CurrentWorkspace
from records.domain.schema import Schema
from records.domain.workspace import Workspace
from records.storage.queries import Wanted, find_page
from shared.database import Tx
from shared.errors import Invalid
from shared.expressions import parse_filter
from shared.http.authentication import requires
from shared.http.command import CommandRouter
from shared.http.cursors import decode_cursor, encode_cursor
from shared.http.paging import Cursor, Limit

router: APIRouter = CommandRouter(tags=["records"], responses=REFUSALS)
MAY_READ = Depends(requires("read"))


class Referring(BaseModel):
    items: list[RecordOut]
    next_cursor: str | None


@router.get("/v1/records/{id}/referenced-by", response_model=Referring, dependencies=[MAY_READ])
async def list_referring(
    id: str,  # noqa: A002 — the path's word
    transaction: Tx,
    workspace: CurrentWorkspace,
    field: Annotated[str, Query(description="A 'referenced by' field here, or a reference as `project.field`")],
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """The living records whose reference leads to this one, in the order of their board."""
    record = await get_record(transaction, workspace, id)
    project, link = _reference(field, workspace.schemas[record.project_id], workspace)
    condition = parse_filter({"field": link, "op": "eq", "value": record.id}, project, workspace.expressions)
    wanted = Wanted(project, condition, (), limit, decode_cursor(cursor) if cursor else None)
    found = await find_page(transaction.connection, workspace, wanted, transaction.now)
    items = await present(transaction, workspace, found.records)
    return answer({"items": items, "next_cursor": encode_cursor(found.cursor) if found.cursor else None})


def _reference(name: str, schema: Schema, workspace: Workspace) -> tuple[str, str]:
    """The project and the reference that are meant. Raises `Invalid`."""
    known = {
        f"{owner.project.key}.{key}": (owner.project.key, key)
        for owner, key in workspace.references_to(schema.project.key)
    }
    backs = [each for each in schema.fields if each.type == "referenced_by"]
    known |= {each.key: (each.config["project"], each.config["field"]) for each in backs}
    if name not in known:
        raise Invalid.at("/field", f"'field' is one of {', '.join(known) or 'none: nothing refers to these records'}.")
    return known[name]
