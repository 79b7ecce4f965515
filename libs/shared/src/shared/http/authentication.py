"""Who is calling: API keys, verified against the service's own replica, within the request's transaction."""

import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from fastapi import Request
from fastapi.security import HTTPBearer
from sqlalchemy.dialects.postgresql import insert

from shared.contracts.records import KeyChanged
from shared.database.tables import api_key
from shared.database.transaction import Tx
from shared.errors import Forbidden, Unauthorized
from shared.http.keys import MalformedKey, key_hash, key_id
from shared.policy import Policy

Scope = Literal["read", "write", "admin", "backdate", "delegate"]
bearer = HTTPBearer(auto_error=False, description="`Authorization: Bearer tl_…`")


@dataclass(frozen=True)
class Principal:
    """The verified caller. A key of scope ``delegate`` (a service's own) may act in another's name."""

    key_id: str
    user: str | None
    scopes: frozenset[str]

    @property
    def actor(self) -> str:
        return f"user:{self.user}" if self.user else f"key:{self.key_id}"

    @property
    def policy(self) -> Policy:
        """What the caller may see and do."""
        return Policy(self.scopes)


def requires(scope: Scope) -> Callable[[Request], Awaitable[Principal]]:
    """A dependency for a route of a `CommandRouter`: the caller, if the key has the scope."""

    async def principal(request: Request) -> Principal:  # async: else each request would visit a thread
        caller: Principal | None = request.state.principal
        if caller is None:
            raise Unauthorized("Send a valid API key: `Authorization: Bearer tl_…`.")
        if scope not in caller.scopes:
            raise Forbidden(f"This key lacks the scope '{scope}'.")
        return caller

    return principal


def bearer_key(request: Request) -> tuple[str, str] | None:
    """The key in the request and its id, or None where there is none or it is malformed."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    try:
        return key, key_id(key)
    except MalformedKey:
        return None


def verified(key: str, stored: Mapping[str, Any], now: datetime) -> Principal | None:
    """The caller, if the stored row is this key's and alive."""
    if not stored["hash"] or not hmac.compare_digest(key_hash(key), stored["hash"]):
        return None
    if stored["revoked_at"] or (stored["expires_at"] and stored["expires_at"] <= now):
        return None
    return Principal(stored["id"], stored["user"], frozenset(stored["scopes"]))


async def replicate_key(event: KeyChanged, transaction: Tx) -> None:
    """Keep the newest version of a key: a consumer as it stands."""
    values = event.model_dump()
    statement = insert(api_key).values(values)
    newer = statement.on_conflict_do_update(
        index_elements=["id"], set_=values, where=api_key.c.version < statement.excluded.version
    )
    await transaction.execute(newer)
