"""What tracking numbers stand for, the campaigns that show them, and what was spent."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from calls.domain.marketing import Campaign, Marketing, Standing
from calls.storage.tables.deliveries import connection
from calls.storage.tables.marketing import campaign, number, spend
from shared.database import Transaction

Row = dict[str, Any]
SPENT_ON = ("start_on", "end_on", "source", "campaign")


async def of_connection(transaction: Transaction, connection_id: str) -> Marketing:
    """All there is to say of where the connection's calls come from."""
    settings = select(connection.c.settings["sources"]).where(connection.c.id == connection_id)
    own = (await transaction.execute(settings)).scalar_one_or_none() or {}
    known: dict[str, list[Standing]] = {}
    for row in await transaction.execute(select(number)):
        known.setdefault(row.number, []).append((row.changed_at, row.source))
    running = [_campaign(each) for each in await campaigns(transaction)]
    return Marketing(own, known, running)


async def numbers(transaction: Transaction) -> list[Row]:
    """What each stands for now."""
    rows = (await transaction.execute(select(number).order_by(number.c.number, number.c.changed_at))).mappings()
    newest = {row["number"]: dict(row) for row in rows}
    return [row for row in newest.values() if row["source"] is not None]


async def save_numbers(transaction: Transaction, sources: Mapping[str, str | None]) -> None:
    """From now on they stand for these; null: for nothing."""
    known = {row["number"]: row["source"] for row in await numbers(transaction)}
    for spelled, source in sources.items():
        if source != known.get(spelled):
            row = {"number": spelled, "source": source, "changed_at": transaction.now}
            again = insert(number).values(row)
            keys = ["number", "changed_at"]
            await transaction.execute(again.on_conflict_do_update(index_elements=keys, set_={"source": source}))


async def campaigns(transaction: Transaction) -> list[Row]:
    rows = (await transaction.execute(select(campaign).order_by(campaign.c.key))).mappings()
    return [dict(row) for row in rows]


async def save_campaign(transaction: Transaction, row: Row) -> None:
    statement = insert(campaign).values(row)
    await transaction.execute(statement.on_conflict_do_update(index_elements=["key"], set_=row))


async def remove_campaigns(transaction: Transaction, keys: Collection[str]) -> None:
    await transaction.execute(delete(campaign).where(campaign.c.key.in_(list(keys))))


async def spending(transaction: Transaction, start: date | None, end: date | None, source: str | None) -> list[Row]:
    """What was spent in periods that overlap [start, end]."""
    statement = select(spend).order_by(*(spend.c[name] for name in SPENT_ON))
    if start:
        statement = statement.where(spend.c.end_on >= start)
    if end:
        statement = statement.where(spend.c.start_on <= end)
    if source:
        statement = statement.where(spend.c.source == source)
    return [dict(row) for row in (await transaction.execute(statement)).mappings()]


async def save_spending(transaction: Transaction, rows: Sequence[Row]) -> list[Row]:
    """The newest word on the same period, source and campaign counts; returns the new versions."""
    keys = [tuple(row[name] for name in SPENT_ON) for row in rows]
    of_key = tuple_(*(spend.c[name] for name in SPENT_ON))
    locked = select(spend).where(of_key.in_(keys)).with_for_update()
    found = (await transaction.execute(locked)).mappings() if rows else ()
    known = {tuple(row[name] for name in SPENT_ON): row["version"] for row in found}
    saved = []
    for key, row in zip(keys, rows, strict=True):
        new = row | {"version": known.get(key, 0) + 1, "changed_at": transaction.now}
        known[key] = new["version"]
        statement = insert(spend).values(new)
        await transaction.execute(statement.on_conflict_do_update(index_elements=list(SPENT_ON), set_=new))
        saved.append(new)
    return saved


def _campaign(row: Row) -> Campaign:
    return Campaign(row["key"], row["source"], tuple(row["numbers"]), row["starts_at"], row["ends_at"])
