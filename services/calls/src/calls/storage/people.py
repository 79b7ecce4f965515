"""What people tell beside the calls: what dispositions mean, what marketing cost, what callers thought."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from calls.storage.tables import disposition, spend, survey
from shared.database import Transaction

MEANINGS = ("converted", "appointment", "follow_up")


async def dispositions(transaction: Transaction) -> list[dict[str, Any]]:
    """In the order in which agents see them."""
    rows = await transaction.execute(select(disposition).order_by(disposition.c.position, disposition.c.name))
    return [dict(row) for row in rows.mappings()]


async def meanings(transaction: Transaction) -> dict[str, dict[str, bool]]:
    """What each disposition says beside its name."""
    return {
        row["name"]: {name: row[name] for name in MEANINGS if row[name] is not None}
        for row in await dispositions(transaction)
    }


async def replace_dispositions(transaction: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    await transaction.execute(delete(disposition))
    if rows:
        numbered = [dict(row) | {"position": position} for position, row in enumerate(rows)]
        await transaction.execute(insert(disposition), numbered)


async def spending(
    transaction: Transaction, start: date | None, end: date | None, source: str | None
) -> list[dict[str, Any]]:
    """What was spent in periods that overlap [start, end]."""
    statement = select(spend).order_by(spend.c.start_on, spend.c.end_on, spend.c.source, spend.c.campaign)
    if start:
        statement = statement.where(spend.c.end_on >= start)
    if end:
        statement = statement.where(spend.c.start_on <= end)
    if source:
        statement = statement.where(spend.c.source == source)
    return [dict(row) for row in (await transaction.execute(statement)).mappings()]


async def save_spending(transaction: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """The newest word on the same period, source and campaign counts."""
    for row in rows:
        statement = insert(spend).values(row)
        keys = ["start_on", "end_on", "source", "campaign"]
        await transaction.execute(statement.on_conflict_do_update(index_elements=keys, set_=dict(row)))


async def add_survey(transaction: Transaction, token_hash: str, call: str, expires_at: datetime) -> None:
    await transaction.execute(insert(survey).values(token_hash=token_hash, call=call, expires_at=expires_at))


async def open_survey(transaction: Transaction, token_hash: str) -> dict[str, Any] | None:
    """The survey, which nobody else answers until the commit."""
    found = await transaction.execute(select(survey).where(survey.c.token_hash == token_hash).with_for_update())
    row = found.mappings().one_or_none()
    return dict(row) if row else None


async def close_survey(transaction: Transaction, token_hash: str) -> None:
    """It has its one answer."""
    answered = update(survey).where(survey.c.token_hash == token_hash).values(answered_at=transaction.now)
    await transaction.execute(answered)
