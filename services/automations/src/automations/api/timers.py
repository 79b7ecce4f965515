"""Timers: moments in the future at which a rule looks again, and those that have passed."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Row

from automations.dependencies import Overseer, RecordFilter, RuleFilter, StateFilter, own_id, wanted
from automations.storage import timers
from shared.database import Tx
from shared.errors import Invalid
from shared.http.command import CommandRouter
from shared.http.paging import Cursor, Limit, Page, decode_cursor, encode_cursor

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
    _reader: Overseer,
    *,
    rule: RuleFilter = None,
    record: RecordFilter = None,
    state: StateFilter = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[ShownTimer]:
    after = _place(cursor) if cursor else None
    rows = await timers.page(transaction, wanted(rule, record, state), after, limit + 1)
    items = [_shown(each) for each in rows[:limit]]
    more = len(rows) > limit
    return Page(items=items, next_cursor=encode_cursor([items[-1].due_at, items[-1].id]) if more else None)


def _place(cursor: str) -> tuple[datetime, str]:
    due_at, timer_id = decode_cursor(cursor, 2)
    try:
        return datetime.fromisoformat(due_at), own_id(timer_id)
    except (TypeError, ValueError) as error:
        raise Invalid.at("/cursor", "This is no cursor of this list.") from error


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
