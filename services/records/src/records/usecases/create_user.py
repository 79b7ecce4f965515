"""Adding a user, and changing one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from uuid_utils.compat import uuid7

from records.domain.identifiers import is_identifier
from records.domain.pointers import pointer
from records.domain.user import EmailTaken, User, UserNotFound, edited, user_changed
from records.storage import users
from records.usecases.announce import announce
from shared.database import Transaction
from shared.errors import Invalid


async def create_user(transaction: Transaction, given: Mapping[str, Any]) -> User:
    await users.lock(transaction.connection)
    user = edited(User(str(uuid7()), "", "", transaction.now), given)
    await _free_email(transaction, user)
    await users.add(transaction.connection, user)
    announce(transaction, user_changed(user))
    return user


async def check_teams(transaction: Transaction, inviter: str | None, teams: Sequence[str]) -> None:
    """Teams have rights: nobody gives others what they lack themselves. Raises `Invalid`."""
    found = await users.find(transaction.connection, inviter) if inviter else None
    for place, each in enumerate(teams):
        if found is None or each not in found.teams:
            raise Invalid.at(pointer("teams", place), f"You are not of the team '{each}' yourself.")


async def update_user(transaction: Transaction, user_id: str, given: Mapping[str, Any]) -> User:
    """The user after it; the same version where nothing changed. Raises `UserNotFound`, `Invalid`, `EmailTaken`."""
    await users.lock(transaction.connection)
    user = await users.find(transaction.connection, user_id) if is_identifier(user_id) else None
    if user is None:
        raise UserNotFound(f"There is no user '{user_id}'.")
    changed = edited(user, given)
    if changed == user:
        return user
    raised = replace(changed, version=user.version + 1)
    await _free_email(transaction, raised)
    await users.change(transaction.connection, raised)
    announce(transaction, user_changed(raised))
    return raised


async def _free_email(transaction: Transaction, user: User) -> None:
    holder = await users.find_by_email(transaction.connection, user.email)
    if holder and holder.id != user.id:
        raise EmailTaken(f"The user '{holder.id}' has the e-mail address '{user.email}' already.")
