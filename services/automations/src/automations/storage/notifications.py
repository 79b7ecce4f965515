"""What people are told in the app."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import insert
from uuid_utils.compat import uuid7

from automations.domain.action import Notice
from automations.storage.tables import notification
from shared.database import Transaction


async def add(transaction: Transaction, run: Row[Any], step_no: int, notices: Sequence[Notice]) -> None:
    """One for each user and step, however often the step is tried."""
    rows = [
        {
            "id": str(uuid7()),
            "key": f"{run.id}:{step_no}:{each.user}",
            "user_id": each.user,
            "rule_id": run.rule_id,
            "run_id": run.id,
            "record_id": run.record_id,
            "title": each.title,
            "body": each.body,
            "created_at": transaction.now,
        }
        for each in notices
    ]
    if rows:
        await transaction.execute(insert(notification).on_conflict_do_nothing(), rows)


async def page(transaction: Transaction, wanted: dict[str, str], before: str | None, limit: int) -> list[Row[Any]]:
    """The newest first; ``wanted`` by column."""
    statement = select(notification).order_by(notification.c.id.desc()).limit(limit)
    for column, value in wanted.items():
        statement = statement.where(notification.c[column] == value)
    if before:
        statement = statement.where(notification.c.id < before)
    return list((await transaction.execute(statement)).all())
