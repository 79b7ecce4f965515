"""A record in its guide: what is suggested, what is done, what comes next, and what became of it."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import Field

from records.api.activities import MAY_READ, MAY_WRITE
from records.api.present import RecordOut, present
from records.api.records import Moment, Values, get_record
from records.api.wire import REFUSALS, Body, answer
from records.dependencies import CurrentWorkspace
from records.domain.guide import Item, Stage, said_in
from records.domain.guide_progress import ItemState, Progress, Step, StepState
from records.domain.hiding import seen_stages
from records.domain.moments import moment_text
from records.domain.record import Record
from records.domain.schema import Schema
from records.domain.snapshots import optional_text
from records.domain.workspace import Workspace
from records.storage import guides
from records.storage.guides import Run
from records.usecases.follow_guides import progress_of
from records.usecases.set_outcome import clear_outcome, set_outcome
from records.usecases.take_guide_step import create_follow_up, dismiss_item, enter_stage
from shared.database import Transaction, Tx
from shared.http.command import CommandRouter

router: APIRouter = CommandRouter(prefix="/v1/records/{id}", tags=["guides"], responses=REFUSALS)
Language = Annotated[str, Query(max_length=10, description="Of the texts; without it, English or what there is")]


class StepOut(Body):
    id: str
    item: str
    state: StepState
    at: datetime
    starts_at: datetime | None
    activity: str | None
    document: str | None


class ItemOut(Body):
    key: str
    kind: Literal["follow_up", "document"]
    name: str
    purpose: str
    text: str
    type: str
    template: str | None
    state: ItemState
    required: bool
    auto_suggest: bool
    milestone: bool
    starts_at: Annotated[datetime | None, Field(description="Of a follow-up: when it would begin if it were made now")]
    ends_at: datetime | None
    steps: Annotated[Sequence[StepOut], Field(description="What was made of it; there may be several")]


class StageOut(Body):
    key: str
    name: str
    rank: int
    probability: int | None
    ticked: Annotated[bool, Field(description="The record is past it, or all in it is done")]
    complete: bool
    items: Sequence[ItemOut]


class NextOut(Body):
    stage: str
    item: str
    name: str


class GuidanceOut(Body):
    guide: str
    version: int
    kind: str
    current_stage: str | None
    next_step: NextOut | None
    next_stage: str | None
    next_milestone: NextOut | None
    stages: Sequence[StageOut]


class FollowUpIn(Body):
    """What is left out is as the guide says."""

    body: str = ""
    due_at: Moment = None
    assignee: str | None = None


class StageIn(Body):
    stage: Annotated[str, Field(examples=["quotation"])]


class OutcomeIn(Body):
    outcome: Annotated[Literal["won", "sold", "lost", "stalled"], Field(description="`sold` is another word for `won`")]
    reason: Annotated[str | None, Field(description="One of the guide's reasons, where it has any")] = None
    note: str | None = None
    reopen_on: Annotated[date | None, Field(description="Of a stalled record: the day it is opened again")] = None
    list: Annotated[str | None, Field(description="Where several lists are for what is won, or lost")] = None
    values: Values


@router.get("/guide", response_model=GuidanceOut | None, dependencies=[MAY_READ])
async def read_guidance(
    id: str,  # noqa: A002 — the path's word
    transaction: Tx,
    workspace: CurrentWorkspace,
    language: Language = "",
) -> Response:
    """Null where the record follows no guide."""
    record = await get_record(transaction, workspace, id)
    run = await guides.run_of(transaction.connection, record.id)
    if run is None:
        return Response("null", media_type="application/json")
    progress = await progress_of(transaction, record, run)
    return answer(_guidance(progress, run, language, transaction.now, workspace.schemas[record.project_id]))


@router.post("/guide/items/{key}", status_code=201, response_model=StepOut, dependencies=[MAY_WRITE])
async def make_item(
    id: str,  # noqa: A002 — the path's word
    key: str,
    body: FollowUpIn,
    transaction: Tx,
    workspace: CurrentWorkspace,
    language: Language = "",
) -> Response:
    """Make the task of a suggested follow-up, or another one. Documents are made at `/documents`."""
    return answer(_step(await create_follow_up(transaction, workspace, id, key, body.given(), language)), 201)


@router.post("/guide/items/{key}/dismiss", response_model=StepOut, dependencies=[MAY_WRITE])
async def wave_item_away(id: str, key: str, transaction: Tx, workspace: CurrentWorkspace) -> Response:  # noqa: A002 — as above
    """The stage may be complete without it."""
    return answer(_step(await dismiss_item(transaction, workspace, id, key)))


@router.post("/guide/stage", response_model=RecordOut, dependencies=[MAY_WRITE])
async def go_to_stage(id: str, body: StageIn, transaction: Tx, workspace: CurrentWorkspace) -> Response:  # noqa: A002 — as above
    """Forth or back, whatever is open. Stages that lists are may be entered with `/move` as well."""
    return await _answer(transaction, workspace, await enter_stage(transaction, workspace, id, body.stage))


@router.post("/outcome", response_model=RecordOut, dependencies=[MAY_WRITE])
async def end(id: str, body: OutcomeIn, transaction: Tx, workspace: CurrentWorkspace) -> Response:  # noqa: A002 — as above
    """Won and lost move the record into such a list; a stalled one stays, and a suggestion is raised on its day."""
    given = body.given() | ({"reopen_on": body.reopen_on.isoformat()} if body.reopen_on else {})
    return await _answer(transaction, workspace, await set_outcome(transaction, workspace, id, given))


@router.delete("/outcome", response_model=RecordOut, dependencies=[MAY_WRITE])
async def open_again(id: str, transaction: Tx, workspace: CurrentWorkspace) -> Response:  # noqa: A002 — as above
    """It has no outcome any more, and stays in its list."""
    return await _answer(transaction, workspace, await clear_outcome(transaction, workspace, id))


async def _answer(transaction: Transaction, workspace: Workspace, record: Record) -> Response:
    (presented,) = await present(transaction, workspace, [record])
    return answer(presented, 200, record.version)


def _guidance(progress: Progress, run: Run, language: str, now: datetime, schema: Schema) -> dict[str, Any]:
    guide, following = run.guide, progress.next_stage(progress.current)
    stages = seen_stages(guide, schema)
    return {
        "guide": guide.key,
        "version": run.version,
        "kind": guide.kind,
        "current_stage": progress.current,
        "next_step": _next(progress.next_step(), language, stages),
        "next_stage": following.key if following in stages and following else None,
        "next_milestone": _next(_milestone(progress), language, stages),
        "stages": [_stage(progress, stage, language, now) for stage in stages],
    }


def _milestone(progress: Progress) -> tuple[Stage, Item] | None:
    open_ = ("suggested", "created")
    found = progress.guide.follow_ups
    return next(((stage, item) for stage, item in found if item.milestone and progress.state(item) in open_), None)


def _next(found: tuple[Stage, Item] | None, language: str, seen: Sequence[Stage]) -> dict[str, str] | None:
    if found is None or found[0] not in seen:
        return None
    return {"stage": found[0].key, "item": found[1].key, "name": said_in(found[1].name, language)}


def _stage(progress: Progress, stage: Stage, language: str, now: datetime) -> dict[str, Any]:
    return {
        "key": stage.key,
        "name": said_in(stage.name, language) or stage.key,
        "rank": stage.rank,
        "probability": stage.probability,
        "ticked": progress.is_ticked(stage),
        "complete": progress.is_complete(stage),
        "items": [
            _item(progress, item, language, now)
            for item in sorted(stage.items, key=lambda each: (each.is_document, each.rank))
        ],
    }


def _item(progress: Progress, item: Item, language: str, now: datetime) -> dict[str, Any]:
    starts = None if item.is_document else progress.starts_at(item, now)
    names = ("key", "type", "template", "required", "auto_suggest", "milestone")
    said = {name: said_in(getattr(item, name), language) for name in ("name", "purpose", "text")}
    return {name: getattr(item, name) for name in names} | {
        **said,
        "kind": "document" if item.is_document else "follow_up",
        "state": progress.state(item),
        "starts_at": optional_text(starts),
        "ends_at": optional_text(starts + timedelta(minutes=item.duration_minutes) if starts else None),
        "steps": [_step(step) for step in progress.instances(item)],
    }


def _step(step: Step) -> dict[str, Any]:
    parts = {"id": step.id, "item": step.item, "state": step.state, "at": moment_text(step.at)}
    made = {"activity": step.activity_id, "document": step.document_id}
    return parts | {"starts_at": optional_text(step.starts_at)} | made
