"""Exchange rates, by pair and day."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from records.domain.rate import Rate
from records.storage.tables.schemas import rate
from shared.expressions.rates import Rates

_PLACE = rate.c["from"], rate.c["to"], rate.c.date


async def put(connection: AsyncConnection, rates: Collection[Rate]) -> list[Rate]:
    """Those that were new or different, in their new versions."""
    rows = [
        {"date": each.date, "from": each.source, "to": each.target, "rate": each.rate, "version": 1} for each in rates
    ]
    statement = insert(rate).values(rows)
    changed = statement.on_conflict_do_update(
        index_elements=["from", "to", "date"],
        set_={"rate": statement.excluded.rate, "version": rate.c.version + 1},
        where=rate.c.rate != statement.excluded.rate,
    ).returning(*rate.c)
    return [_rate(row) for row in await connection.execute(changed)]


async def page(
    connection: AsyncConnection, after: tuple[str, str, str] | None, limit: int, pair: tuple[str | None, str | None]
) -> Sequence[Rate]:
    """By pair, then by day; ``pair`` narrows it down to one currency or both."""
    statement = select(rate).order_by(*_PLACE).limit(limit)
    for column, wanted in zip(_PLACE, pair, strict=False):
        statement = statement.where(column == wanted) if wanted else statement
    statement = statement.where(tuple_(*_PLACE) > tuple_(*after)) if after else statement
    return [_rate(row) for row in await connection.execute(statement)]


async def between(connection: AsyncConnection, currencies: Collection[str]) -> Rates:
    """All rates among these currencies."""
    among = rate.c["from"].in_(currencies), rate.c["to"].in_(currencies)
    rows = await connection.execute(select(rate.c.date, rate.c["from"], rate.c["to"], rate.c.rate).where(*among))
    return Rates.of(tuple(row) for row in rows)


def _rate(row: Row[Any]) -> Rate:
    parts = row._mapping  # noqa: SLF001 — SQLAlchemy's public name for it
    return Rate(parts["date"], parts["from"], parts["to"], parts["rate"], parts["version"])
