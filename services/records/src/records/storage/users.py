"""The users of the workspace."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from records.domain.user import User
from records.storage.tables.people import user
from shared.database.tables import api_key

_NAMES = [column.name for column in user.c]


async def lock(connection: AsyncConnection) -> None:
    """Nobody else changes users until the commit: what is free (an e-mail address) stays free meanwhile."""
    await connection.execute(text('LOCK TABLE "user" IN SHARE ROW EXCLUSIVE MODE'))


async def existing(connection: AsyncConnection, ids: Collection[str]) -> frozenset[str]:
    """Those of the ids that are a user's, inactive ones included: old records go on naming them."""
    rows = await connection.execute(select(user.c.id).where(user.c.id.in_(ids)))
    return frozenset(row.id for row in rows)


async def active(connection: AsyncConnection) -> Sequence[User]:
    return [_user(row) for row in await connection.execute(select(user).where(user.c.active))]


async def add(connection: AsyncConnection, new: User) -> None:
    await connection.execute(insert(user).values(vars(new)))


async def change(connection: AsyncConnection, changed: User) -> None:
    await connection.execute(update(user).where(user.c.id == changed.id).values(vars(changed)))


async def find(connection: AsyncConnection, user_id: str) -> User | None:
    row = (await connection.execute(select(user).where(user.c.id == user_id))).one_or_none()
    return _user(row) if row else None


async def find_by_email(connection: AsyncConnection, email: str) -> User | None:
    row = (await connection.execute(select(user).where(func.lower(user.c.email) == email.lower()))).one_or_none()
    return _user(row) if row else None


async def names_of_actors(connection: AsyncConnection, actors: Collection[str]) -> dict[str, str]:
    """The names of those who are users (``user:<id>``) or keys (``key:<id>``)."""
    names = dict[str, str]()
    for word, table in (("user", user), ("key", api_key)):
        ids = [actor.removeprefix(f"{word}:") for actor in actors if actor.startswith(f"{word}:")]
        known = select(table.c.id, table.c.name).where(table.c.id.in_(ids))
        names |= {f"{word}:{row.id}": row.name for row in await connection.execute(known)} if ids else {}
    return names


async def page(connection: AsyncConnection, after: str | None, limit: int) -> Sequence[User]:
    """Users in the order of their ids, which is that of their making."""
    statement = select(user).order_by(user.c.id).limit(limit)
    rows = await connection.execute(statement.where(user.c.id > after) if after else statement)
    return [_user(row) for row in rows]


def _user(row: Row[Any]) -> User:
    return User(**row._mapping)  # noqa: SLF001 — SQLAlchemy's public name for it
