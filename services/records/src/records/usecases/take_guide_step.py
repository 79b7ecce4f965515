"""Going on in a guide: making what it suggests, ticking it off, and what that leads to."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from uuid_utils.compat import uuid7

from records.domain.activity import Activity
from records.domain.guide import Item, NoGuide, Stage, said_in
from records.domain.guide_progress import Progress, Step, StepState
from records.domain.moments import moment_text
from records.domain.outcome import with_probability
from records.domain.record import Record
from records.domain.suggestion import CONFIRM_FOLLOW_UP
from records.domain.versions import next_version
from records.domain.workspace import Workspace
from records.storage import guides, history, suggestions
from records.storage.guides import Run
from records.usecases.follow_guides import progress_of
from records.usecases.lock_record import lock_record
from records.usecases.log_activity import log_activity
from records.usecases.move_record import move_record
from records.usecases.raise_suggestion import suggest_follow_up, suggest_stage
from records.usecases.save_versions import save_versions
from shared.database import Transaction
from shared.errors import Invalid

Given = Mapping[str, Any]


async def create_follow_up(
    transaction: Transaction, workspace: Workspace, record_id: str, key: str, given: Given, language: str
) -> Step:
    """A task made of an item, another each time. Raises `NoGuide`, `GuideNotFound`, `Invalid`."""
    record = await lock_record(transaction, workspace, record_id)
    run = await run_of(transaction, record)
    stage, item = run.guide.find(key)
    if item.is_document:
        raise Invalid("This item is a document; make it with POST /v1/records/{id}/documents.")
    progress = await progress_of(transaction, record, run)
    task = _task(item, language) | {"due_at": moment_text(progress.starts_at(item, transaction.now))}
    if item.assign_to_member and record.assignees:
        task["assignee"] = record.assignees[0]
    activity = await log_activity(transaction, workspace, record.id, task | dict(given))
    return await _keep(transaction, run, stage, item, "created", activity=activity)


async def dismiss_item(transaction: Transaction, workspace: Workspace, record_id: str, key: str) -> Step:
    """Wave an item away: the stage may be complete without it."""
    record = await lock_record(transaction, workspace, record_id)
    run = await run_of(transaction, record)
    stage, item = run.guide.find(key)
    step = await _keep(transaction, run, stage, item, "dismissed")
    await _check_stage(transaction, workspace, record, run, stage)
    return step


async def document_made(
    transaction: Transaction, workspace: Workspace, record: Record, run: Run, key: str, document_id: str
) -> Step:
    """A suggested document is done as soon as it is there."""
    stage, item = run.guide.find(key)
    step = await _keep(transaction, run, stage, item, "done", document_id=document_id)
    await _check_stage(transaction, workspace, record, run, stage)
    return step


async def activity_changed(transaction: Transaction, workspace: Workspace, record: Record, activity: Activity) -> None:
    """Tick the follow-up that a task was made of, or untick it; ticked, the next may be suggested."""
    step = await guides.step_of_activity(transaction.connection, activity.id)
    if step is None:
        return
    state: StepState = "done" if activity.done_at else "created"
    state = "dismissed" if activity.deleted_at else state
    changed = replace(step, state=state, starts_at=activity.done_at or activity.due_at or step.starts_at)
    await guides.keep_step(transaction, changed)
    run = await guides.run_of(transaction.connection, record.id)
    if state != "done" or step.state == "done" or run is None or run.guide_id != step.guide_id:
        return
    await _suggest_next(transaction, workspace, record, run, changed)
    await _check_stage(transaction, workspace, record, run, run.guide.find(step.item)[0])


async def enter_stage(transaction: Transaction, workspace: Workspace, record_id: str, key: str) -> Record:
    """Free movement, forth and back. A stage that is a list is entered by moving there. Raises `Invalid`."""
    record = await lock_record(transaction, workspace, record_id)
    run = await run_of(transaction, record)
    stage = run.guide.stage(key)
    if stage is None:
        offer = ", ".join(each.key for each in run.guide.in_order)
        raise Invalid.at("/stage", f"The guide '{run.guide.key}' has no stage '{key}'; there is {offer}.")
    if run.guide.stages_are == "lists":
        return await move_record(transaction, workspace, record.id, key)
    await guides.set_stage(transaction, run, key)
    changes = {"stage": {"before": run.stage, "after": key}}
    await history.note(transaction, record.id, "stage_changed", changes)
    schema = workspace.schemas[record.project_id]
    follows = replace(record, probability=None, probability_source=None)
    after = with_probability(follows, schema, key)
    if after != record:
        await save_versions(transaction, schema, [next_version("updated", record, after, transaction.now)])
    return after


async def run_of(transaction: Transaction, record: Record) -> Run:
    """Raises `NoGuide`."""
    run = await guides.run_of(transaction.connection, record.id)
    if run is None:
        raise NoGuide("This record follows no guide.")
    return run


async def _suggest_next(transaction: Transaction, workspace: Workspace, record: Record, run: Run, done: Step) -> None:
    """At once made, for whoever never wants to be asked."""
    found = (await progress_of(transaction, record, run)).next_follow_up(done.item)
    if found is None:
        return
    stage, item = found
    asked = await suggestions.preference_of(transaction.connection, transaction.actor or "", CONFIRM_FOLLOW_UP)
    if asked is False:
        await create_follow_up(transaction, workspace, record.id, item.key, {}, "")
    else:
        await suggest_follow_up(transaction, workspace, record, run, stage, item, done.id)


async def _check_stage(transaction: Transaction, workspace: Workspace, record: Record, run: Run, stage: Stage) -> None:
    """The stage that the record stands in complete: on to the next, as the guide says."""
    progress = await progress_of(transaction, record, run)
    following = progress.next_stage(stage.key)
    if stage.key != progress.current or following is None or not progress.is_complete(stage):
        return
    if run.guide.advance_mode == "auto":
        await enter_stage(transaction, workspace, record.id, following.key)
    elif run.guide.advance_mode == "suggest":
        await suggest_stage(transaction, workspace, record, run, following, _cause(progress, stage))


def _cause(progress: Progress, stage: Stage) -> str:
    """The stage and the last thing done in it: completed anew after another step, it is suggested anew."""
    keys = {item.key for item in stage.items}
    last = [step.id for step in progress.steps if step.item in keys]
    return f"{stage.key}:{last[-1]}"


def _task(item: Item, language: str) -> dict[str, Any]:
    parts = (said_in(texts, language) for texts in (item.name, item.text))
    return {"type": "task", "body": "\n".join(filter(None, parts))}


async def _keep(
    transaction: Transaction,
    run: Run,
    stage: Stage,
    item: Item,
    state: StepState,
    *,
    activity: Activity | None = None,
    document_id: str | None = None,
) -> Step:
    starts = activity.due_at if activity else None
    activity_id = activity.id if activity else None
    step = Step(
        str(uuid7()), run.record_id, run.guide_id, item.key, state, transaction.now, starts, activity_id, document_id
    )
    await guides.keep_step(transaction, step)
    changes = {"item": {"before": None, "after": item.key, "stage": stage.key}}
    await history.note(transaction, run.record_id, f"guide_item_{state}", changes)
    return step
