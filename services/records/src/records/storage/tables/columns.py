"""What all tables are made of. Ids are uuid in the database and text in Python."""

from typing import Any

from sqlalchemy import Column, DateTime, ForeignKey, MetaData
from sqlalchemy.dialects.postgresql import UUID

metadata = MetaData()


def id_(name: str, *rest: ForeignKey, **options: Any) -> Column[str]:
    return Column(name, UUID(as_uuid=False), *rest, **options)


def moment(name: str, *, nullable: bool = False, **options: Any) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable, **options)
