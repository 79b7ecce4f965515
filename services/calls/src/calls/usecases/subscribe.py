"""Making a provider post to us, where that takes a handshake."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from calls.domain.connection import HANDSHAKE, Connection
from calls.domain.providers import providers
from calls.gateways import ringcentral
from calls.storage import connections
from shared.database import Transaction
from shared.errors import Invalid, NotFound
from shared.jobs import Job, RunningJob, add_job, find_jobs

# So long a provider may greet us after we asked it to.
WINDOW = timedelta(minutes=10)
KIND = "subscribe"
_REFUSED = "The provider could not be subscribed to, so it posts nothing"


@dataclass(frozen=True)
class Subscriber:
    """How to make a provider's subscription ourselves, how to keep it, and the secrets that takes."""

    credentials: frozenset[str]
    subscribe: Callable[[Connection], Awaitable[Mapping[str, Any]]]
    watch: Callable[[Connection], Awaitable[str]]


SUBSCRIBERS = {"ringcentral": Subscriber(ringcentral.CREDENTIALS, ringcentral.subscribe, ringcentral.watch)}


class ConnectionGone(NotFound):
    title = "No such connection"


async def open_handshake(transaction: Transaction, connection_id: str, key: str | None) -> tuple[datetime, Job | None]:
    """Let the provider greet us for a while; with its credentials at hand a job asks it to. Raises `Invalid`."""
    connection = await connections.find(transaction, connection_id, lock=True)
    if connection is None:
        raise ConnectionGone(f"There is no connection {connection_id}.")
    if not providers()[connection.provider].greets:
        raise Invalid.at("/connection", f"{connection.provider} makes no handshake: there is nothing to subscribe to.")
    until = transaction.now + WINDOW
    settings = dict(connection.settings) | {HANDSHAKE: until.isoformat()}
    await connections.change(transaction, connection_id, {"settings": settings})
    if not SUBSCRIBERS[connection.provider].credentials <= connection.secrets.keys():
        return until, None
    if not connection.public_url:
        raise Invalid.at("/public_url", "The connection needs the address to which the provider is to post.")
    return until, await add_job(transaction, KIND, {"connection": connection_id}, key=key)


async def subscribe_unasked(
    transaction: Transaction, connection_id: str, key: str | None = None, *, before: Connection | None = None
) -> None:
    """With all that this takes at hand, and some of it new, nobody has to ask for it."""
    connection = await connections.find(transaction, connection_id)
    if connection and may_be_watched(connection) and (before is None or _means(before) != _means(connection)):
        await open_handshake(transaction, connection_id, key)


def _means(connection: Connection) -> tuple[Any, ...]:
    return connection.public_url, connection.live_secrets, connection.settings.get("api_url")


async def subscribe(running: RunningJob) -> Mapping[str, Any]:
    """The job: subscribe, then let nobody greet us any more."""
    connection_id = str(running.input["connection"])
    async with running.step() as transaction:
        connection = await connections.find(transaction, connection_id)
    if connection is None:
        raise ConnectionGone(f"There is no connection {connection_id}.")
    receipt = await SUBSCRIBERS[connection.provider].subscribe(connection)
    async with running.step(done=1, total=1) as transaction:
        await close_handshake(transaction, connection_id)
    return receipt


async def close_handshake(transaction: Transaction, connection_id: str) -> None:
    connection = await connections.find(transaction, connection_id, lock=True)
    if connection:
        await connections.change(transaction, connection_id, {"settings": connection.given_settings}, quietly=True)


async def unsubscribed(transaction: Transaction) -> dict[str, str]:
    """What to say of connections whose provider was asked to post and did not agree, by id."""
    newest = {str(each.input["connection"]): each for each in reversed(await find_jobs(transaction, kind=KIND))}
    failed = {connection: job for connection, job in newest.items() if job.state == "failed"}
    return {each: f"{_REFUSED}: {job.error}" for each, job in failed.items()}


def may_be_watched(connection: Connection) -> bool:
    subscriber = SUBSCRIBERS.get(connection.provider)
    return bool(subscriber and connection.public_url and subscriber.credentials <= connection.secrets.keys())
