"""Who is calling: a key or a signed token, held against the service's own replicas, in the request's transaction."""

import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Depends, Request
from fastapi.security import HTTPBearer
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contracts.records import KeyChanged
from shared.database.replicas import keep_newest
from shared.database.tables import api_key
from shared.database.transaction import Transaction, Tx
from shared.errors import Forbidden, Unauthorized
from shared.http.keys import MalformedKey, key_hash, key_id
from shared.http.tokens import Tokens, email_of
from shared.policy import Policy
from shared.policy.storage import Person, person, person_of, policy_of

Scope = Literal["read", "write", "admin", "backdate", "delegate"]
bearer = HTTPBearer(auto_error=False, description="`Authorization: Bearer tl_…`")

# What stands for the id of a key where a person signed in without one; later they act with the usual scopes.
PERSON = "user:"
USUAL = frozenset({"read", "write"})


@dataclass(frozen=True)
class Principal:
    """The verified caller. A key of scope ``delegate`` (a service's own) may act in another's name."""

    key_id: str
    user: str | None
    scopes: frozenset[str]
    policy: Policy

    @property
    def actor(self) -> str:
        return f"user:{self.user}" if self.user else f"key:{self.key_id}"


@dataclass(frozen=True)
class Required:
    """A dependency for a route of a `CommandRouter`: the caller, if the key has the scope."""

    scope: Scope

    async def __call__(self, request: Request) -> Principal:  # async: else each request would visit a thread
        caller: Principal | None = request.state.principal
        if caller is None:
            raise Unauthorized("Send a valid API key: `Authorization: Bearer tl_…`.")
        if self.scope not in caller.scopes:
            raise Forbidden(f"This key lacks the scope '{self.scope}'.")
        return caller


def requires(scope: Scope) -> Required:
    return Required(scope)


async def overseeing(caller: Annotated[Principal, Depends(requires("read"))]) -> Principal:
    """For what tells of all that went over the wire, whoever may see it: machines and administrators read it."""
    if caller.user and "admin" not in caller.scopes:
        raise Forbidden("This quotes records and calls whole: people need the scope 'admin' for it.")
    return caller


def bearer_key(request: Request) -> tuple[str, str] | None:
    """The key in the request and its id, or None where there is none or it is malformed."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    try:
        return key, key_id(key)
    except MalformedKey:
        return None


# Finds or makes the user that the claims of a token are about: claims, teams (None: not told), may be made.
SignIn = Callable[..., Awaitable[str | None]]


async def signed_claims(request: Request) -> Mapping[str, Any] | None:
    """What a token of the identity provider says, where the request carries one in place of a key."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or token.count(".") != 2:  # noqa: PLR2004 — header, claims, signature
        return None
    tokens: Tokens = request.app.state.tokens
    return await tokens.claims(token)


async def signed_in(transaction: Transaction, request: Request, claims: Mapping[str, Any]) -> Principal | None:
    """The active user a token is about; None where there is none. Tokens end; being removed does not wait for that."""
    tokens: Tokens = request.app.state.tokens
    sign_in: SignIn | None = request.app.state.sign_in
    if sign_in:
        teams = tokens.groups(claims) if tokens.settings.oidc_groups_claim in claims else None
        user = await sign_in(transaction, claims, teams, may_create=tokens.settings.oidc_create_users)
    else:
        user = await person_of(transaction.connection, str(claims["sub"]), email_of(claims))
    if user is None:
        return None
    return await user_with(transaction.connection, user, tokens.scopes(claims), f"{PERSON}{user}")


def is_alive(key: str, stored: Mapping[str, Any], now: datetime) -> bool:
    """Whether the stored row is this key's, and the key neither taken back nor expired."""
    if not stored["hash"] or not hmac.compare_digest(key_hash(key), stored["hash"]):
        return False
    return not stored["revoked_at"] and not (stored["expires_at"] and stored["expires_at"] <= now)


async def holder_of(connection: AsyncConnection, stored: Mapping[str, Any], who: Person | None) -> Principal | None:
    """The caller with this row of `api_key`; None where the user it belongs to, ``who``, is gone."""
    scopes = frozenset(stored["scopes"])
    if stored["user"] is None:
        return Principal(stored["id"], None, scopes, Policy(scopes))
    return await _acting(connection, who, scopes, stored["id"])


async def user_with(connection: AsyncConnection, user: str, scopes: frozenset[str], key_id: str) -> Principal | None:
    """The user, calling with these scopes; None for one who is not active. Their removal takes effect at once."""
    return await _acting(connection, await person(connection, user), scopes, key_id)


async def _acting(
    connection: AsyncConnection, who: Person | None, scopes: frozenset[str], key_id: str
) -> Principal | None:
    if who is None or not who.active:
        return None
    return Principal(key_id, who.id, scopes, await policy_of(connection, who, scopes))


async def principal_of(transaction: Transaction, key_id: str) -> Principal | None:
    """Who asked for something earlier, with the rights they have now; None where they have lost them."""
    if key_id.startswith(PERSON):
        return await user_with(transaction.connection, key_id.removeprefix(PERSON), USUAL, key_id)
    valid = or_(api_key.c.expires_at.is_(None), api_key.c.expires_at > transaction.now)
    statement = select(api_key).where(api_key.c.id == key_id, api_key.c.revoked_at.is_(None), valid)
    stored = (await transaction.execute(statement)).mappings().one_or_none()
    if stored is None:
        return None
    who = await person(transaction.connection, stored["user"]) if stored["user"] else None
    return await holder_of(transaction.connection, dict(stored), who)


async def replicate_key(event: KeyChanged, transaction: Tx) -> None:
    """Keep the newest version of a key: a consumer as it stands."""
    await keep_newest(transaction, api_key, event.model_dump())
