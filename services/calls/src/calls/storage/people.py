"""What people tell beside the calls: what dispositions mean, what callers thought."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from calls.storage.tables.agents import disposition
from calls.storage.tables.calls import survey
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
