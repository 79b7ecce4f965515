"""What rules told people in the app."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel
from sqlalchemy import Row

from automations.dependencies import Reader, RecordFilter, RuleFilter, own_id, wanted
from automations.storage import notifications
from shared.database import Tx
from shared.http.command import CommandRouter
from shared.http.paging import Cursor, Limit, Page, decode_cursor, encode_cursor

router = CommandRouter(prefix="/v1/notifications", tags=["notifications"])


class ShownNotification(BaseModel):
    id: str
    user: str
    rule: str
    run: str
    record: str | None
    title: str
    body: str
    created_at: datetime


@router.get("", summary="List notifications, the newest first")
async def list_notifications(
    transaction: Tx,
    _reader: Reader,
    *,
    user: Annotated[str | None, Query(description="Only of this user")] = None,
    rule: RuleFilter = None,
    record: RecordFilter = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[ShownNotification]:
    before = own_id(str(decode_cursor(cursor, 1)[0])) if cursor else None
    columns = wanted(rule, record, None) | ({"user_id": user} if user else {})
    rows = await notifications.page(transaction, columns, before, limit + 1)
    items = [_shown(each) for each in rows[:limit]]
    return Page(items=items, next_cursor=encode_cursor([items[-1].id]) if len(rows) > limit else None)


def _shown(row: Row[Any]) -> ShownNotification:
    return ShownNotification(
        id=row.id,
        user=row.user_id,
        rule=row.rule_id,
        run=row.run_id,
        record=row.record_id,
        title=row.title,
        body=row.body,
        created_at=row.created_at,
    )
