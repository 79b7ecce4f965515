"""Document templates and documents."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from records.storage.tables.documents import document, document_template

Row = Mapping[str, Any]


async def templates(connection: AsyncConnection) -> list[Row]:
    return [
        {str(name): each for name, each in row.items()}
        for row in (await connection.execute(select(document_template).order_by("key"))).mappings()
    ]


async def template(connection: AsyncConnection, key: str) -> Row | None:
    found = await connection.execute(select(document_template).where(document_template.c.key == key))
    row = found.mappings().one_or_none()
    return {str(name): each for name, each in row.items()} if row else None


async def keep_template(connection: AsyncConnection, row: Row) -> None:
    new = insert(document_template).values(dict(row))
    await connection.execute(new.on_conflict_do_update(index_elements=["key"], set_=dict(row)))


async def remove_template(connection: AsyncConnection, key: str) -> bool:
    return (await connection.execute(delete(document_template).where(document_template.c.key == key))).rowcount == 1


async def add(connection: AsyncConnection, row: Row) -> None:
    await connection.execute(insert(document).values(dict(row)))


async def of_record(connection: AsyncConnection, record_id: str) -> list[Row]:
    """The newest first, without their content."""
    names = [column for column in document.c if column.name != "content"]
    found = select(*names).where(document.c.record_id == record_id).order_by(document.c.at.desc(), document.c.id.desc())
    return [{str(name): each for name, each in row.items()} for row in (await connection.execute(found)).mappings()]


async def find(connection: AsyncConnection, document_id: str) -> Row | None:
    row = (await connection.execute(select(document).where(document.c.id == document_id))).mappings().one_or_none()
    return {str(name): each for name, each in row.items()} if row else None
