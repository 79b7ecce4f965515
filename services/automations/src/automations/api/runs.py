"""Runs: what rules did, and why, or why not."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Row

from automations.dependencies import Maker, Overseer, RecordFilter, RuleFilter, StateFilter, own_id, wanted
from automations.storage import runs, steps
from automations.usecases.replay_run import RunNotFound, replay_run
from shared.database import Transaction, Tx
from shared.http.command import CommandRouter
from shared.http.paging import Cursor, Limit, Page, decode_cursor, encode_cursor

router = CommandRouter(prefix="/v1/runs", tags=["runs"])


class ShownRun(BaseModel):
    """``state``: waiting, running, done, skipped, failed, loop_stopped; ``reason`` says why it is not done.

    ``origin`` names the rules before this one in the chain; ``depth`` counts them.
    """

    id: str
    rule: str
    rule_version: int
    record: str | None
    event: str
    timer: str | None
    state: str
    reason: str | None
    depth: int
    origin: list[str]
    created_at: datetime
    finished_at: datetime | None


class ShownStep(BaseModel):
    """``state``: waiting, pending, done, skipped, failed, cancelled. ``response`` is the last answer of records."""

    step: int
    action: str
    state: str
    attempts: int
    says: str | None
    request: dict[str, Any] | None
    response: dict[str, Any] | None
    finished_at: datetime | None


class WholeRun(ShownRun):
    """``why``: each condition with what it wanted, what stood there, and whether it holds."""

    why: list[dict[str, Any]]
    steps: list[ShownStep]


@router.get("", summary="List runs, the newest first")
async def list_runs(
    transaction: Tx,
    _reader: Overseer,
    *,
    rule: RuleFilter = None,
    record: RecordFilter = None,
    state: StateFilter = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[ShownRun]:
    before = own_id(str(decode_cursor(cursor, 1)[0])) if cursor else None
    rows = await runs.page(transaction, wanted(rule, record, state), before, limit + 1)
    items = [ShownRun(**_shown(each)) for each in rows[:limit]]
    return Page(items=items, next_cursor=encode_cursor([items[-1].id]) if len(rows) > limit else None)


@router.get("/{run_id}", summary="Read a run with its reasons and steps")
async def read(run_id: str, transaction: Tx, _reader: Overseer) -> WholeRun:
    return await _whole(transaction, run_id)


@router.post("/{run_id}/replay", summary="Try a failed run again from where it stopped, with the same keys")
async def replay(run_id: str, transaction: Tx, _writer: Maker) -> WholeRun:
    await replay_run(transaction, own_id(run_id))
    return await _whole(transaction, run_id)


async def _whole(transaction: Transaction, run_id: str) -> WholeRun:
    row = await runs.get(transaction, own_id(run_id))
    if row is None:
        raise RunNotFound(f"There is no run {run_id}.")
    taken = [_shown_step(each) for each in await steps.of_run(transaction, row.id)]
    return WholeRun(**_shown(row), why=row.why, steps=taken)


def _shown(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id,
        "rule": row.rule_id,
        "rule_version": row.rule_version,
        "record": row.record_id,
        "event": row.event_id,
        "timer": row.timer_id,
        "state": row.state,
        "reason": row.reason,
        "depth": row.depth,
        "origin": row.origin,
        "created_at": row.created_at,
        "finished_at": row.finished_at,
    }


def _shown_step(row: Row[Any]) -> ShownStep:
    sent = {name: row.request[name] for name in ("method", "path", "body")} if row.request else None
    return ShownStep(
        step=row.step_no,
        action=row.action,
        state=row.state,
        attempts=row.attempts,
        says=row.says,
        request=sent,
        response=row.response,
        finished_at=row.finished_at,
    )
