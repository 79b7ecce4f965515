"""Runs: what rules did, and why, or why not."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Row

from automations.dependencies import (
    Maker,
    RecordFilter,
    Rulebook,
    RuleFilter,
    SeenRules,
    StateFilter,
    own_id,
    wanted,
)
from automations.domain.reading import ReadRule
from automations.storage import rules, runs, steps
from automations.usecases.replay_run import RunNotFound, replay_run
from shared.database import Transaction, Tx
from shared.http.command import CommandRouter
from shared.http.cursors import identifier, place_in
from shared.http.paging import Cursor, Limit, Page, seen_page

router = CommandRouter(prefix="/v1/runs", tags=["runs"])
UNTOLD = "It could not be done; who sees all of the project can read why."


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
    seen: SeenRules,
    *,
    rule: RuleFilter = None,
    record: RecordFilter = None,
    state: StateFilter = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[ShownRun]:
    columns = wanted(rule, record, state)

    async def fetch(before: str | None, most: int) -> Sequence[Row[Any]]:
        return await runs.page(transaction, columns, before, most)

    before = place_in(cursor, identifier)
    page, more = await seen_page(fetch, seen.of_seen, lambda each: str(each.id), before, limit)
    return Page(items=[ShownRun(**await _told(each, seen)) for each in page], next_cursor=more)


@router.get("/{run_id}", summary="Read a run with its reasons and steps")
async def read(run_id: str, transaction: Tx, seen: SeenRules) -> WholeRun:
    return await _whole(transaction, run_id, seen)


@router.post("/{run_id}/replay", summary="Try a failed run again from where it stopped, with the same keys")
async def replay(run_id: str, transaction: Tx, seen: SeenRules, _writer: Maker) -> WholeRun:
    await _whole(transaction, run_id, seen)
    await replay_run(transaction, own_id(run_id))
    return await _whole(transaction, run_id, seen)


async def _whole(transaction: Transaction, run_id: str, seen: Rulebook) -> WholeRun:
    row = await runs.get(transaction, own_id(run_id))
    if row is None or not await seen.of_seen([row]):
        raise RunNotFound(f"There is no run {run_id}.")
    told = await seen.tells_all(await _rule_of(row, seen))
    taken = [_shown_step(each, told=told) for each in await steps.of_run(transaction, row.id)]
    return WholeRun(**await _told(row, seen), why=row.why, steps=taken)


async def _rule_of(row: Row[Any], seen: Rulebook) -> ReadRule | None:
    key = (str(row.rule_id), row.rule_version)
    return (await rules.versions(seen.transaction, [key])).get(key)


async def _told(row: Row[Any], seen: Rulebook) -> dict[str, Any]:
    """What records answered is for who sees all of the project. A reason of one word is a state."""
    shown = _shown(row)
    is_sentence = " " in (row.reason or "")
    if is_sentence and not await seen.tells_all(await _rule_of(row, seen)):
        shown["reason"] = UNTOLD
    return shown


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


def _shown_step(row: Row[Any], *, told: bool) -> ShownStep:
    sent = {name: row.request[name] for name in ("method", "path", "body")} if row.request else None
    return ShownStep(
        step=row.step_no,
        action=row.action,
        state=row.state,
        attempts=row.attempts,
        says=row.says if told or row.state != "failed" else UNTOLD,
        request=sent,
        response=row.response if told else None,
        finished_at=row.finished_at,
    )
