"""The replica of users."""

from dataclasses import fields

from sqlalchemy import select

from automations.domain.people import User
from automations.storage.tables import user
from shared.contracts.records import UserChanged
from shared.database import Transaction
from shared.database.replicas import keep_newest


async def keep(transaction: Transaction, event: UserChanged) -> None:
    values = event.model_dump(include={column.name for column in user.c})
    await keep_newest(transaction, user, values)


async def everybody(transaction: Transaction) -> tuple[User, ...]:
    statement = select(*(user.c[each.name] for each in fields(User)))
    rows = (await transaction.execute(statement)).mappings()
    return tuple(User(**{**row, "teams": tuple(row["teams"]), "skills": tuple(row["skills"])}) for row in rows)
