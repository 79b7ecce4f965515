"""What rules told people in the app."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Query
from pydantic import BaseModel
from sqlalchemy import Row

from automations.dependencies import Reader, RecordFilter, RuleFilter, of_seen_records, wanted
from automations.storage import notifications
from shared.database import Tx
from shared.errors import Forbidden
from shared.http.command import CommandRouter
from shared.http.cursors import identifier, place_in
from shared.http.paging import Cursor, Limit, Page, seen_page

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


async def own_notices(
    caller: Reader, user: Annotated[str | None, Query(description="Only of this user")] = None
) -> str | None:
    """Whose are asked for. People are told what is theirs; administrators, and machines, what is anybody's."""
    if caller.user is None or "admin" in caller.scopes:
        return user
    if user not in (None, caller.user):
        raise Forbidden("These are somebody else's notifications.")
    return caller.user


@router.get("", summary="List notifications, the newest first")
async def list_notifications(
    transaction: Tx,
    user: Annotated[str | None, Depends(own_notices)],
    *,
    rule: RuleFilter = None,
    record: RecordFilter = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[ShownNotification]:
    """One's own, of records that one may read by now; an administrator's are all."""
    columns = wanted(rule, record, None) | ({"user_id": user} if user else {})

    async def fetch(before: str | None, most: int) -> Sequence[Row[Any]]:
        return await notifications.page(transaction, columns, before, most)

    async def shows(read: Sequence[Row[Any]]) -> Sequence[Row[Any]]:
        return await of_seen_records(transaction, read)

    page, more = await seen_page(fetch, shows, lambda each: str(each.id), place_in(cursor, identifier), limit)
    return Page(items=[_shown(each) for each in page], next_cursor=more)


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
