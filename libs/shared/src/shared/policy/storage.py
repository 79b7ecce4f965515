"""Rights from the service's own tables: roles are read once and kept until one of them changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from sqlalchemy import func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.contracts.records import RoleChanged, UserChanged
from shared.database.replicas import keep_newest
from shared.database.transaction import Tx
from shared.policy.policy import Policy
from shared.policy.role import Role
from shared.policy.tables import account, role

# What one process has read last, by its database, and the token that says whether it still holds.
_known: WeakKeyDictionary[AsyncEngine, tuple[str, tuple[Role, ...]]] = WeakKeyDictionary()

# A text that changes with every change of a role.
ROLES = "(SELECT concat(sum(version), max(id)) FROM role)"
_PERSON = text(f"SELECT id, teams, active, {ROLES} AS token FROM account WHERE id = :user")  # noqa: S608 — our own words
_TOKEN = text(f"SELECT {ROLES}")


@dataclass(frozen=True)
class Person:
    """A user of the workspace, as far as rights go. ``token`` changes with every change of a role."""

    id: str
    teams: Sequence[str]
    active: bool
    token: str


async def person(connection: AsyncConnection, user: str) -> Person | None:
    row = (await connection.execute(_PERSON, {"user": user})).one_or_none()
    return Person(*row) if row else None


async def person_of(connection: AsyncConnection, subject: str, email: str | None) -> str | None:
    """The id of the user who signs in as ``subject``, or else of the one who is not tied and has the address."""
    by_email = (account.c.subject.is_(None)) & (func.lower(account.c.email) == (email or "").lower())
    statement = select(account.c.id).where(or_(account.c.subject == subject, by_email))
    found = await connection.execute(statement.order_by(account.c.subject.is_(None)).limit(1))
    known: str | None = found.scalar_one_or_none()
    return known


async def policy_of(connection: AsyncConnection, who: Person, scopes: frozenset[str]) -> Policy:
    """What the person may see and do with these scopes."""
    roles = await _roles(connection, who.token)
    teams = set(who.teams)
    mine = tuple(each for each in roles if who.id in each.users or teams & set(each.teams))
    return Policy(scopes, who.id, mine, frozenset(each.project for each in roles))


async def every_role(connection: AsyncConnection) -> tuple[Role, ...]:
    return await _roles(connection, (await connection.execute(_TOKEN)).scalar_one())


async def _roles(connection: AsyncConnection, token: str) -> tuple[Role, ...]:
    known = _known.get(connection.engine)
    if known and known[0] == token:
        return known[1]
    found = await connection.execute(select(role).where(role.c.deleted.is_(False)).order_by(role.c.id))
    roles = tuple(Role.model_validate(dict(row)) for row in found.mappings())
    _known[connection.engine] = (token, roles)
    return roles


async def replicate_role(event: RoleChanged, transaction: Tx) -> None:
    """Keep the newest version of a role: a consumer as it stands."""
    await keep_newest(transaction, role, event.model_dump())


async def replicate_user(event: UserChanged, transaction: Tx) -> None:
    """Keep the newest version of a user: a consumer as it stands."""
    await keep_newest(transaction, account, event.model_dump(include={column.name for column in account.c}))
