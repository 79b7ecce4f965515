"""A person comes in with a token of the identity provider: who they are here."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from records.domain.user import user_changed
from records.storage import users
from records.usecases.announce import announce
from records.usecases.create_user import create_user
from shared.database import Transaction
from shared.http.tokens import email_of
from shared.policy.storage import person_of


async def sign_in(
    transaction: Transaction, claims: Mapping[str, Any], teams: Sequence[str] | None, *, may_create: bool
) -> str | None:
    """The id of the user; tied to the provider's subject, and in the teams it names, from the first sign-in on."""
    subject, email = str(claims["sub"]), email_of(claims)
    known = await person_of(transaction.connection, subject, email)
    if known is None:
        if not (may_create and email):
            return None
        name = str(claims.get("name") or email)[:200]
        known = (await create_user(transaction, {"name": name, "email": email, "teams": list(teams or ())})).id
    user = await users.find(transaction.connection, known)
    if user is None:
        return None
    after = replace(user, subject=subject, teams=user.teams if teams is None else list(teams))
    if (after.subject, list(after.teams)) != (user.subject, list(user.teams)):
        raised = replace(after, version=user.version + 1)
        await users.change(transaction.connection, raised)
        announce(transaction, user_changed(raised))
    return known
