"""What a record went through: who did what, when, and how it was before."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import Field

from records.api.activities import MAY_READ
from records.api.records import get_record
from records.api.wire import REFUSALS, Body, answer
from records.dependencies import CurrentWorkspace
from records.domain.changes import seen_changes, seen_deed
from records.domain.moments import moment_text
from records.domain.schema import Schema
from records.storage import history, users
from shared.database import Tx
from shared.http.command import CommandRouter
from shared.http.cursors import place_in, text, whole
from shared.http.paging import Cursor, Limit, Page, cut

router: APIRouter = CommandRouter(tags=["activities"], responses=REFUSALS)


class ChangeOut(Body):
    version: Annotated[int, Field(description="Of the record after it; what is done beside versions leaves it")]
    at: datetime
    actor: str | None
    actor_name: Annotated[str | None, Field(description="Of a user or key, as it is called now")]
    kind: Annotated[
        str,
        Field(
            description="created, updated, moved, transferred, deleted, restored; comment_edited, checklist_changed, "
            "dependency_added and the like"
        ),
    ]
    changes: Annotated[
        dict[str, Any], Field(examples=[{"amount": {"before": None, "after": {"amount": "9.00", "currency": "EUR"}}}])
    ]
    names: Annotated[dict[str, str], Field(description="Of the fields among them", examples=[{"amount": "Amount"}])]


@router.get("/v1/records/{id}/history", response_model=Page[ChangeOut], dependencies=[MAY_READ])
async def list_history(
    id: str,  # noqa: A002 — the path's word
    transaction: Tx,
    workspace: CurrentWorkspace,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """The newest first. Stored values; references as lists of ids. Fields you may not see are left out."""
    record = await get_record(transaction, workspace, id)
    found = await history.page(transaction.connection, record.id, place_in(cursor, whole, text), limit + 1)
    page, more = cut(found, limit, lambda each: (each["version"], each["deed"]))
    schema = workspace.schemas[record.project_id]
    names = await users.names_of_actors(transaction.connection, {each["actor"] for each in page if each["actor"]})
    bound = workspace.policy is not None
    return answer({"items": [_presented(each, schema, names, bound=bound) for each in page], "next_cursor": more})


def _presented(each: Mapping[str, Any], schema: Schema, names: Mapping[str, str], *, bound: bool) -> dict[str, Any]:
    fields, changes = schema.fields_by_key, each["changes"]
    if bound:
        changes = seen_deed(changes, schema) if each["deed"] else seen_changes(changes, schema)
    called = {key: fields[key].name for key in changes if key in fields}
    parts = {name: each[name] for name in ("version", "actor", "kind")}
    return parts | {
        "at": moment_text(each["at"]),
        "actor_name": names.get(each["actor"]),
        "changes": changes,
        "names": called,
    }
