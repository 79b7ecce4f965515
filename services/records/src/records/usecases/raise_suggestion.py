"""Suggesting the next thing to do on a record, once a cause, to whoever listens."""

from datetime import datetime
from zoneinfo import ZoneInfo

from uuid_utils.compat import uuid7

from records.domain.guide import Item, Stage, said_in
from records.domain.record import Record
from records.domain.snapshots import record_snapshot
from records.domain.suggestion import Suggestion
from records.domain.workspace import Workspace
from records.storage import records, suggestions
from records.storage.guides import Run
from shared.contracts.records import SuggestionRaised
from shared.database import Transaction

BATCH = 200


async def suggest_follow_up(
    transaction: Transaction, workspace: Workspace, record: Record, run: Run, stage: Stage, item: Item, cause: str
) -> Suggestion | None:
    """None where it was suggested for this cause before."""
    new = Suggestion(str(uuid7()), record.id, "follow_up", cause, transaction.now, run.guide_id, stage.key, item.key)
    return await _raise(transaction, workspace, record, new, run, said_in(item.name, ""))


async def suggest_stage(
    transaction: Transaction, workspace: Workspace, record: Record, run: Run, stage: Stage, cause: str
) -> Suggestion | None:
    """``stage`` is the next one."""
    new = Suggestion(str(uuid7()), record.id, "stage", cause, transaction.now, run.guide_id, stage.key)
    return await _raise(transaction, workspace, record, new, run, said_in(stage.name, "") or stage.key)


async def suggest_reopening(transaction: Transaction, workspace: Workspace) -> int:
    """For stalled records whose day has come: how many there were, at most `BATCH`."""
    today = today_in(workspace, transaction.now)
    due = await suggestions.reopening(transaction.connection, today.date(), BATCH)
    for record in (await records.with_stages(transaction.connection, due)).values():
        if record.outcome and record.project_id in workspace.schemas:
            new = Suggestion(str(uuid7()), record.id, "reopen", record.outcome["at"], transaction.now)
            await _raise(transaction, workspace, record, new, None, f"Open '{record.title}' again")
    return len(due)


def today_in(workspace: Workspace, now: datetime) -> datetime:
    return now.astimezone(ZoneInfo(workspace.timezone))


async def _raise(
    transaction: Transaction, workspace: Workspace, record: Record, new: Suggestion, run: Run | None, text: str
) -> Suggestion | None:
    if not await suggestions.add(transaction.connection, new):
        return None
    event = SuggestionRaised(
        id=new.id,
        kind=new.kind,
        guide=run.guide.key if run else None,
        stage=new.stage,
        item=new.item,
        text=text,
        for_user=record.assignees[0] if record.assignees else None,
        record=record_snapshot(record, workspace.schemas[record.project_id]),
    )
    transaction.publish(event)
    return new
