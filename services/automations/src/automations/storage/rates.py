"""The replica of exchange rates, so that rules compare foreign money as records does."""

from collections.abc import Collection
from decimal import Decimal

from sqlalchemy import select

from automations.storage.matching import one_of
from automations.storage.tables import rate
from shared.contracts.records import RateChanged
from shared.database import Transaction
from shared.database.replicas import keep_newest
from shared.expressions.rates import Rates

_PAIR = rate.c["from"], rate.c["to"]


async def keep(transaction: Transaction, event: RateChanged) -> None:
    place = {"from": event.source, "to": event.target, "date": event.date}
    told = {"rate": Decimal(event.rate), "version": event.version, "deleted": event.deleted}
    await keep_newest(transaction, rate, place | told, key=list(place))


async def between(transaction: Transaction, currencies: Collection[str]) -> Rates:
    """All rates among these currencies."""
    among = (one_of(column, sorted(currencies)) for column in _PAIR)
    statement = select(rate.c.date, *_PAIR, rate.c.rate).where(*among, rate.c.deleted.is_(False))
    return Rates.of(tuple(row) for row in await transaction.execute(statement))
