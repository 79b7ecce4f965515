"""What people agreed to and withdrew: rows are added, and read."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, Row, insert, literal, select, tuple_
from sqlalchemy.dialects.postgresql import UUID, distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from records.domain.consent import Consent
from records.storage.tables.privacy import consent


async def add(connection: AsyncConnection, new: Sequence[Consent]) -> None:
    if new:
        await connection.execute(insert(consent), [vars(each) for each in new])


async def page(
    connection: AsyncConnection,
    record_id: str,
    fields: Collection[str],
    before: tuple[datetime, str] | None,
    limit: int,
) -> list[Consent]:
    """Of these fields, the newest first."""
    statement = (
        select(consent)
        .where(consent.c.record_id == record_id, consent.c.field.in_(fields))
        .order_by(consent.c.at.desc(), consent.c.id.desc())
        .limit(limit)
    )
    if before:
        place = literal(before[0], DateTime(timezone=True)), literal(before[1], UUID(as_uuid=False))
        statement = statement.where(tuple_(consent.c.at, consent.c.id) < tuple_(*place))
    return [_consent(row) for row in await connection.execute(statement)]


async def newest(connection: AsyncConnection, records: Collection[str]) -> list[Consent]:
    """Of each record, field and option the last word."""
    place = (consent.c.record_id, consent.c.field, consent.c.option)
    statement = select(consent).ext(distinct_on(*place)).where(consent.c.record_id.in_(records))
    rows = await connection.execute(statement.order_by(*place, consent.c.at.desc(), consent.c.id.desc()))
    return [_consent(row) for row in rows]


def _consent(row: Row[Any]) -> Consent:
    return Consent(**row._mapping)  # noqa: SLF001 — SQLAlchemy's public name for it
