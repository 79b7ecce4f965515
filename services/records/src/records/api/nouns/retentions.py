"""Retention policies in a configuration."""

from collections.abc import Mapping
from typing import Any

from records.api.nouns import read_as, unusual
from records.api.retentions import RetentionOut
from records.domain.retention import Retention, check_retention
from records.storage import retentions, workspaces
from records.usecases.configure import Noun
from shared.database import Transaction


class Thing(RetentionOut):
    """As the API has it."""


async def _read(transaction: Transaction, _: None) -> list[dict[str, Any]]:
    return [_said(each) for each in await retentions.every(transaction.connection)]


def _said(each: Retention) -> dict[str, Any]:
    return {"key": each.key, **unusual(Thing, {name: part for name, part in vars(each).items() if name != "key"})}


async def _put(transaction: Transaction, _: None, thing: Mapping[str, Any]) -> None:
    given = Retention(**read_as(Thing, thing).model_dump())
    check_retention(given, await workspaces.current(transaction.connection), transaction.now)
    await retentions.put(transaction.connection, given)


async def _remove(transaction: Transaction, _: None, key: str) -> None:
    await retentions.remove(transaction.connection, key)


NOUN = Noun("retentions", 90, _read, _put, _remove, is_in_project=False)
