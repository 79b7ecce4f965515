"""Files that were sent in, kept as rows; and the rows that did not get in."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

from sqlalchemy import Row, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from records.domain.importing import Rejected
from records.domain.spreadsheets import Table
from records.storage.tables.transfers import rejected_row, upload, upload_part
from shared.errors import NotFound

ROWS = 500
PAGE = 5_000


class UploadNotFound(NotFound):
    pass


async def add(connection: AsyncConnection, upload_id: str, name: str, table: Table) -> int:
    """Keep the file; how many rows it has. Raises what reading it raises."""
    values = {"id": upload_id, "name": name, "columns": table.columns, "rows": 0}
    values |= {"format": table.format, "encoding": table.encoding, "delimiter": table.delimiter}
    await connection.execute(insert(upload).values(values))
    count = 0
    for number in itertools.count():
        rows = await asyncio.to_thread(lambda: list(itertools.islice(table.rows, ROWS)))
        if not rows:
            break
        await connection.execute(insert(upload_part), {"upload_id": upload_id, "number": number, "rows": rows})
        count += len(rows)
    await connection.execute(upload.update().where(upload.c.id == upload_id).values(rows=count))
    return count


async def get(connection: AsyncConnection, upload_id: str) -> Row[Any]:
    """Raises `UploadNotFound`."""
    row = (await connection.execute(select(upload).where(upload.c.id == upload_id))).one_or_none()
    if row is None:
        raise UploadNotFound(f"There is no upload '{upload_id}'.")
    return row


async def part(connection: AsyncConnection, upload_id: str, number: int) -> list[list[str]]:
    found = select(upload_part.c.rows).where(upload_part.c.upload_id == upload_id, upload_part.c.number == number)
    return (await connection.execute(found)).scalar_one_or_none() or []


async def reject(connection: AsyncConnection, job_id: str, rejected: Iterable[tuple[Rejected, Sequence[str]]]) -> None:
    rows = [
        {"job_id": job_id, "row": each.row, "cells": list(cells), "reason": each.reason} for each, cells in rejected
    ]
    if rows:
        await connection.execute(insert(rejected_row), rows)


async def rejected(connection: AsyncConnection, job_id: str) -> AsyncIterator[tuple[Sequence[str], str]]:
    """The rows that did not get in, in their order, each with the reason."""
    after = 0
    while True:
        statement = (
            select(rejected_row)
            .where(rejected_row.c.job_id == job_id, rejected_row.c.row > after)
            .order_by(rejected_row.c.row)
            .limit(PAGE)
        )
        rows = (await connection.execute(statement)).all()
        for row in rows:
            yield row.cells, row.reason
        if len(rows) < PAGE:
            return
        after = rows[-1].row


async def forget_rejected(connection: AsyncConnection, job_id: str) -> None:
    await connection.execute(delete(rejected_row).where(rejected_row.c.job_id == job_id))
