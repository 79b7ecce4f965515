"""Timers: moments in the future at which a rule looks again, and those that have passed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Row

from automations.dependencies import RecordFilter, RuleFilter, SeenRules, StateFilter, wanted
from automations.storage import rules, timers
from shared.database import Tx
from shared.http.command import CommandRouter
from shared.http.cursors import identifier, moment, place_in
from shared.http.paging import Cursor, Limit, Page, seen_page

router = CommandRouter(prefix="/v1/timers", tags=["timers"])


class ShownTimer(BaseModel):
    """``number`` is the firing since ``epoch``, the last activity that counted. ``state``: pending, done, dead."""

    id: str
    rule: str
    record: str
    occurrence: str
    epoch: datetime
    number: int
    due_at: datetime
    state: str
    fired_at: datetime | None


@router.get("", summary="List timers, the next due first")
async def list_timers(
    transaction: Tx,
    seen: SeenRules,
    *,
    rule: RuleFilter = None,
    record: RecordFilter = None,
    state: StateFilter = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[ShownTimer]:
    columns = wanted(rule, record, state)

    async def fetch(after: tuple[datetime, str] | None, most: int) -> Sequence[Row[Any]]:
        return await timers.page(transaction, columns, after, most)

    async def shows(read: Sequence[Row[Any]]) -> Sequence[Row[Any]]:
        return await seen.of_seen(read, await rules.newest(transaction, {each.rule_id for each in read}))

    after = place_in(cursor, moment, identifier)
    page, more = await seen_page(fetch, shows, lambda each: (each.due_at, str(each.id)), after, limit)
    return Page(items=[_shown(each) for each in page], next_cursor=more)


def _shown(row: Row[Any]) -> ShownTimer:
    return ShownTimer(
        id=row.id,
        rule=row.rule_id,
        record=row.record_id,
        occurrence=row.occurrence_key,
        epoch=row.epoch,
        number=row.number,
        due_at=row.due_at,
        state=row.state,
        fired_at=row.fired_at,
    )
