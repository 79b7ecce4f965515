"""Who is who at the providers."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from calls.domain.flags import flagged_numbers
from calls.storage.among import pairs_among
from calls.storage.tables.agents import agent
from calls.storage.tables.deliveries import connection
from shared.database import Transaction
from shared.policy.tables import account

AgentRow = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Seen:
    """An agent as a provider named it at a time."""

    connection: str
    provider_agent: str
    name: str | None
    email: str | None
    seen_at: datetime

    @property
    def identity(self) -> tuple[str, str]:
        return (self.connection, self.provider_agent)


async def find(transaction: Transaction, identities: Collection[tuple[str, str]]) -> dict[tuple[str, str], AgentRow]:
    """The known ones of these, by (connection, provider's id)."""
    known = select(agent).where(pairs_among((agent.c.connection, agent.c.provider_agent), identities))
    rows = (await transaction.execute(known)).mappings() if identities else ()
    return {(row["connection"], row["provider_agent"]): dict(row) for row in rows}


async def save(transaction: Transaction, rows: Sequence[AgentRow]) -> None:
    """Add or replace; of two versions the newer stays."""
    for row in rows:
        statement = insert(agent).values(row)
        kept = {name: value for name, value in row.items() if name not in ("id", "connection", "provider_agent")}
        newer = statement.on_conflict_do_update(
            index_elements=["connection", "provider_agent"],
            set_=kept,
            where=agent.c.version < statement.excluded.version,
        )
        await transaction.execute(newer)


async def users_by_email(transaction: Transaction, emails: Collection[str]) -> dict[str, str]:
    """Active users by their address in lower case."""
    if not emails:
        return {}
    lower = func.lower(account.c.email)
    known = select(lower.label("email"), account.c.id).where(
        lower.in_([each.lower() for each in emails]), account.c.active
    )
    return {row.email: row.id for row in await transaction.execute(known)}


async def with_email(transaction: Transaction, email: str) -> list[AgentRow]:
    """Agents of this address whom nobody has called a user yet."""
    nobody = select(agent).where(func.lower(agent.c.email) == email.lower(), agent.c.user.is_(None)).with_for_update()
    return [dict(row) for row in (await transaction.execute(nobody)).mappings()]


async def one(transaction: Transaction, agent_id: str) -> AgentRow | None:
    row = (await transaction.execute(select(agent).where(agent.c.id == agent_id))).mappings().one_or_none()
    return dict(row) if row else None


async def page(transaction: Transaction, limit: int, after: str | None) -> list[AgentRow]:
    statement = select(agent).order_by(agent.c.id).limit(limit)
    if after:
        statement = statement.where(agent.c.id > after)
    return [dict(row) for row in (await transaction.execute(statement)).mappings()]


async def flagged(transaction: Transaction, connection_id: str) -> dict[str, str]:
    """What each number of the connection's settings says of a call with it."""
    settings = select(connection.c.settings).where(connection.c.id == connection_id)
    return flagged_numbers((await transaction.execute(settings)).scalar_one_or_none() or {})


def new_version(known: AgentRow | None, seen: Seen, agent_id: str) -> AgentRow | None:
    """The agent's next version, or None where nothing new was seen. What was seen later counts."""
    if known is None:
        return asdict(seen) | {"id": agent_id, "user": None, "version": 1}
    if seen.seen_at < known["seen_at"] or (seen.name, seen.email) == (known["name"], known["email"]):
        return None
    return known | asdict(seen) | {"version": known["version"] + 1}
