"""Reading a provider's call history: page by page, within its limits, going on where it was interrupted.

Each call in it becomes a delivery, and is understood, deduplicated, replayed and kept like any other.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx

from calls.domain.connection import Connection
from calls.gateways.api import PATIENCE_SECONDS, Api, Clock
from calls.gateways.histories import Asked, History, histories
from calls.storage import connections, history
from calls.usecases.take_delivery import Intake
from shared.database import Transaction
from shared.errors import Invalid, NotFound
from shared.jobs import Job, RunningJob, add_job

KIND = "backfill"
LONGEST = timedelta(days=3 * 366)


class ConnectionGone(NotFound):
    title = "No such connection"


async def ask_for_history(
    transaction: Transaction, connection_id: str, start: datetime, end: datetime, key: str | None
) -> Job:
    """A job that reads the calls of this period. Raises `Invalid` where it cannot be read."""
    connection = await _found(transaction, connection_id)
    told = history_of(connection)
    _check_credentials(connection, told)
    if start >= end:
        raise Invalid.at("/to", "The period must end after it begins.")
    if end - start > LONGEST:
        raise Invalid.at("/from", "This is longer than three years; ask for less at once.")
    if told.reaches and start < transaction.now - told.reaches:
        raise Invalid.at("/from", f"{connection.provider} keeps its history for {told.reaches.days} days only.")
    period = {"connection": connection_id, "from": start.isoformat(), "to": end.isoformat()}
    return await add_job(transaction, KIND, period, key=key)


def history_of(connection: Connection) -> History:
    """Raises `Invalid` where the provider has none to ask for."""
    told = histories().get(connection.provider)
    if told is None or told.page is None:
        raise Invalid.at("/connection", f"{connection.provider} has no call history that can be asked for.")
    return told


def may_be_asked(connection: Connection) -> bool:
    told = histories().get(connection.provider)
    return told is not None and told.page is not None and told.credentials <= connection.secrets.keys()


def _check_credentials(connection: Connection, told: History) -> None:
    missing = sorted(told.credentials - connection.secrets.keys())
    if missing:
        names = ", ".join(missing)
        raise Invalid.at(f"/secrets/{missing[0]}", f"{connection.provider}'s API needs these secrets too: {names}.")
    if not (told.base or connection.settings.get("api_url")):
        raise Invalid.at("/settings/api_url", "The connection must say where the provider's API is.")


async def backfill(running: RunningJob) -> Mapping[str, Any]:
    """The job."""
    async with running.step() as transaction:
        connection = await _found(transaction, str(running.input["connection"]))
    told = history_of(connection)
    asked = Asked(connection, *(datetime.fromisoformat(running.input[name]) for name in ("from", "to")))
    base = connection.settings.get("api_url") or told.base or ""
    async with httpx.AsyncClient(base_url=base, timeout=PATIENCE_SECONDS) as client:
        api = opened(client, connection, told, running.parts.state["clock"])
        while not running.position.get("over"):
            await _read_page(running, api, told, asked)
    return {"calls": running.position["calls"], "new": running.position["new"]}


def opened(client: httpx.AsyncClient, connection: Connection, told: History, clock: Clock) -> Api:
    async def authorize(through: httpx.AsyncClient) -> Mapping[str, str]:
        return await told.authorize(through, connection)

    also = () if connection.settings.get("api_url") else told.also
    return Api(client, authorize, clock, told.per_minute, told.reset_header, also)


async def _read_page(running: RunningJob, api: Api, told: History, asked: Asked) -> None:
    """One page and its checkpoint are one commit, so none is read twice and none is left out."""
    assert told.page is not None  # noqa: S101 — `history_of` made sure
    at = running.position
    batch = await told.page(api, asked, at.get("cursor") or {})
    calls = int(at.get("calls", 0)) + len(batch.calls)
    async with running.step(total=batch.total) as transaction:
        new = int(at.get("new", 0)) + await history.add_calls(transaction, asked.connection.id, batch.calls)
        position = {"cursor": batch.next, "over": batch.next is None, "calls": calls, "new": new}
        await running.checkpoint(transaction, position, done=calls)
        if batch.next is None:
            await history.note_read(transaction, asked.connection.id, asked.start, asked.end, calls)
    running.position = position
    wake(running.parts.state["intake"])


def wake(intake: Intake) -> None:
    intake.arrived.set()


async def take_lines(transaction: Transaction, connection_id: str, text: str) -> tuple[int, int]:
    """A history that comes as lines of a file: how many calls or events were in it, and how many of them are new."""
    connection = await _found(transaction, connection_id)
    told = histories().get(connection.provider)
    if told is None or told.line is None:
        raise Invalid.at("/connection", f"{connection.provider} has no history that comes as a file.")
    said = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            said.append(_line(told, number, line))
    return len(said), await history.add_calls(transaction, connection_id, said)


def _line(told: History, number: int, line: str) -> Mapping[str, Any]:
    assert told.line is not None  # noqa: S101 — the caller made sure
    try:
        return told.line(line)
    except ValueError as error:
        raise Invalid.at(f"/{number}", f"Line {number}: {error}") from error


async def _found(transaction: Transaction, connection_id: str) -> Connection:
    connection = await connections.find(transaction, connection_id)
    if connection is None:
        raise ConnectionGone(f"There is no connection {connection_id}.")
    return connection
