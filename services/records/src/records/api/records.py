"""Records: made, read, changed, moved, put into the trash and taken out of it, found, and written in bulk."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from records.api.present import RecordOut, present
from records.api.wire import REFUSALS, Body, answer
from records.dependencies import CurrentWorkspace
from records.domain.drafts import BACKDATING
from records.domain.identifiers import is_identifier
from records.domain.record import Record, RecordNotFound
from records.domain.schema import Schema
from records.domain.workspace import Workspace
from records.storage import records
from records.storage.missing_rates import missing_rates
from records.storage.queries import Wanted, find_page
from records.usecases.bulk_write import bulk_write
from records.usecases.change_dependencies import check_completable
from records.usecases.change_schema import with_a_list
from records.usecases.create_record import create_record
from records.usecases.delete_record import delete_record
from records.usecases.move_record import move_record
from records.usecases.restore_record import restore_record
from records.usecases.settle_values import SameValue
from records.usecases.update_record import update_record
from shared.database import Transaction, Tx
from shared.errors import FieldError, Forbidden, Invalid
from shared.expressions import Sort, parse_filter, parse_sort
from shared.http.authentication import Principal, requires
from shared.http.command import CommandRouter
from shared.http.cursors import decode_cursor, encode_cursor
from shared.http.etag import IfMatch

router: APIRouter = CommandRouter(tags=["records"], responses=REFUSALS)
MAY_READ, MAY_WRITE = Depends(requires("read")), Depends(requires("write"))
MOST_ITEMS = 1_000
MOST_FIELDS = 500

Values = Annotated[
    dict[str, Any],
    Field(
        default_factory=dict,
        description="By field key. Money is `{amount, currency}` or an amount in the field's currency; a select takes "
        "an option's key or name; a reference an id, or a list of them",
        examples=[{"amount": "25000.00", "customer": "0193e0a1-5f0b-7c3e-9d52-2a0a4a8f6b11"}],
    ),
]
Texts = Sequence[str]
Probability = Annotated[str | None, Field(description="A percentage; null lets it follow the stage", examples=["60"])]
Moment = Annotated[str | None, Field(json_schema_extra={"format": "date-time"}, examples=["2026-01-31T09:30:00Z"])]


class RecordIn(Body):
    title: Annotated[str, Field(examples=["Website for Bakkerij Smit"])]
    list: Annotated[str | None, Field(description="Its key; the first list where there is none")] = None
    description: str | None = None
    values: Values
    tags: Annotated[Texts, Field(description="Keys, or names in any case")] = ()
    assignees: Annotated[Texts, Field(description="Users' ids")] = ()
    due_at: Moment = None
    color: str | None = None
    snoozed_until: Moment = None
    probability: Probability = None


class RecordChange(Body):
    """What is left out stays. In `values` null clears a field."""

    title: str = ""
    description: str | None = None
    values: Values
    tags: Texts = ()
    add_tags: Annotated[Texts, Field(description="To the tags it has by then")] = ()
    remove_tags: Texts = ()
    assignees: Texts = ()
    due_at: Moment = None
    done_at: Moment = None
    done: Annotated[bool, Field(description="Complete it now, or open it again")] = False
    color: str | None = None
    snoozed_until: Moment = None
    probability: Probability = None


class Warned(Body):
    pointer: str
    detail: str
    record: Annotated[str | None, Field(description="Of a value that tells records apart: who has it, too")] = None


class ChangedRecordOut(RecordOut):
    warnings: Annotated[
        Sequence[Warned], Field(description="What was done all the same, such as completing a record that waits")
    ] = ()


class Move(Body):
    list: Annotated[str, Field(description="The list's key", examples=["proposal_sent"])]
    before: Annotated[str | None, Field(description="The id of the record to stand before; without it, last")] = None
    outcome: Annotated[
        dict[str, str] | None,
        Field(description="To a list of what is won or lost: `reason` and `note`", examples=[{"reason": "price"}]),
    ] = None


class StageIn(Body):
    list: str
    entered_at: Moment


class Item(RecordChange):
    """With an `id` a change of that record, otherwise a new one."""

    id: str | None = None
    list: str | None = None
    created_at: Annotated[Moment, Field(description="New records only; needs the scope `backdate`")] = None
    stage_history: Annotated[Sequence[StageIn] | None, Field(description="As `created_at`; oldest first")] = None
    last_activity_at: Annotated[Moment, Field(description="As `created_at`")] = None


class Bulk(Body):
    items: Annotated[list[Item], Field(min_length=1, max_length=MOST_ITEMS)]


class Written(Body):
    id: str
    version: int


class BulkOut(Body):
    items: list[Written]
    warnings: Sequence[Warned] = ()


class SortKey(Body):
    field: Annotated[str, Field(examples=["amount"])]
    descending: bool = False


class Query(Body):
    filter: Annotated[
        Any,
        Field(
            description="The filter language; without it, all records",
            examples=[{"all": [{"field": "customer.industry", "op": "eq", "value": "it"}, {"list_category": "open"}]}],
        ),
    ] = None
    sort: Annotated[Sequence[SortKey], Field(max_length=10, description="Without it, the order of the board")] = ()
    fields: Annotated[list[str] | None, Field(max_length=MOST_FIELDS, description="Values wanted; null: all")] = None
    limit: Annotated[int, Field(ge=1, le=500)] = 50
    cursor: str | None = None
    count: Annotated[bool, Field(description="Count all that fit, too")] = False


class MissingRate(BaseModel):
    source: Annotated[str, Field(alias="from", examples=["USD"])]
    target: Annotated[str, Field(alias="to", examples=["EUR"])]
    date: Annotated[str, Field(examples=["2026-01-31"])]


class QueryOut(Body):
    items: list[RecordOut]
    next_cursor: str | None
    count: Annotated[int | None, Field(description="Null unless asked for")] = None
    missing_rates: Annotated[
        Sequence[MissingRate],
        Field(description="Rates that amounts on this page would need: without them they compare and sort as empty"),
    ] = ()


@router.post(
    "/v1/projects/{project}/records", status_code=201, response_model=ChangedRecordOut, dependencies=[MAY_WRITE]
)
async def add_record(project: str, body: RecordIn, transaction: Tx, workspace: CurrentWorkspace) -> Response:
    """Make a record."""
    workspace, schema = await with_a_list(transaction, workspace, workspace.schema(project))
    made = await create_record(transaction, workspace, schema, body.given())
    (presented,) = await present(transaction, workspace, [made.record], linked=made.linked)
    return answer(presented | _warnings(made.warnings), 201, made.record.version)


@router.get("/v1/records/{id}", response_model=RecordOut, dependencies=[MAY_READ])
async def read_record(id: str, transaction: Tx, workspace: CurrentWorkspace) -> Response:  # noqa: A002 — the path's word
    """Read a record, its computed values worked out now."""
    return await _answer(transaction, workspace, await get_record(transaction, workspace, id))


@router.patch("/v1/records/{id}", response_model=ChangedRecordOut, dependencies=[MAY_WRITE])
async def change_record(
    id: str,  # noqa: A002 — the path's word
    body: RecordChange,
    transaction: Tx,
    workspace: CurrentWorkspace,
    if_match: IfMatch = None,
) -> Response:
    """Change what a record holds; a change that changes nothing makes no new version."""
    given, warnings = body.given(), list[FieldError]()
    if given.get("done") or given.get("done_at"):
        warnings = await check_completable(transaction, workspace, await get_record(transaction, workspace, id))
    saved = await update_record(transaction, workspace, id, given, if_match)
    (presented,) = await present(transaction, workspace, saved.records, linked=saved.linked)
    return answer(presented | _warnings([*warnings, *saved.warnings]), 200, saved.records[0].version)


@router.delete("/v1/records/{id}", status_code=204, dependencies=[MAY_WRITE])
async def trash_record(
    id: str,  # noqa: A002 — the path's word
    transaction: Tx,
    workspace: CurrentWorkspace,
    if_match: IfMatch = None,
) -> None:
    """Put a record into the trash, from where it can be restored."""
    await delete_record(transaction, workspace, id, if_match)


@router.post("/v1/records/{id}/restore", response_model=RecordOut, dependencies=[MAY_WRITE])
async def take_out_of_trash(id: str, transaction: Tx, workspace: CurrentWorkspace) -> Response:  # noqa: A002 — as above
    """Take a record out of the trash."""
    return await _answer(transaction, workspace, await restore_record(transaction, workspace, id))


@router.post("/v1/records/{id}/move", response_model=RecordOut, dependencies=[MAY_WRITE])
async def move_to_list(
    id: str,  # noqa: A002 — the path's word
    body: Move,
    transaction: Tx,
    workspace: CurrentWorkspace,
    if_match: IfMatch = None,
) -> Response:
    """Move a record to a list, or to another place in its own; only the first is a new version."""
    record = await move_record(
        transaction, workspace, id, body.list, before=body.before, if_match=if_match, outcome=body.outcome
    )
    return await _answer(transaction, workspace, record)


@router.post("/v1/projects/{project}/records/query", response_model=QueryOut, dependencies=[MAY_READ])
async def query_records(project: str, body: Query, transaction: Tx, workspace: CurrentWorkspace) -> Response:
    """Find records. Pages hold while others write: no record that stays in its place comes twice or is left out."""
    schema = workspace.schema(project)
    wanted = _wanted(body, schema, workspace)
    found = await find_page(transaction.connection, workspace, wanted, transaction.now)
    items = await present(transaction, workspace, found.records, fields=body.fields)
    cursor = encode_cursor(found.cursor) if found.cursor else None
    missing = await missing_rates(transaction, workspace, items)
    return answer({"items": items, "next_cursor": cursor, "count": found.count, "missing_rates": missing})


@router.post("/v1/projects/{project}/records/bulk", response_model=BulkOut)
async def write_many(
    project: str,
    body: Bulk,
    transaction: Tx,
    workspace: CurrentWorkspace,
    caller: Annotated[Principal, MAY_WRITE],
) -> Response:
    """Make and change up to 1,000 records: all of them or, with a 422 naming each mistake, none."""
    items = [item.given() for item in body.items]
    if not caller.policy.may_backdate() and any(BACKDATING & set(item) for item in items):
        raise Forbidden("This key lacks the scope 'backdate'.")
    workspace, schema = await with_a_list(transaction, workspace, workspace.schema(project))
    written = await bulk_write(transaction, workspace, schema, items)
    items = [{"id": record.id, "version": record.version} for record in written.records]
    return answer({"items": items} | _warnings(written.warnings))


async def get_record(transaction: Transaction, workspace: Workspace, record_id: str) -> Record:
    """Raises `RecordNotFound`, also where its project is gone."""
    if not is_identifier(record_id):
        raise RecordNotFound(record_id)
    record = await records.get(transaction.connection, record_id)
    if not workspace.shows(record):
        raise RecordNotFound(record_id)
    return record


def _warnings(warned: Sequence[FieldError | SameValue]) -> dict[str, Any]:
    """For the answer, where there are any."""
    return {"warnings": [vars(each) for each in warned]} if warned else {}


async def _answer(transaction: Transaction, workspace: Workspace, record: Record) -> Response:
    (presented,) = await present(transaction, workspace, [record])
    return answer(presented, 200, record.version)


def _wanted(body: Query, schema: Schema, workspace: Workspace) -> Wanted:
    """The checked question. Raises `Invalid` with the mistakes of filter, sort and fields together."""
    key, errors = schema.project.key, list[FieldError]()
    for place, name in enumerate(body.fields or ()):
        if name not in schema.fields_by_key:
            errors.append(FieldError(f"/fields/{place}", f"The project '{key}' has no field '{name}'."))
    condition, sorts = None, tuple[Sort, ...]()
    try:
        condition = parse_filter(body.filter, key, workspace.expressions)
    except Invalid as problem:
        errors += problem.errors
    try:
        sorts = tuple(parse_sort([each.model_dump() for each in body.sort], key, workspace.expressions))
    except Invalid as problem:
        errors += problem.errors
    if errors or condition is None:
        raise Invalid("; ".join(each.detail for each in errors[:3]), errors)
    return Wanted(key, condition, sorts, body.limit, decode_cursor(body.cursor) if body.cursor else None, body.count)
