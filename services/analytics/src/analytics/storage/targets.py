"""The workspace's own targets."""

from typing import Any

from sqlalchemy import insert, select

from analytics.storage.tables import target
from shared.database import Transaction


async def add(transaction: Transaction, row: dict[str, Any]) -> None:
    await transaction.execute(insert(target).values(row))


async def every(transaction: Transaction) -> list[dict[str, Any]]:
    """All of them, the newest first."""
    rows = await transaction.execute(select(target).order_by(target.c.id.desc()))
    return [dict(row) for row in rows.mappings()]
