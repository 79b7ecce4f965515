"""Dashboards and their share links."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, insert, select, update

from analytics.domain.dashboard import Dashboard
from analytics.storage.tables import dashboard, dashboard_share
from shared.database import Transaction


@dataclass(frozen=True, slots=True)
class Stored:
    id: str
    owner: str
    version: int
    updated_at: datetime
    dashboard: Dashboard


@dataclass(frozen=True, slots=True)
class Share:
    """``key`` is the id of the API key whose rights the link has."""

    id: str
    dashboard: str
    key: str
    created_by: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


async def every(transaction: Transaction) -> list[Stored]:
    """All of them, by key."""
    return [_stored(row) for row in (await transaction.execute(_whole().order_by(dashboard.c.key))).mappings()]


async def find(transaction: Transaction, key: str, *, lock: bool = False) -> Stored | None:
    statement = _whole().where(dashboard.c.key == key)
    row = (await transaction.execute(statement.with_for_update() if lock else statement)).mappings().one_or_none()
    return _stored(row) if row else None


async def get(transaction: Transaction, dashboard_id: str) -> Stored | None:
    row = (await transaction.execute(_whole().where(dashboard.c.id == dashboard_id))).mappings().one_or_none()
    return _stored(row) if row else None


async def add(transaction: Transaction, dashboard_id: str, new: Dashboard) -> None:
    values = {"id": dashboard_id, "key": new.key, "owner": transaction.actor or "", "created_at": transaction.now}
    await transaction.execute(insert(dashboard).values(**values, **_written(new, 1, transaction.now)))


async def save(transaction: Transaction, dashboard_id: str, changed: Dashboard, version: int) -> None:
    values = _written(changed, version, transaction.now)
    await transaction.execute(update(dashboard).where(dashboard.c.id == dashboard_id).values(values))


async def remove(transaction: Transaction, dashboard_id: str) -> None:
    """With its links."""
    await transaction.execute(delete(dashboard).where(dashboard.c.id == dashboard_id))


async def add_share(transaction: Transaction, share: Share, token_hash: str) -> None:
    values = {name: getattr(share, name) for name in Share.__slots__}
    await transaction.execute(insert(dashboard_share).values(**values, token_hash=token_hash))


async def shares_of(transaction: Transaction, dashboard_id: str) -> list[Share]:
    """The newest first."""
    statement = _shares().where(dashboard_share.c.dashboard == dashboard_id).order_by(dashboard_share.c.id.desc())
    return [Share(**row) for row in (await transaction.execute(statement)).mappings()]


async def revoke_share(transaction: Transaction, share_id: str) -> None:
    gone = {"revoked_at": transaction.now}
    await transaction.execute(update(dashboard_share).where(dashboard_share.c.id == share_id).values(gone))


async def find_share(transaction: Transaction, token_hash: str) -> Share | None:
    statement = _shares().where(dashboard_share.c.token_hash == token_hash)
    row = (await transaction.execute(statement)).mappings().one_or_none()
    return Share(**row) if row else None


def _whole() -> Select[Any]:
    return select(
        dashboard.c.id, dashboard.c.owner, dashboard.c.version, dashboard.c.updated_at, dashboard.c.definition
    )


def _shares() -> Select[Any]:
    return select(*(dashboard_share.c[name] for name in Share.__slots__))


def _stored(row: Mapping[Any, Any]) -> Stored:
    known = {name: row[name] for name in ("id", "owner", "version", "updated_at")}
    return Stored(**known, dashboard=Dashboard.model_validate(row["definition"]))


def _written(each: Dashboard, version: int, now: datetime) -> dict[str, Any]:
    definition = each.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=True)
    return {"definition": definition, "version": version, "updated_at": now}
