"""The replica of users."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from automations.domain.people import User
from automations.storage.tables import user
from shared.contracts.records import UserChanged
from shared.database import Transaction


async def keep(transaction: Transaction, event: UserChanged) -> None:
    values = event.model_dump()
    statement = insert(user).values(values)
    newer = user.c.version < statement.excluded.version
    await transaction.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values, where=newer))


async def everybody(transaction: Transaction) -> tuple[User, ...]:
    statement = select(user.c.id, user.c.name, user.c.email, user.c.teams, user.c.skills, user.c.active)
    return tuple(
        User(row.id, row.name, row.email, tuple(row.teams), tuple(row.skills), row.active)
        for row in await transaction.execute(statement)
    )
