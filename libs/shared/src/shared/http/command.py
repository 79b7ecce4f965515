"""One transaction a request: opened before the route, committed before the answer leaves, undone by any error."""

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, ClassVar

from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.database import Database
from shared.database.transaction import Transaction, enter
from shared.http import idempotency
from shared.http.authentication import Principal, bearer, bearer_key, holder_of, is_alive, signed_claims, signed_in
from shared.http.body import MEBIBYTE, Received, bounded_body, room, write_body
from shared.http.idempotency import KeyInUse
from shared.policy.storage import ROLES, Person

Route = Callable[[Request], Coroutine[Any, Any, Response]]


@cache
def opening(stamp: str) -> TextClause:
    """The first statement of a request: the clock, the caller's key with whose it is, and the service's ``stamp``.

    Written out: to put it together for every request costs more than to run it.
    """
    return text(
        f"""
        SELECT app_now() AS now, coalesce(pg_try_advisory_xact_lock(hashtextextended(:name, 0)), true) AS claimed,
            {stamp} AS stamp, api_key.*, account.teams, account.active,
            CASE WHEN account.id IS NOT NULL THEN {ROLES} END AS roles
        FROM (SELECT) AS one LEFT JOIN api_key ON api_key.id = :key LEFT JOIN account ON account.id = api_key."user"
        """  # noqa: S608 — our own words
    )


class CommandRoute(APIRoute):
    """Gives the route its transaction (`shared.database.Tx`) and its caller (`requires`).

    A route says no by raising a `Problem`, never by returning one: what returns is committed.
    """

    largest_body: ClassVar[int] = 10 * MEBIBYTE

    def get_route_handler(self) -> Route:
        route = super().get_route_handler()

        async def in_one_transaction(request: Request) -> Response:
            database: Database = request.app.state.database
            async with self.body_of(request) as body:
                claims = await signed_claims(request)
                async with database.begin() as connection:
                    transaction = await _open(connection, request, claims)
                    enter(transaction)
                    answer = await _once(transaction, request, body, route)
                    await transaction.flush()
            return answer

        return in_one_transaction

    @asynccontextmanager
    async def body_of(self, request: Request) -> AsyncIterator[bytes]:
        """What tells this body from others, once all of it is here."""
        yield await bounded_body(request, self.largest_body)


class UploadRoute(CommandRoute):
    """For routes that files are sent to."""

    largest_body = 51 * MEBIBYTE


class FileRoute(CommandRoute):
    """For routes whose body may be larger than the memory: it is `received` into a file before anything begins.

    How large it may be is the service's setting ``largest_file``.
    """

    @asynccontextmanager
    async def body_of(self, request: Request) -> AsyncIterator[bytes]:
        with room() as file:
            request.state.received = await write_body(request, request.app.state.settings.largest_file, file)
            yield request.state.received.sha256


def received(request: Request) -> Received:
    """The body of a request to a `FileRoute`."""
    found: Received = request.state.received
    return found


class CommandRouter(APIRouter):
    """An APIRouter of such routes."""

    def __init__(self, *, route_class: type[CommandRoute] = CommandRoute, **options: Any) -> None:
        super().__init__(route_class=route_class, dependencies=[Depends(bearer)], **options)


async def _open(connection: AsyncConnection, request: Request, claims: Mapping[str, Any] | None) -> Transaction:
    """Read the clock and the caller with their rights, and claim the Idempotency-Key, in one round trip."""
    key = bearer_key(request)
    idempotency_key = idempotency.key_of(request)
    caller = key[1] if key else claims["sub"] if claims else ""
    name = f"{caller}/{idempotency_key}" if idempotency_key else None
    asked = {"name": name, "key": key[1] if key else None}
    row = (await connection.execute(opening(request.app.state.stamp), asked)).mappings().one()
    if not row["claimed"]:
        raise KeyInUse("A request with this Idempotency-Key is still running.")
    principal = None
    if key is not None and is_alive(key[0], dict(row), row["now"]):
        who = None if row["active"] is None else Person(row["user"], row["teams"], row["active"], row["roles"])
        principal = await holder_of(connection, dict(row), who)
    transaction = Transaction(connection, row["now"], stamp=row["stamp"])
    if claims:
        principal = await signed_in(transaction, request, claims)
    request.state.principal = principal
    if principal:
        transaction.actor, transaction.policy = principal.actor, principal.policy
    if principal and "delegate" in principal.scopes:
        _continue_chain(transaction, request)
    return transaction


def _continue_chain(transaction: Transaction, request: Request) -> None:
    """A service that acts for a rule says so, and how deep the chain of rules already is."""
    headers = request.headers
    transaction.actor = headers.get("trunkline-actor", transaction.actor)
    depth = headers.get("trunkline-depth", "0")
    transaction.depth = int(depth) if depth.isdigit() else 0
    transaction.causation = headers.get("trunkline-causation")
    transaction.origin = tuple(each for each in headers.get("trunkline-origin", "").split(",") if each)


async def _once(
    transaction: Transaction, request: Request, body: bytes, route: Callable[[Request], Awaitable[Response]]
) -> Response:
    principal: Principal | None = request.state.principal
    key = idempotency.key_of(request)
    if principal is None or key is None:
        return await route(request)
    asked = idempotency.request_hash(request, body)
    before = await idempotency.first_answer(transaction, principal.key_id, key, asked)
    if before:
        return before
    answer = await route(request)
    await idempotency.remember(transaction, principal.key_id, key, asked, answer)
    return answer
