"""The replica of users."""

from sqlalchemy import select

from analytics.storage.tables import user
from shared.contracts.records import UserChanged
from shared.database import Transaction
from shared.database.replicas import keep_newest


async def keep(transaction: Transaction, event: UserChanged) -> None:
    """Keep the newest version of a user."""
    values = event.model_dump(include={"id", "name", "teams", "version"})
    await keep_newest(transaction, user, values)


async def names(transaction: Transaction) -> dict[str, str]:
    """The names of all users by id."""
    return {row.id: row.name for row in await transaction.execute(select(user.c.id, user.c.name))}


async def teams_of(transaction: Transaction, user_id: str | None) -> frozenset[str]:
    row = (await transaction.execute(select(user.c.teams).where(user.c.id == user_id))).one_or_none()
    return frozenset(row.teams) if row else frozenset()
