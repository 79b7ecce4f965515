"""Share links: whoever has one sees the dashboard as the one who made it would, until it expires or is revoked."""

import hashlib
import secrets
from datetime import datetime, timedelta

from uuid_utils.compat import uuid7

from analytics.storage import dashboards
from analytics.storage.dashboards import Share, Stored
from shared.database import Transaction
from shared.errors import Invalid, NotFound, Unauthorized
from shared.http.authentication import Principal

USUAL = timedelta(days=30)
LONGEST = timedelta(days=366)


class ShareNotFound(NotFound):
    pass


async def share_dashboard(
    transaction: Transaction, sharer: Principal, stored: Stored, expires_at: datetime | None
) -> tuple[Share, str]:
    """The link and its token, which is not kept: only its hash. Raises `Invalid`."""
    ends = expires_at or transaction.now + USUAL
    if not transaction.now < ends <= transaction.now + LONGEST:
        raise Invalid.at("/expires_at", f"A link expires in the future, within {LONGEST.days} days.")
    token = f"ts_{secrets.token_urlsafe(32)}"
    share = Share(str(uuid7()), stored.id, sharer.key_id, sharer.actor, transaction.now, ends, None)
    await dashboards.add_share(transaction, share, hashed(token))
    return share, token


async def revoke_share(transaction: Transaction, stored: Stored, share_id: str) -> None:
    """Raises `ShareNotFound`."""
    if share_id not in {each.id for each in await dashboards.shares_of(transaction, stored.id)}:
        raise ShareNotFound(f"The dashboard '{stored.dashboard.key}' has no link '{share_id}'.")
    await dashboards.revoke_share(transaction, share_id)


async def open_share(transaction: Transaction, token: str, visitor: Principal | None) -> tuple[Share, Stored]:
    """The link and its dashboard. Raises `ShareNotFound` for what is not valid any more, without saying which."""
    share = await dashboards.find_share(transaction, hashed(token))
    if share is None or share.revoked_at or share.expires_at <= transaction.now:
        raise ShareNotFound("This link is not valid, or not any more.")
    stored = await dashboards.get(transaction, share.dashboard)
    if stored is None:
        raise ShareNotFound("This link is not valid, or not any more.")
    if stored.dashboard.sharing.internal_only and visitor is None:
        raise Unauthorized("This dashboard is internal: the link opens for those who have a key of this workspace.")
    return share, stored


def hashed(token: str) -> str:
    """SHA-256: of 256 random bits, a slow hash would protect nothing more."""
    return hashlib.sha256(token.encode()).hexdigest()
