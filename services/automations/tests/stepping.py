"""Runs about to take their steps."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import text

from shared.contracts.records import (
    RecordMoved,
    RecordSnapshot,
)

Record = Callable[..., RecordSnapshot]
MOVED = {"type": "record.moved"}


def won(record: RecordSnapshot, **facts: Any) -> RecordMoved:
    return RecordMoved(record=record, **({"from_list": "sent", "to_list": "won"} | facts))


async def started(world: Any, record: RecordSnapshot, *actions: dict[str, Any], **facts: Any) -> Any:
    """A run of these actions, about to take its first step."""
    rule = await world.rule(trigger=MOVED, actions=actions)
    await world.tell(won(record, **facts))
    return next(each for each in await world.runs() if each.rule_id == rule.id)


async def states(world: Any, run: Any) -> list[str]:
    return [each.state for each in await world.steps_of(run.id)]


async def hurry(world: Any) -> None:
    """Let pauses and leases end now."""
    async with world.database.transaction() as transaction:
        await transaction.execute(text("UPDATE step SET due_at = now() WHERE state = 'pending'"))
