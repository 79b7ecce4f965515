"""Which amounts of a page count nowhere, for want of a rate: said, never taken for nought."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from records.domain.workspace import Workspace
from records.storage import rates
from shared.database import Transaction
from shared.expressions.rates import NO_RATES

Amount = tuple[str, str]


async def missing_rates(
    transaction: Transaction, workspace: Workspace, page: Sequence[Mapping[str, Any]]
) -> list[dict[str, str]]:
    """``{"from", "to", "date"}`` of each rate into the base currency that these records would need, and there is not.

    ``page`` is as the API gives it, so that nobody learns of amounts that are hidden from him.
    """
    base = workspace.base_currency
    needed = {pair for each in page for pair in _needed(each, workspace)}
    if not needed:
        return []
    among = {currency for currency, _ in needed} | {base}
    known = await rates.between(transaction.connection, among) if workspace.has_rates else NO_RATES
    return [
        {"from": currency, "to": base, "date": day}
        for currency, day in sorted(needed)
        if known.converted(Decimal(1), currency, base, day) is None
    ]


def _needed(item: Mapping[str, Any], workspace: Workspace) -> Iterator[Amount]:
    """The other currencies of its amounts, with the day of its making."""
    several = (value for value in item["values"].values() if isinstance(value, (dict, list)))
    currencies = {currency for value in several for currency in _currencies(value)}
    for currency in currencies - {workspace.base_currency}:
        made = datetime.fromisoformat(item["created_at"])
        yield currency, made.astimezone(workspace.expressions.zone).date().isoformat()


def _currencies(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [value["currency"]] if set(value) == {"amount", "currency"} else []
    return [currency for each in value for currency in _currencies(each)] if isinstance(value, list) else []
