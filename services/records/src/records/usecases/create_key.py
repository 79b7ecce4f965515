"""Giving out an API key."""

from collections.abc import Sequence
from datetime import datetime

from records.domain.identifiers import is_identifier
from records.storage import keys, users
from records.usecases.announce import announce
from shared.contracts.records import KeyChanged
from shared.database import Transaction
from shared.errors import Forbidden, Invalid
from shared.http.authentication import Principal
from shared.http.keys import key_hash, key_id, new_key


async def create_key(
    transaction: Transaction,
    granter: Principal,
    *,
    name: str,
    scopes: Sequence[str],
    user: str | None,
    expires_at: datetime | None,
) -> tuple[str, KeyChanged]:
    """The key, which is never seen again, and what is kept of it. No key gives more than it has."""
    lacking = sorted(set(scopes) - granter.scopes)
    if lacking:
        raise Forbidden(f"This key lacks the scope '{lacking[0]}', so it cannot give it.")
    if user is not None and not (is_identifier(user) and await users.existing(transaction.connection, [user])):
        raise Invalid.at("/user", f"There is no user '{user}'.")
    if expires_at is not None and expires_at <= transaction.now:
        raise Invalid.at("/expires_at", "A key expires in the future.")
    key = new_key()
    kept = described(key, name, scopes, user=user, expires_at=expires_at)
    await keys.add(transaction.connection, kept)
    announce(transaction, kept)
    return key, kept


def described(
    key: str, name: str, scopes: Sequence[str], user: str | None = None, expires_at: datetime | None = None
) -> KeyChanged:
    """What is kept of a new key."""
    return KeyChanged(
        id=key_id(key),
        name=name,
        hash=key_hash(key),
        user=user,
        scopes=sorted(set(scopes)),
        expires_at=expires_at,
        version=1,
    )
