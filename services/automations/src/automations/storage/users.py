"""The replica of users."""

from dataclasses import fields

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from automations.domain.people import User
from automations.storage.tables import user
from shared.contracts.records import UserChanged
from shared.database import Transaction


async def keep(transaction: Transaction, event: UserChanged) -> None:
    values = event.model_dump(include={column.name for column in user.c})
    statement = insert(user).values(values)
    newer = user.c.version < statement.excluded.version
    await transaction.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values, where=newer))


async def everybody(transaction: Transaction) -> tuple[User, ...]:
    statement = select(*(user.c[each.name] for each in fields(User)))
    rows = (await transaction.execute(statement)).mappings()
    return tuple(User(**{**row, "teams": tuple(row["teams"]), "skills": tuple(row["skills"])}) for row in rows)
