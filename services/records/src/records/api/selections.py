"""Selections: records chosen by what they are, one by one, or from other selections; to be looked at and called."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from records.api.present import RecordOut, present
from records.api.records import QueryOut, get_record
from records.api.wire import REFUSALS, Body, answer
from records.dependencies import CurrentWorkspace
from records.domain.calling import may_call
from records.domain.criteria import read_criteria
from records.domain.schema import Schema
from records.domain.selection import Compare, Selection, SelectionKind
from records.domain.workspace import Workspace
from records.storage import selected, selections, workspaces
from records.storage.queries import Found, Wanted, find_page, marks_of
from records.storage.selected import Chosen
from records.usecases.change_selections import change_members, change_selection, create_selection, remove_selection
from records.usecases.snapshot_selection import snapshot_selection
from shared.database import Transaction, Tx
from shared.errors import Conflict, Forbidden
from shared.expressions import parse_filter, parse_sort
from shared.http.authentication import requires
from shared.http.command import CommandRouter
from shared.http.cursors import decode_cursor, encode_cursor, identifier, place_in
from shared.http.paging import Cursor, Limit, Page, seen_page

router: APIRouter = CommandRouter(prefix="/v1/selections", tags=["selections"], responses=REFUSALS)
MAY_READ, MAY_WRITE = Depends(requires("read")), Depends(requires("write"))
MOST_MEMBERS = 5_000
CRITERIA = {
    "all": [{"field": "list_category", "value": "open"}, {"counter": "activities", "period": "P90D", "value": 0}]
}


class Asked(Body):
    project: Annotated[str, Field(description="Its id or key")]
    criteria: Annotated[
        Any,
        Field(
            description="Of a dynamic one: a filter, in which there may be counters: `activities` (with `type`, "
            "`direction` and `period`) and `last_activity_age_days`",
            examples=[CRITERIA],
        ),
    ] = None


class SelectionIn(Asked):
    name: Annotated[str, Field(examples=["Quiet customers"])]
    kind: SelectionKind = "dynamic"
    members: Annotated[list[str] | None, Field(max_length=MOST_MEMBERS, description="Of a static one: records")] = None
    of: Annotated[list[str] | None, Field(max_length=20, description="Of a combined one: selections")] = None
    compare: Annotated[Compare | None, Field(description="`difference`: in the first and in no other")] = None


class SelectionChange(Body):
    """What is left out stays."""

    name: str = ""
    criteria: Any = None
    of: Annotated[list[str] | None, Field(max_length=20)] = None
    compare: Compare | None = None


class Members(Body):
    add: Annotated[Sequence[str], Field(max_length=MOST_MEMBERS)] = ()
    remove: Annotated[Sequence[str], Field(max_length=MOST_MEMBERS)] = ()


class Snapshot(Body):
    name: str


class Mark(Body):
    state: Annotated[Literal["called", "skipped", "open"], Field(description="`open`: to be called after all")]


class SelectionOut(Body):
    id: str
    name: str
    project: str
    kind: SelectionKind
    criteria: Any
    of: Sequence[str]
    compare: Compare | None
    created_at: datetime
    updated_at: datetime
    version: int


class Counted(Body):
    count: int


class CallList(Body):
    """`next` is null when all are called."""

    next: RecordOut | None
    phones: Annotated[Mapping[str, str], Field(description="The numbers of the next one, by field")]
    remaining: int
    left_out: Annotated[
        int,
        Field(description="Who may not be called: `do_not_call` is ticked, or the consent for call lists is missing"),
    ]
    called: int
    skipped: int


@router.post("", status_code=201, response_model=SelectionOut, dependencies=[MAY_WRITE])
async def add_selection(body: SelectionIn, transaction: Tx, workspace: CurrentWorkspace) -> Response:
    made = await create_selection(transaction, workspace, body.given())
    return answer(_out(made, workspace), 201, made.version)


@router.get("", response_model=Page[SelectionOut], dependencies=[MAY_READ])
async def list_selections(
    transaction: Tx, workspace: CurrentWorkspace, project: str | None = None, limit: Limit = 50, cursor: Cursor = None
) -> Response:
    wanted = workspace.schema(project).project.id if project else None

    async def fetch(after: str | None, most: int) -> Sequence[Selection]:
        return await selections.page(transaction.connection, wanted, after, most)

    async def shows(read: Sequence[Selection]) -> Sequence[Selection]:
        now = transaction.now
        return [each for each in read if await selected.is_seen(transaction.connection, workspace, each, now)]

    page, more = await seen_page(fetch, shows, lambda each: each.id, place_in(cursor, identifier), limit)
    return answer({"items": [_out(each, workspace) for each in page], "next_cursor": more})


@router.post("/preview", dependencies=[MAY_READ])
async def count_criteria(body: Asked, transaction: Tx, workspace: CurrentWorkspace) -> Counted:
    """How many records a dynamic selection of those criteria would hold."""
    schema = workspace.schema(body.project)
    criteria = read_criteria(body.criteria, schema.project.key, workspace, transaction.now)
    now = transaction.now
    asked = Chosen(Selection("", schema.project.id, "", "dynamic", now, now), criteria)
    return Counted(count=(await _page(transaction, workspace, schema, asked, limit=1)).count or 0)


@router.get("/{id}", response_model=SelectionOut, dependencies=[MAY_READ])
async def read_selection(id: str, transaction: Tx, workspace: CurrentWorkspace) -> Response:  # noqa: A002 — the path's word
    found, _ = await _get(transaction, workspace, id)
    return answer(_out(found, workspace), 200, found.version)


@router.patch("/{id}", response_model=SelectionOut, dependencies=[MAY_WRITE])
async def edit_selection(
    id: str,  # noqa: A002 — the path's word
    body: SelectionChange,
    transaction: Tx,
    workspace: CurrentWorkspace,
) -> Response:
    """Those made of it follow at once. 409 where it would be made of itself."""
    changed = await change_selection(transaction, workspace, id, body.given())
    return answer(_out(changed, workspace), 200, changed.version)


@router.delete("/{id}", status_code=204, dependencies=[MAY_WRITE])
async def drop_selection(id: str, transaction: Tx, workspace: CurrentWorkspace) -> None:  # noqa: A002 — the path's word
    """409 while another is made of it. The records stay."""
    await _get(transaction, workspace, id)
    await remove_selection(transaction, id)


@router.get("/{id}/records", response_model=QueryOut, dependencies=[MAY_READ])
async def list_selected(
    id: str,  # noqa: A002 — the path's word
    transaction: Tx,
    workspace: CurrentWorkspace,
    sort: Annotated[str | None, Query(description="A field; with a minus before it, descending")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    *,
    count: bool = False,
) -> Response:
    """The records it holds now."""
    found, schema = await _get(transaction, workspace, id)
    chosen = await selected.load(transaction.connection, workspace, found, transaction.now)
    page = await _page(transaction, workspace, schema, chosen, sort=sort, limit=limit, cursor=cursor, count=count)
    more = encode_cursor(page.cursor) if page.cursor else None
    items = await present(transaction, workspace, page.records)
    return answer({"items": items, "next_cursor": more, "count": page.count})


@router.post("/{id}/members", status_code=204, dependencies=[MAY_WRITE])
async def choose_members(
    id: str,  # noqa: A002 — the path's word
    body: Members,
    transaction: Tx,
    workspace: CurrentWorkspace,
) -> None:
    """Add records to a static selection, and take others out."""
    found, schema = await _get(transaction, workspace, id)
    await change_members(transaction, workspace, found, schema, body.add, body.remove)


@router.post("/{id}/snapshot", status_code=201, response_model=SelectionOut, dependencies=[MAY_WRITE])
async def keep_as_it_is(
    id: str,  # noqa: A002 — the path's word
    body: Snapshot,
    transaction: Tx,
    workspace: CurrentWorkspace,
) -> Response:
    """A static selection of the records it holds now."""
    found, schema = await _get(transaction, workspace, id)
    made = await snapshot_selection(transaction, workspace, schema, found, body.name)
    return answer(_out(made, workspace), 201, made.version)


@router.get("/{id}/call-list", response_model=CallList, dependencies=[MAY_READ])
async def read_call_list(
    id: str,  # noqa: A002 — the path's word
    transaction: Tx,
    workspace: CurrentWorkspace,
    sort: Annotated[str | None, Query(description="As of the records")] = None,
    *,
    everybody: Annotated[
        bool, Query(description="Also who may not be called; for who may configure the project")
    ] = False,
) -> Response:
    """Whom to call next, and how far the list is. Who does not want to be called, or did not agree, is left out."""
    found, schema = await _get(transaction, workspace, id)
    if everybody and workspace.policy is not None and not workspace.policy.may_configure(schema.project):
        raise Forbidden("Your roles do not let you call who may not be called.")
    open_ = replace(await selected.load(transaction.connection, workspace, found, transaction.now), uncalled=True)
    all_ = await _page(transaction, workspace, schema, open_, sort=sort, limit=1)
    page = all_
    if not everybody:
        allowed = replace(open_, may_call=may_call(schema, await workspaces.current(transaction.connection)))
        page = await _page(transaction, workspace, schema, allowed, sort=sort, limit=1)
    presented = await present(transaction, workspace, page.records)
    marks = await marks_of(transaction, workspace, schema.project.key, found.id)
    values = presented[0]["values"] if presented else {}
    phones = {field.key: values[field.key] for field in schema.fields if field.type == "phone" and field.key in values}
    states = {"called": marks.get("called", 0), "skipped": marks.get("skipped", 0)}
    left_out = {"left_out": (all_.count or 0) - (page.count or 0)}
    told = {"next": next(iter(presented), None), "phones": phones, "remaining": page.count or 0}
    return answer(told | left_out | states)


@router.post("/{id}/call-list/{record}", status_code=204, dependencies=[MAY_WRITE])
async def mark_record(
    id: str,  # noqa: A002 — the path's word
    record: str,
    body: Mark,
    transaction: Tx,
    workspace: CurrentWorkspace,
) -> None:
    """Say what became of a record of the list."""
    found, schema = await _get(transaction, workspace, id)
    marked = await get_record(transaction, workspace, record)
    if marked.project_id != schema.project.id:
        raise Conflict(f"The record '{record}' is not of the selection's project.")
    await selections.mark(transaction.connection, found.id, marked.id, body.state, transaction.actor)


async def _get(transaction: Transaction, workspace: Workspace, selection_id: str) -> tuple[Selection, Schema]:
    """Raises `SelectionNotFound`."""
    found = await selected.get_seen(transaction.connection, workspace, selection_id, transaction.now)
    return found, workspace.schema(found.project_id)


async def _page(
    transaction: Transaction,
    workspace: Workspace,
    schema: Schema,
    chosen: Chosen,
    *,
    sort: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
    count: bool = True,
) -> Found:
    key = schema.project.key
    asked = [{"field": sort.removeprefix("-"), "descending": sort.startswith("-")}] if sort else []
    sorts = tuple(parse_sort(asked, key, workspace.expressions))
    everything = parse_filter(None, key, workspace.expressions)
    after = decode_cursor(cursor) if cursor else None
    wanted = Wanted(key, everything, sorts, limit, after, count, chosen)
    return await find_page(transaction.connection, workspace, wanted, transaction.now)


def _out(each: Selection, workspace: Workspace) -> dict[str, Any]:
    names = ("id", "name", "kind", "criteria", "compare", "created_at", "updated_at", "version")
    parts = {name: getattr(each, name) for name in names}
    return parts | {"project": workspace.schemas[each.project_id].project.key, "of": list(each.parts)}
