"""What agents add to a call: facts like any other, said by a person."""

from collections.abc import Mapping
from typing import Any

from uuid_utils.compat import uuid7

from calls.domain.fact import SAID_HERE, Fact
from calls.storage import facts, people
from calls.storage.calls import CallRow
from calls.usecases.fold_calls import OpenCalls
from shared.database import Transaction
from shared.errors import Invalid


async def check_disposition(transaction: Transaction, name: str | None) -> None:
    """Once dispositions are configured, agents choose one of them. Raises `Invalid`."""
    known = [row["name"] for row in await people.dispositions(transaction)] if name else []
    if known and name not in known:
        raise Invalid.at("/disposition", f"There is no disposition '{name}'; there are {', '.join(known)}.")


async def note_call(transaction: Transaction, calls_open: OpenCalls, row: CallRow, said: Mapping[str, Any]) -> CallRow:
    """Set these fields of the call (null clears), if they are not so already; returns the call after it."""
    news = {name: value for name, value in said.items() if row[name] != value}
    if news:
        fact = Fact(row["provider_call_id"], "noted", transaction.now, news, key=f"{SAID_HERE}{uuid7()}")
        stored = facts.row_of(row["connection"], fact, call=row["id"], delivery=None, actor=transaction.actor)
        await facts.add(transaction, [stored])
        await calls_open.tell(row["id"], [fact])
        await calls_open.save()
    return calls_open.rows[row["id"]]
