"""The nouns of a configuration that are at home here, each known by a key; applying what is there changes nothing.

Connections come without their secrets, which no file has: one that is not there yet is made by hand, and none goes.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from calls.storage import connections, marketing, people, queues
from calls.usecases.change_marketing import save_campaign
from calls.usecases.change_queues import change_queues
from calls.usecases.subscribe import subscribe_unasked
from shared.configuration import Applied, Named
from shared.database import Transaction

# An item as it is written down, with its key.
Written = Mapping[str, Any]
NEEDS_SECRETS = "A connection needs its secrets, which no file has: make it with POST /v1/connections."


@dataclass(frozen=True)
class Change:
    """What is to be: those that are new or other than before, the keys that go, and all there will be in order."""

    written: Sequence[Written]
    gone: Sequence[str]
    everything: Sequence[Written]
    zone: ZoneInfo


@dataclass(frozen=True)
class Noun:
    """``is_whole``: a file has all there is to it, so it can make one and let one go."""

    name: str
    read: Callable[[Transaction], Awaitable[list[Written]]]
    write: Callable[[Transaction, Change], Awaitable[None]]
    is_whole: bool = True


async def configure(
    transaction: Transaction,
    noun: Noun,
    wanted: Mapping[int, Written],
    named: Sequence[str],
    applied: Applied,
    *,
    zone: ZoneInfo,
    dry_run: bool,
    destroy: bool,
) -> None:
    """``wanted`` are those that read, by their number; ``named`` the keys of all that were written."""
    known = {each["key"]: each for each in await noun.read(transaction)}
    kept = {number: each for number, each in wanted.items() if noun.is_whole or each["key"] in known}
    for number in wanted.keys() - kept.keys():
        applied.skip(f"/{noun.name}/{number}", NEEDS_SECRETS)
    changed = [each for each in kept.values() if known.get(each["key"]) != each]
    gone = [key for key in known if key not in named] if destroy and noun.is_whole else []
    _tell(applied, known, kept.values(), gone)
    after = {**{key: each for key, each in known.items() if key not in gone}, **{each["key"]: each for each in changed}}
    if not dry_run and (changed or gone):
        await noun.write(transaction, Change(changed, gone, list(after.values()), zone))


def _tell(applied: Applied, known: Mapping[str, Written], wanted: Any, gone: Sequence[str]) -> None:
    for each in wanted:
        found = known.get(each["key"])
        fate = applied.created if found is None else applied.unchanged if found == each else applied.changed
        fate.append(Named(key=each["key"], id=each["key"]))
    applied.destroyed += [Named(key=key, id=key) for key in gone]


async def _numbers(transaction: Transaction) -> list[Written]:
    return [{"key": row["number"], "source": row["source"]} for row in await marketing.numbers(transaction)]


async def _write_numbers(transaction: Transaction, change: Change) -> None:
    sources = {each["key"]: each["source"] for each in change.written}
    await marketing.save_numbers(transaction, {**dict.fromkeys(change.gone), **sources})


CAMPAIGN = ("key", "name", "source", "numbers", "start_on", "end_on")


async def _campaigns(transaction: Transaction) -> list[Written]:
    return [{name: row[name] for name in CAMPAIGN} for row in await marketing.campaigns(transaction)]


async def _write_campaigns(transaction: Transaction, change: Change) -> None:
    await marketing.remove_campaigns(transaction, change.gone)
    for each in change.written:
        await save_campaign(transaction, each, change.zone)


async def _queues(transaction: Transaction) -> list[Written]:
    rows = await queues.every(transaction)
    return [{"key": row["name"], **{name: row[name] for name in queues.EXPECTED}} for row in rows]


async def _write_queues(transaction: Transaction, change: Change) -> None:
    rows = [{**{name: each[name] for name in queues.EXPECTED}, "name": each["key"]} for each in change.written]
    await change_queues(transaction, rows, change.gone)


async def _dispositions(transaction: Transaction) -> list[Written]:
    rows = await people.dispositions(transaction)
    return [{"key": row["name"], **{name: row[name] for name in people.MEANINGS}} for row in rows]


async def _write_dispositions(transaction: Transaction, change: Change) -> None:
    rows = [{name: each[name] for name in people.MEANINGS} | {"name": each["key"]} for each in change.everything]
    await people.replace_dispositions(transaction, rows)


async def _connections(transaction: Transaction) -> list[Written]:
    """Of two with one name at one provider, a file can mean neither."""
    found = [
        {"key": f"{each.provider}/{each.name}", "public_url": each.public_url, "settings": each.given_settings}
        for each in await connections.every(transaction)
    ]
    keys = [each["key"] for each in found]
    return [each for each in found if keys.count(each["key"]) == 1]


async def _write_connections(transaction: Transaction, change: Change) -> None:
    known = {f"{each.provider}/{each.name}": each for each in await connections.every(transaction)}
    for each in change.written:
        before = known[each["key"]]
        values = {"public_url": each["public_url"], "settings": before.settings_given(each["settings"])}
        await connections.change(transaction, before.id, values)
        await subscribe_unasked(transaction, before.id, before=before)


NOUNS = {
    each.name: each
    for each in (
        Noun("queues", _queues, _write_queues),
        Noun("numbers", _numbers, _write_numbers),
        Noun("campaigns", _campaigns, _write_campaigns),
        Noun("dispositions", _dispositions, _write_dispositions),
        Noun("connections", _connections, _write_connections, is_whole=False),
    )
}
